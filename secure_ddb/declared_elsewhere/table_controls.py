"""`TableControls`: the controls of `SecureTable` around a table that stays declared elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsii
from aws_cdk import IStableAnyProducer, Lazy, Stack
from constructs import Construct

from secure_ddb.access.grant_methods import GrantMethods
from secure_ddb.access.granted_table import TableMadeHere
from secure_ddb.access.grants import TableGrants
from secure_ddb.access.other_accounts import CrossAccountAccess
from secure_ddb.audit.construct import AuditTrail
from secure_ddb.audit.trail import ReadTrail
from secure_ddb.backup.backup import Backup
from secure_ddb.backup.settings import BackupSettings
from secure_ddb.classification import DataClassification
from secure_ddb.context import table_context
from secure_ddb.declared_elsewhere.declared_table import DeclaredTable
from secure_ddb.declared_elsewhere.owner_policies import hand_over
from secure_ddb.defaults.table_defaults import TableDefaults
from secure_ddb.encryption.encryption import Encryption, EncryptionSettings
from secure_ddb.encryption.table_key import KeyPolicy
from secure_ddb.errors import reject
from secure_ddb.lifecycle import Lifecycle
from secure_ddb.monitoring.alarms import Alarms
from secure_ddb.network.interface import Endpoints
from secure_ddb.perimeter.construct import Perimeter
from secure_ddb.sharing.shared import shared_with
from secure_ddb.table_arguments import TableArguments
from secure_ddb.table_evidence import CONTROLS_KEY
from secure_ddb.table_resources import TableResources
from secure_ddb.tags.tag_conflicts import tag_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from aws_cdk.aws_dynamodb import Attribute, GlobalSecondaryIndexPropsV2, ITableV2, LocalSecondaryIndexProps

    from secure_ddb.audit.settings import AuditSettings
    from secure_ddb.context import TableContext
    from secure_ddb.dynamodb_table import MadeTable
    from secure_ddb.monitoring.settings import AlarmSettings
    from secure_ddb.network.interface import TableEndpoints
    from secure_ddb.network.table_network import TableNetwork
    from secure_ddb.part import Part
    from secure_ddb.perimeter.settings import PerimeterSettings
    from secure_ddb.sharing.shared import SharedByTables
    from secure_ddb.tags.ownership import Ownership
    from secure_ddb.waivers.waiver import Waiver


class TableControls(GrantMethods, TableResources, Construct):
    """Alarms, audit trail, backups, endpoints, perimeter and grants of a table that stays declared elsewhere.

    Of a `TableV2` in its own stack it extends the policies. Of any other table they are offered for its owner to put on
    it, and the evidence calls them not verifiable. docs/declared-elsewhere.md lists the owner's tasks.

    Attributes:
        table: The table.
        table_name: Its name.
        table_arn: Its ARN.
        index_names: Its global secondary indexes.
        encryption_key: The key of the resources around the table; the table's own, if none of them needs one.
        alarms: The alarms; none where a waiver left them out.
        endpoints: The endpoints through which the table is reached.
        table_policy: Statements that the table's policy has, or has to get.
        stream_policy: Statements that the policy of its stream has, or has to get.
        key_policy: Statements that the policy of its key has, or has to get.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        table: ITableV2,
        partition_key: Attribute,
        ownership: Ownership | None = None,
        classification: DataClassification = DataClassification.CONFIDENTIAL,
        lifecycle: Lifecycle = Lifecycle.retained(),
        network: TableNetwork | None = None,
        endpoints: TableEndpoints | Sequence[TableEndpoints] | None = None,
        perimeter: PerimeterSettings | Waiver | None = None,
        encryption: EncryptionSettings | None = None,
        backup: BackupSettings | Waiver | None = None,
        audit: AuditSettings | Waiver | None = None,
        alarms: AlarmSettings | Waiver | None = None,
        shared_resources: SharedByTables | None = None,
        sort_key: Attribute | None = None,
        global_secondary_indexes: Sequence[GlobalSecondaryIndexPropsV2] | None = None,
        local_secondary_indexes: Sequence[LocalSecondaryIndexProps] | None = None,
    ) -> None:
        """Create the resources around the table.

        Args:
            scope: Where to make it: in the Region and account of the table, if possible in its stack.
            id: Construct id.
            table: A `TableV2`, or one imported with its `encryption_key` and `table_stream_arn`. It has one Region.
            partition_key: As the table has it; narrow grants go by the keys. Nothing compares them with the table.
            ownership: As of `SecureTable`, like all up to `shared_resources`.
            classification: How sensitive its data is; sets the floor for every setting.
            lifecycle: Whether the created resources outlive their stack.
            network: Subnets of a VPC. With `network` or `endpoints` the table's name has to be known at synth.
            endpoints: The endpoints through which it is reached.
            perimeter: From where and for whom its items are reached, or a waiver.
            encryption: The key of the created resources. It may be the table's own: `EncryptionSettings(key=...)`.
            backup: AWS Backup, or a waiver. Point-in-time recovery is the table's own.
            audit: The record of its changes, or a waiver, which a table without a stream needs.
            alarms: Its alarms, or a waiver.
            shared_resources: What it uses together with other tables. With all of it, no key is made.
            sort_key: As the table has it.
            global_secondary_indexes: Likewise. Each gets throttle alarms of its own, and grants name these.
            local_secondary_indexes: Likewise.

        Raises:
            InvalidArgumentError: An argument is invalid; the message names it and the allowed values.
        """
        defaults = TableDefaults.of(scope)
        owner = ownership or defaults.ownership
        context = table_context(self, scope, owner, classification, lifecycle, defaults.retention)
        defaults.require_classification(classification)
        if classification in (defaults.longest_item_retention or ()):
            context.evidence.not_verifiable.append("for how long items are kept: the table is declared elsewhere")
        declared = DeclaredTable.check(context, table)
        arguments = TableArguments.of_existing(
            declared.name, partition_key, sort_key, global_secondary_indexes, local_secondary_indexes
        )
        _check_recovery(backup)
        if endpoints or network or defaults.network:
            declared.require_name("endpoints")
        shared = shared_with(context, shared_resources or defaults.shared_resources, declared.name)
        # As in SecureTable, each part checks its settings before anything is made.
        backup_part = Backup(context, backup or defaults.backup, shared.plan)
        audit_part = AuditTrail(context, audit or defaults.audit, shared.recorder)
        alarms_part = Alarms(context, alarms or defaults.alarms, shared.alarms)
        endpoints_part = Endpoints(context, endpoints, network, defaults.network)
        others_part = CrossAccountAccess(context, None, arguments)
        perimeter_part = Perimeter(context, perimeter or defaults.perimeter, endpoints_part, audit_part, others_part)
        trail_part = ReadTrail(context, audit_part, perimeter_part)
        if not audit_part.is_waived:
            declared.require_stream(context.environment.region)
        # A shared audit function needs the key of the table; all else, a key of its own.
        needing_key: tuple[Part, ...] = (
            (backup_part, alarms_part) if audit_part.is_shared else (audit_part, backup_part, alarms_part)
        )
        encryption_part = _encryption(context, encryption, defaults.encryption, needing_key)
        parts: tuple[Part, ...] = (audit_part, backup_part, alarms_part, trail_part, endpoints_part)
        audit_part.load_code()

        super().__init__(scope, id)

        context.evidence.controls = self.node.path
        key = encryption_part.provide_key((*needing_key, trail_part)) if encryption_part else None
        surrounded = declared.as_made(context, key, arguments)
        policies = hand_over(
            context,
            declared,
            perimeter_part.table_policy(backup_part.make_role()),
            perimeter_part.stream_statements(audit_part.make_role()),
            audit_part.key_statements(KeyPolicy(environment=context.environment)) if audit_part.is_shared else [],
            is_recorded=not audit_part.is_waived,
        )
        for part in parts:
            part.make(surrounded)
        self._watch = alarms_part.watch(surrounded, parts)
        self._backup, self._audit, self._trails = backup_part.plan, audit_part.made, (audit_part, trail_part)
        granted = TableMadeHere(
            table=surrounded,
            evidence=context.evidence,
            perimeter=perimeter_part,
            is_recoverable=True,
            classification=classification,
        )
        self._grants = TableGrants.on(granted, arguments.key_schema)
        self.table, self.table_name, self.table_arn = table, surrounded.name, surrounded.arn
        self.encryption_key, self.index_names = surrounded.key.key, tuple(surrounded.index_names)
        self.alarms = self._watch.alarms if self._watch else ()
        self.endpoints = endpoints_part.given
        self.table_policy, self.stream_policy, self.key_policy = policies.table, policies.stream, policies.key
        tag_table(context)
        if declared.is_of_app:
            context.evidence.state_on(table)
        else:
            declared.record_import(context)
            statement = _Statement(declared.name, context, surrounded)
            Stack.of(self).add_metadata(f"{CONTROLS_KEY}/{self.node.path}", Lazy.any(statement))


