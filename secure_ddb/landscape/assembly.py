"""All templates of a synth with everything that rules ask about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from secure_ddb.cloudformation.templates import Templates
from secure_ddb.landscape.alarms import Alarms
from secure_ddb.landscape.archive import Archive
from secure_ddb.landscape.audit import Audit
from secure_ddb.landscape.audit_policies import AuditAccess
from secure_ddb.landscape.backup import Backup
from secure_ddb.landscape.backup_jobs import BackupJobs
from secure_ddb.landscape.config_rules import ConfigRules
from secure_ddb.landscape.dashboards import Dashboards
from secure_ddb.landscape.functions import Functions
from secure_ddb.landscape.identities import Identities
from secure_ddb.landscape.item_copies import ItemCopies
from secure_ddb.landscape.management_trails import ManagementTrails
from secure_ddb.landscape.network import Network
from secure_ddb.landscape.policies import Policies
from secure_ddb.landscape.reporting import Reporting
from secure_ddb.landscape.responses import Responses
from secure_ddb.landscape.restore_tests import RestoreTests
from secure_ddb.landscape.schedules import Schedules
from secure_ddb.landscape.tables import Tables, TablesByResource, key_named_by, merged, tables_by_resource
from secure_ddb.landscape.trails import Trails
from secure_ddb.waivers.stated_waiver import StatedWaiver, parse_waiver

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from secure_ddb.cloudformation.template import Template
    from secure_ddb.landscape.policies import Policy
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

    @cached_property
    def waiver(self) -> StatedWaiver:
        """The reason, with its approver and last day if the text has them."""
        return parse_waiver(self.reason)

    @property
    def of_our_rules(self) -> bool:
        """Whether it names a rule of this library, or tries to."""
        return "SecureDdb" in self.id


class Assembly(Templates):
    """The templates of a synth.

    Attributes:
        acknowledged: Acknowledgements in CDK; for other packs, only those that expire.
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
        """Store templates and their known metadata."""
        super().__init__(templates)
        self.tables = Tables(self)
        self.policies = Policies(self)
        self.functions = Functions(self)
        self.identities = Identities(self, self.policies)
        self.network = Network(self)
        self.trails = Trails(self, self.tables)
        self.management_trails = ManagementTrails(self)
        self.reporting = Reporting(self)
        self.config_rules = ConfigRules(self)
        self.schedules = Schedules(self, self.functions)
        self.backup = Backup(self, self.tables)
        self.backup_jobs = BackupJobs(self, self.backup)
        self.restore_tests = RestoreTests(self, self.tables)
        self.audit = Audit(self, self.tables, self.functions)
        self.audit_access = AuditAccess(self, self.policies, self.functions, self.audit)
        self.archive = Archive(self, self.audit)
        self.responses = Responses(self, self.tables, self.functions, self.identities, self.policies)
        self.item_copies = ItemCopies(self, self.tables, self.functions, self.identities, self.audit)
        self.alarms = Alarms(self, self.tables, self.audit, self.archive, self.backup_jobs)
        self.dashboards = Dashboards(self, self.tables)
        self.acknowledged = acknowledged
        self.paths = paths or {}
        self.today = today or datetime.now(UTC).date()

    def with_templates(self, templates: Iterable[Template]) -> Assembly:
        """Return other templates of the same synth."""
        return Assembly(templates, acknowledged=self.acknowledged, paths=self.paths, today=self.today)

    @cached_property
    def carriers(self) -> TablesByResource:
        """Each topic, bucket or queue that carries alarms, items, or records of changes to them."""
        return merged(
            self.alarms.topics,
            self.audit.failure_destinations,
            self.archive.buckets,
            self.trails.buckets,
            self.item_copies.buckets,
        )

    @cached_property
    def all_keys(self) -> TablesByResource:
        """Each key in the templates that tables, or what belongs to them, are encrypted with."""
        encrypted = merged(
            self.carriers, self.audit.log_groups, self.backup.vaults, self.archive.delivery_streams, self.trails.all
        )
        others = tables_by_resource(
            (self.find_key(key_named_by(resource), resource), tables) for resource, tables in encrypted.items()
        )
        return merged(self.tables.keys, self.audit.digest_keys, others)

    @cached_property
    def table_policies(self) -> list[tuple[Policy, list[Table]]]:
        """The policies of tables, and of every resource that serves them, each with the tables."""
        of_tables = [
            (self.policies.at(table.resource, path), [table])
            for table, replica in self.tables.replicas
            for path in (replica.policy_path, replica.stream_policy_path)
        ]
        serving = merged(
            self.all_keys, self.backup.vaults, self.carriers, self.audit.change_streams, self.audit.change_consumers
        )
        others = [(policy, tables) for each, tables in serving.items() for policy in self.policies.on(each)]
        return [
            (policy, tables)
            for policy, tables in (*of_tables, *others, *self.audit_access.policies)
            if policy.document is not None
        ]

    @cached_property
    def taggable_resources(self) -> TablesByResource:
        """Each resource that serves tables and can have tags."""
        alarms = {alarm.resource: tables for alarm, tables in self.alarms.all.items()}
        readers = tables_by_resource((reader, [table]) for table, reader, _ in self.audit.all_consumers)
        return merged(
            self.all_keys,
            self.backup.plans,
            self.backup.vaults,
            self.backup.roles,
            self.backup_jobs.event_rules,
            self.audit.functions,
            readers,
            self.audit.roles,
            self.audit.log_groups,
            self.archive.roles,
            self.archive.delivery_streams,
            self.archive.error_logs,
            self.trails.all,
            self.audit.change_streams,
            self.carriers,
            self.dashboards.tables,
            alarms,
        )
