"""The roles that use tables, and the alarms that watch them."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from secure_ddb.iam.wildcards import matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.alarm import Alarm
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Replica, Table


class Users:
    """Finds the roles that may use a table, and the alarms that watch it."""

    def __init__(self, assembly: Assembly) -> None:
        """Store the templates."""
        self._assembly = assembly

    def callers(self, table: Table, replica: Replica) -> list[Resource]:
        """Return the roles that policies in the app let use a table in a Region, other than those that serve it."""
        serving = {*self._assembly.audit.roles, *self._assembly.backup.roles}
        arn = table.arn_of(replica)
        names = (arn, f"{arn}/index/*")
        patterns = [*names, *(each for each in self._wide if any(matches(each, name) for name in names))]
        found = dict.fromkeys(role for pattern in patterns for role in self._named.get(pattern, ()))
        return [role for role in found if role not in serving]

    def alarms(self, table: Table) -> list[Alarm]:
        """Return a table's alarms, with those of its whole Region that tell the same topics, such as on user errors."""
        alarms = self._assembly.alarms.all.items()
        own = [alarm for alarm, tables in alarms if table in tables]
        told = {str(action) for alarm in own for action in alarm.actions}
        return [*own, *(alarm for alarm, tables in alarms if not tables and told & set(map(str, alarm.actions)))]

    @cached_property
    def _named(self) -> dict[str, list[Resource]]:
        """Name of a resource in policies, or pattern, to the roles that may do something with it."""
        found: defaultdict[str, list[Resource]] = defaultdict(list)
        for policy in self._assembly.identities.policies:
            roles = self._assembly.identities.roles_of_policy.get((policy.resource, policy.path), ())
            for name in (name for statement in policy.statements for name in _resources(statement)):
                found[name] += roles
        return dict(found)

    @cached_property
    def _wide(self) -> list[str]:
        return [name for name in self._named if ("*" in name or "?" in name) and not name.endswith("/index/*")]


def _resources(statement: Statement) -> Iterator[str]:
    """Yield the resources on which a statement allows actions of DynamoDB."""
    about_tables = any(action.startswith(("dynamodb:", "*")) for action in statement.actions)
    if statement.allows and (about_tables or statement.excludes_actions):
        yield from ("*",) if statement.excludes_resources else statement.resources
