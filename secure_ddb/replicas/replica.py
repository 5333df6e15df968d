"""One replica: its key, backups and alarms in its Region, and its properties in the table's template."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_dynamodb import PointInTimeRecoverySpecification, ReplicaTableProps
from aws_cdk.aws_iam import PolicyDocument
from constructs import Construct

from secure_ddb.access.other_accounts import CrossAccountAccess
from secure_ddb.access.service_roles import service_role_arn
from secure_ddb.audit.construct import AuditTrail
from secure_ddb.audit.settings import AuditSettings
from secure_ddb.backup.backup import Backup
from secure_ddb.backup.settings import BackupSettings
from secure_ddb.context import stack_environment
from secure_ddb.dynamodb_table import table_name_of
from secure_ddb.encryption.encryption import Encryption, EncryptionSettings
from secure_ddb.encryption.key_alias import key_alias
from secure_ddb.errors import reject
from secure_ddb.monitoring.alarms import Alarms
from secure_ddb.monitoring.settings import AlarmSettings
from secure_ddb.network.interface import Endpoints
from secure_ddb.perimeter.construct import Perimeter
from secure_ddb.replicas.floor import check_floor
from secure_ddb.replicas.lag import ReplicationLag
from secure_ddb.replicas.stack import replica_stack
from secure_ddb.replicas.table import ReplicaTable
from secure_ddb.sharing.shared import shared_with
from secure_ddb.table_evidence import Guarantee, TableEvidence
from secure_ddb.tags.tag_conflicts import tag_table
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import Duration

    from secure_ddb.access.other_accounts import OtherAccounts
    from secure_ddb.context import TableContext
    from secure_ddb.dynamodb_table import MadeTable
    from secure_ddb.encryption.table_key import TableKey
    from secure_ddb.part import Part
    from secure_ddb.perimeter.settings import PerimeterSettings
    from secure_ddb.replicas.settings import ReplicaSettings
    from secure_ddb.sharing.shared import Shared
    from secure_ddb.table_arguments import TableArguments
    from secure_ddb.waivers.waiver import Waiver

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_LONGEST_ROLE_NAME = 64


@dataclass(frozen=True, kw_only=True)
class OfTable:
    """Settings that a replica takes over from its table.

    Attributes:
        context: The table's.
        arguments: Its arguments, with the name that is known at synth.
        regions: All Regions that it is in.
        rotation_period: Of its key.
        backup: Its backups, or the waiver; None for the default.
        alarms: Its alarms, or the waiver; None for the default.
        perimeter: Its perimeter, or the waiver; None for the classification's default.
        other_accounts: Roles of other accounts.
        audit: Its audit trail.
        audit_settings: Its audit settings.
        is_strong: Whether all Regions are strongly consistent.
    """

    context: TableContext
    arguments: TableArguments
    regions: Sequence[str]
    rotation_period: Duration
    backup: BackupSettings | Waiver | None
    alarms: AlarmSettings | Waiver | None
    perimeter: PerimeterSettings | Waiver | None
    other_accounts: OtherAccounts | None
    audit: AuditTrail
    audit_settings: AuditSettings | Waiver | None
    is_strong: bool


class Replica:
    """The table in one further Region."""

    def __init__(self, table: OfTable, settings: ReplicaSettings) -> None:
        """Check the settings against those of the table."""
        self.region = settings.region
        self._table = table
        self._settings = settings
        stack = replica_stack(table.context.outer_scope, settings.region)
        scope = Construct(stack, table.context.unique_id)
        self.context = context = replace(
            table.context,
            scope=scope,
            outer_scope=stack,
            environment=stack_environment(stack),
            evidence=TableEvidence(),
        )
        check_floor(context, settings)
        shared = shared_with(context, settings.shared_resources, table.arguments.table_name)
        self._encryption = Encryption(
            context,
            EncryptionSettings(key=settings.encryption_key)
            if settings.encryption_key is not None
            else EncryptionSettings(rotation_period=table.rotation_period),
        )
        self._backup = Backup(context, settings.backup or _of_any_region(table.backup), shared.plan)
        self._alarms = Alarms(context, settings.alarms or _without_topic(table.alarms), shared.alarms)
        self._endpoints = Endpoints(context, settings.endpoints, settings.network, None)
        self._others = CrossAccountAccess(context, table.other_accounts, table.arguments)
        # Its policies are in the table's stack.
        guarded = replace(context, scope=table.context.scope)
        self._perimeter = Perimeter(guarded, table.perimeter, self._endpoints, table.audit, self._others)
        self._audit = self._audit_trail(shared)
        self._refuse_unknown_endpoints()
        others = [] if table.is_strong else [each for each in table.regions if each != self.region]
        self._parts: tuple[Part, ...] = (
            *([self._audit] if self._audit else []),
            self._backup,
            self._alarms,
            self._others,
            self._endpoints,
            ReplicationLag(others),
        )
        self._key: TableKey | None = None

    def _audit_trail(self, shared: Shared) -> AuditTrail | None:
        """Return the record of changes here, if the stream is known. A trail of reads is the table's own only."""
        stream, given = self._settings.stream_arn, self._table.audit_settings
        if stream is None:
            if (key := self._settings.digest_key_arn) is not None:
                reject(f"replicas[{self.region}].digest_key_arn", key, "None without stream_arn")
            self.context.evidence.not_verifiable.append(
                "that changes are recorded if the table's own Region is lost: no stream_arn names the stream here"
            )
            return None
        name = self._table.arguments.table_name
        if f"table/{name}/" not in stream:
            reject(f"replicas[{self.region}].stream_arn", stream, f"that of the table {name}")
        primary = self._primary_digest_key()
        if isinstance(given, AuditSettings):
            given = replace(given, reads=None, digest_regions=())
        part = AuditTrail(self.context, given, shared.recorder, primary)
        if part.recorder is not None and is_token(part.recorder.role_arn) and self._perimeter.denies:
            reject(
                f"replicas[{self.region}].shared_resources",
                "made in the app",
                "None or ExistingSharedResources: the table enforces a perimeter, and the stream's policy in this "
                "stack cannot refer to a role of another Region",
            )
        part.load_code()
        return part

    def _primary_digest_key(self) -> str:
        arn, given = self._settings.digest_key_arn, self._table.audit_settings
        if arn is None:
            return ""
        name, own = f"replicas[{self.region}].digest_key_arn", self._table.context.environment.region
        if not isinstance(given, AuditSettings) or self.region not in given.digest_regions:
            reject(name, arn, f"None, unless AuditSettings.digest_regions of the table names {self.region}")
        if arn.split(":")[3] != own:
            reject(name, arn, f"that of the table's own Region, {own}")
        return arn

    def _refuse_unknown_endpoints(self) -> None:
        unknown = [each for each in self._endpoints.data_plane_ids if is_token(each)]
        if unknown and self._perimeter.denies:
            reject(
                f"replicas[{self.region}].endpoints",
                "made in the app",
                "ExistingEndpoints with ids that are known at synth: the table enforces a perimeter, and its policy in "
                "this stack cannot refer to endpoints of another Region",
            )

    def make_key(self) -> str:
        """Make the key, or adopt the existing one, and return its ARN for the table's template."""
        self._key = self._encryption.provide_key(self._parts)
        if self._settings.encryption_key is not None:
            return self._key.arn
        # By its alias, whose name is known at synth: a template cannot refer to a key of another Region.
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-dynamodb-globaltable-replicassespecification.html
        alias = key_alias(self.context.environment, self.context.unique_id)
        return self._here("kms", alias)

    def _here(self, service: str, resource: str) -> str:
        """Return an ARN of this Region for the template of the table."""
        return replace(self._table.context.environment, region=self.region).arn(service, resource)

    def properties(self) -> ReplicaTableProps:
        """Return the replica's properties for the table."""
        settings, context = self._settings, self.context
        days = self._backup.recovery_period_in_days
        optional: dict[str, Any] = {
            name: value
            for name in (
                "contributor_insights_specification",
                "kinesis_stream",
                "table_class",
                "read_capacity",
                "max_read_request_units",
                "global_secondary_index_options",
            )
            if (value := getattr(settings, name)) is not None
        }
        return ReplicaTableProps(
            region=self.region,
            deletion_protection=not context.lifecycle.is_ephemeral,
            point_in_time_recovery_specification=PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=days is not None, recovery_period_in_days=days
            ),
            **self._policies(),
            **optional,
        )

    def _policies(self) -> dict[str, Any]:
        backup_role = self._backup.make_role(self._role_name("Backup"))
        audit_role_arn = self._audit.make_role(self._role_name("Audit")) if self._audit else None
        waiver = self._settings.without_policies
        if waiver is not None:
            waiver.require_policy(self.context.outer_scope)
            self.context.evidence.waive(Guarantee.TRANSIT, waiver)
            if self._perimeter.denies:
                self.context.evidence.waive(Guarantee.PERIMETER, waiver)
            return {}
        arn = service_role_arn(self._table.context.environment, self._role_name("Backup")) if backup_role else None
        return {
            "resource_policy": PolicyDocument.from_json(self._perimeter.table_policy(arn)),
            "stream_resource_policy": self._perimeter.stream_policy(audit_role_arn),
        }

    def _role_name(self, purpose: str) -> str:
        """Return the name of a service role, which the policies in the table's stack cannot refer to."""
        return f"{self.context.regional_name(_LONGEST_ROLE_NAME - len(purpose), purpose)}{purpose}"

    def make(self, table: MadeTable) -> ReplicaTable:
        """Create the replica's resources in its own Region. None of them refers to the table's stack."""
        name = table_name_of(self.context, self._table.arguments)
        arn = self.context.environment.arn("dynamodb", f"table/{name}")
        here = replace(
            table,
            name=name,
            arn=arn,
            literal_arn=arn,
            key=self._key or table.key,
            stack_environment=self.context.environment,
            known_stream_arn=self._settings.stream_arn or "",
        )
        for part in self._parts:
            part.make(here)
        watch = self._alarms.watch(here, self._parts)
        tag_table(self.context)
        evidence = self._table.context.evidence
        evidence.include_replica(self.region, self.context.evidence)
        return ReplicaTable(
            here,
            self._table.arguments.key_schema,
            self._perimeter,
            evidence,
            watch,
            stream_arn=self._settings.stream_arn,
            is_recoverable=self._backup.recovery_period_in_days is not None,
            classification=self.context.classification,
        )


def _of_any_region(backup: BackupSettings | Waiver | None) -> BackupSettings | Waiver | None:
    if isinstance(backup, BackupSettings) and (backup.vault is not None or backup.copies):
        return replace(backup, vault=None, copies=())
    return backup


def _without_topic(alarms: AlarmSettings | Waiver | None) -> AlarmSettings | Waiver | None:
    return replace(alarms, topic=None) if isinstance(alarms, AlarmSettings) else alarms
