"""Which of many alarms have to be asked about, when they all publish to one topic."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import is_unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.policy import Principal, Statement
    from secure_ddb.landscape.policies import Policy


def by_service(publishers: Iterable[tuple[str, Resource]], policies: Iterable[Policy]) -> dict[str, list[Resource]]:
    """Return who publishes: service to resources that make it do so.

    Where the policies tell no alarm from the other, one of each account and Region speaks for all.
    """
    statements = [statement for policy in policies for statement in policy.statements]
    of_service: defaultdict[str, list[Resource]] = defaultdict(list)
    for service, source in publishers:
        of_service[service].append(source)
    found = {}
    for service, sources in of_service.items():
        apart = any(_tells_apart(statement, service) for statement in statements)
        found[service] = sources if apart else _one_of_each_place(sources)
    return found


def _one_of_each_place(sources: Iterable[Resource]) -> list[Resource]:
    return list({(source.account, source.region): source for source in sources}.values())


def _tells_apart(statement: Statement, service: str) -> bool:
    """Tell whether a statement may be for a service, but only for some of what makes it publish."""
    named = statement.principals
    if named and not statement.excludes_principals and all(_is_another(who, service) for who in named):
        return False
    values = (value for condition in statement.conditions_on("aws:SourceArn") for value in condition.values)
    return not all(value.endswith(":*") for value in values)


def _is_another(who: Principal, service: str) -> bool:
    named = who.kind == "Service" and who.value != "*" and not is_unknown(who.value)
    return named and who.value != f"{service}.amazonaws.com"
