"""All templates of a synth with everything that rules ask about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from secure_ddb.landscape.alarms import AlarmRelations
from secure_ddb.landscape.audit_policies import AuditPolicyRelations
from secure_ddb.landscape.identities import IdentityRelations
from secure_ddb.landscape.network import NetworkRelations
from secure_ddb.landscape.tables import Policy, Serving, key_named_by, merged, serving
from secure_ddb.landscape.trails import TrailRelations

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from secure_ddb.cloudformation.template import Template
    from secure_ddb.landscape.table import Table


@dataclass(frozen=True, kw_only=True)
class Acknowledged:
    """A finding that was acknowledged in CDK.

    Attributes:
        construct: Path of the construct on which it was.
        id: Such as `SecureDdb::SecureDdb-ENC1`, or of another pack.
        reason: Why.
    """

    construct: str
    id: str
    reason: str

    @property
    def of_our_rules(self) -> bool:
        """Whether it names a rule of this library, or tries to."""
        return "SecureDdb" in self.id


class Assembly(AlarmRelations, AuditPolicyRelations, IdentityRelations, NetworkRelations, TrailRelations):
    """The templates of a synth.

    Attributes:
        acknowledged: What was acknowledged in CDK, of other packs only what has an end.
        paths: Template's file and logical id to the construct's path, as far as they are known.
        today: The day on which waivers must still hold.
    """

    def __init__(
        self,
        templates: Iterable[Template],
        *,
        acknowledged: Sequence[Acknowledged] = (),
        paths: dict[tuple[str, str], str] | None = None,
        today: date | None = None,
    ) -> None:
        """Take templates and what is known beside them."""
        super().__init__(templates)
        self.acknowledged = acknowledged
        self.paths = paths or {}
        self.today = today or datetime.now(UTC).date()

    def with_templates(self, templates: Iterable[Template]) -> Assembly:
        """Return other templates of the same synth."""
        return Assembly(templates, acknowledged=self.acknowledged, paths=self.paths, today=self.today)

    @cached_property
    def carriers(self) -> Serving:
        """Each topic, bucket or queue that carries alarms, items, or records of what was done to them."""
        return merged(self.alarm_topics, self.failure_destinations, self.archives, self.trail_buckets)

    @cached_property
    def all_keys(self) -> Serving:
        """Each key in the templates that tables, or what belongs to them, are encrypted with."""
        encrypted = merged(self.carriers, self.log_groups, self.vaults, self.delivery_streams, self.trails)
        others = serving(
            (self.find_key(key_named_by(resource), resource), tables) for resource, tables in encrypted.items()
        )
        return merged(self.keys, self.digest_keys, others)

    @cached_property
    def table_policies(self) -> list[tuple[Policy, list[Table]]]:
        """The policies of tables, and of every resource that serves them, each with the tables."""
        of_tables = [
            (self.policy(table.resource, *path.split(".")[1:]), [table])
            for table, replica in self.replicas
            for path in (replica.policy_path, replica.stream_policy_path)
        ]
        serving = merged(self.all_keys, self.vaults, self.carriers, self.change_streams, self.change_consumers)
        others = [(policy, tables) for each, tables in serving.items() for policy in self.resource_policies(each)]
        return [
            (policy, tables)
            for policy, tables in (*of_tables, *others, *self.audit_policies)
            if policy.document is not None
        ]

    @cached_property
    def belongings(self) -> Serving:
        """Each resource that serves tables and can have tags."""
        alarms = {alarm.resource: tables for alarm, tables in self.alarms.items()}
        readers = serving((reader, [table]) for table, reader in self.audit_consumers.items())
        return merged(
            self.all_keys,
            self.plans,
            self.vaults,
            self.backup_roles,
            self.backup_event_rules,
            self.audit_functions,
            readers,
            self.audit_roles,
            self.log_groups,
            self.archive_roles,
            self.delivery_streams,
            self.error_logs,
            self.trails,
            self.change_streams,
            self.carriers,
            alarms,
        )