@jsii.implements(IStableAnyProducer)
class _Statement:
    """The evidence of a table that is in no template of the app, written out at synth, after all grants."""

    def __init__(self, name: str, context: TableContext, table: MadeTable) -> None:
        self._name = name
        self._context = context
        self._table = table

    def produce(self) -> Any:  # noqa: ANN401 - the type of jsii's interface
        classification, evidence = self._context.classification.value, self._context.evidence
        return {
            "table": self._name,
            "stream": self._table.resource.table_stream_arn,
            "key": self._table.key_arns[0],
            "indexes": list(self._table.index_names),
            "classification": classification,
            **evidence.as_metadata(),
        }


def _check_recovery(backup: BackupSettings | Waiver | None) -> None:
    default = BackupSettings.recovery_period_in_days
    if isinstance(backup, BackupSettings) and backup.recovery_period_in_days != default:
        allowed = f"{default}, the default: point-in-time recovery is where the table is declared"
        reject("backup.recovery_period_in_days", backup.recovery_period_in_days, allowed)


def _encryption(
    context: TableContext, given: EncryptionSettings | None, default: EncryptionSettings | None, parts: Sequence[Part]
) -> Encryption | None:
    """Return the part that makes the key; None if no part needs one."""
    policy = KeyPolicy(environment=context.environment)
    if any(part.key_statements(policy) for part in parts):
        return Encryption(context, given or default or EncryptionSettings())
    if given is not None:
        reject("encryption", given, "None: nothing is made that needs a key, because it is shared or waived")
    return None
