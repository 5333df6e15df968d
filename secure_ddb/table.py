"""`SecureTable`: puts the parts together. What each part is for stands in the part's own file."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from constructs import Construct

from secure_ddb.access.grant_methods import GrantMethods
from secure_ddb.access.granted_table import TableMadeHere, remember
from secure_ddb.access.grants import TableGrants
from secure_ddb.access.other_accounts import CrossAccountAccess
from secure_ddb.audit.construct import AuditTrail
from secure_ddb.audit.trail import ReadTrail
from secure_ddb.backup.backup import Backup
from secure_ddb.classification import DataClassification
from secure_ddb.context import table_context
from secure_ddb.defaults.table_defaults import TableDefaults
from secure_ddb.dynamodb_table import create_table
from secure_ddb.encryption.encryption import Encryption, EncryptionSettings
from secure_ddb.errors import reject
from secure_ddb.imported_table import ImportedTable
from secure_ddb.item_retention import check_item_retention
from secure_ddb.lifecycle import Lifecycle
from secure_ddb.monitoring.alarms import Alarms
from secure_ddb.network.interface import Endpoints
from secure_ddb.not_on_table import not_on_table
from secure_ddb.perimeter.construct import Perimeter
from secure_ddb.replicas.replicas import Replicas
from secure_ddb.replicas.settings import ReplicaSettings, Replication
from secure_ddb.sharing.shared import shared_with
from secure_ddb.table_arguments import TableArguments
from secure_ddb.table_resources import TableResources
from secure_ddb.tags.tag_conflicts import tag_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_dynamodb import (
        Attribute,
        Billing,
        ContributorInsightsSpecification,
        GlobalSecondaryIndexPropsV2,
        LocalSecondaryIndexProps,
        MultiRegionConsistency,
        TableClass,
        TableV2,
        WarmThroughput,
    )
    from aws_cdk.aws_kinesis import IStream
    from aws_cdk.aws_kms import IKey

    from secure_ddb.access.other_accounts import OtherAccounts
    from secure_ddb.audit.settings import AuditSettings
    from secure_ddb.backup.settings import BackupSettings
    from secure_ddb.item_retention import ItemRetention, UnlimitedRetention
    from secure_ddb.monitoring.settings import AlarmSettings
    from secure_ddb.network.interface import TableEndpoints
    from secure_ddb.network.table_network import TableNetwork
    from secure_ddb.part import Part
    from secure_ddb.perimeter.settings import PerimeterSettings
    from secure_ddb.replicas.table import ReplicaTable
    from secure_ddb.sharing.shared import SharedByTables
    from secure_ddb.tags.ownership import Ownership
    from secure_ddb.waivers.waiver import Waiver


class SecureTable(GrantMethods, TableResources, Construct):
    """A DynamoDB table with everything around it that a regulated company asks for.

    Attributes:
        table: The table itself.
        table_name: Its name.
        table_arn: Its ARN.
        index_names: Its global secondary indexes.
        encryption_key: The key that encrypts the table and what belongs to it.
        alarms: The alarms; none where a waiver left them out.
        endpoints: The endpoints through which it is reached.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
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
        other_accounts: OtherAccounts | None = None,
        item_retention: ItemRetention | UnlimitedRetention | None = None,
        sort_key: Attribute | None = None,
        billing: Billing | None = None,
        global_secondary_indexes: Sequence[GlobalSecondaryIndexPropsV2] | None = None,
        local_secondary_indexes: Sequence[LocalSecondaryIndexProps] | None = None,
        time_to_live_attribute: str | None = None,
        table_class: TableClass | None = None,
        warm_throughput: WarmThroughput | None = None,
        table_name: str | None = None,
        contributor_insights_specification: ContributorInsightsSpecification | None = None,
        kinesis_stream: IStream | None = None,
        replicas: Sequence[ReplicaSettings] = (),
        multi_region_consistency: MultiRegionConsistency | None = None,
        witness_region: str | None = None,
    ) -> None:
        """Make the table.

        Args:
            scope: Where to make it.
            id: Construct id; changing it replaces the table.
            partition_key: As of TableV2.
            ownership: Its owner and cost center; without `TableDefaults` it has to be given.
            classification: How sensitive its data is; sets the floor for every setting.
            lifecycle: Whether it outlives its stack.
            network: Subnets of a VPC, whose gateway endpoints are made for its first table.
            endpoints: Instead, what it is reached through, one or several: a `DynamoDbEndpoints`, a
                `Lane` of one, or `ExistingEndpoints`. Tables may share them.
            perimeter: From where and for whom its items are reached, or a waiver. Unless given, what the
                classification demands: RESTRICTED enforces one.
            encryption: Its key; `EncryptionSettings()`, unless given.
            backup: Point-in-time recovery and AWS Backup. Unless given, the shared plan, or else one that depends on
                the classification. A waiver leaves out AWS Backup only.
            audit: The record of its changes, or a waiver. Unless given, the shared one, or else `AuditSettings()`.
            alarms: Its alarms, or a waiver. Unless given, the shared ones, or else `AlarmSettings()`.
            shared_resources: What it uses together with other tables: `SharedResources`, or
                `ExistingSharedResources` of another app. Unless given, everything is its own.
            other_accounts: Roles of other accounts that read or write items. RESTRICTED allows none.
            item_retention: For how long items are kept at most, by `time_to_live_attribute`.
            sort_key: As of TableV2, like all that follow.
            billing: On demand, unless given.
            global_secondary_indexes: Each gets throttle alarms of its own.
            local_secondary_indexes: They need a sort key.
            time_to_live_attribute: The audit trail records expiries as such.
            table_class: Storage class.
            warm_throughput: Throughput that is ready at once.
            table_name: Made of the construct's path and the stack's name, unless given.
            contributor_insights_specification: On, unless given or the classification forbids it.
            kinesis_stream: A further stream of changes.
            replicas: Further Regions, each with its own key, backups and alarms: docs/regions.md.
            multi_region_consistency: Eventual, unless given.
            witness_region: Third Region of a strongly consistent table with one replica.

        Raises:
            InvalidArgumentError: An argument is invalid; the message names it and the allowed values.
        """
        arguments = TableArguments(
            partition_key=partition_key,
            sort_key=sort_key,
            billing=billing,
            global_secondary_indexes=global_secondary_indexes,
            local_secondary_indexes=local_secondary_indexes,
            time_to_live_attribute=time_to_live_attribute,
            table_class=table_class,
            warm_throughput=warm_throughput,
            table_name=table_name,
            contributor_insights_specification=contributor_insights_specification,
            kinesis_stream=kinesis_stream,
        )
        defaults = TableDefaults.of(scope)
        owner = ownership or defaults.ownership
        context = table_context(self, scope, owner, classification, lifecycle, defaults.retention)
        defaults.require_classification(classification)
        arguments = defaults.with_name(arguments, context, id)
        arguments.check(classification, context.evidence)
        check_item_retention(context, item_retention, time_to_live_attribute, defaults.longest_item_retention)
        replication = Replication(
            replicas=replicas, consistency=multi_region_consistency, witness_region=witness_region
        )
        replicas_part = Replicas(context, arguments, replication)
        shared = shared_with(context, shared_resources or defaults.shared_resources, arguments.table_name)
        # Each part checks its settings before anything is made, so that nothing is left half made.
        encryption_part = Encryption(context, encryption or defaults.encryption or EncryptionSettings())
        backup_part = Backup(context, backup or defaults.backup, shared.plan)
        audit_part = AuditTrail(context, audit or defaults.audit, shared.recorder)
        alarms_part = Alarms(context, alarms or defaults.alarms, shared.alarms)
        endpoints_part = Endpoints(context, endpoints, network, defaults.network)
        others_part = CrossAccountAccess(context, other_accounts, arguments)
        perimeter_part = Perimeter(context, perimeter or defaults.perimeter, endpoints_part, audit_part, others_part)
        trail_part = ReadTrail(context, audit_part, perimeter_part)
        # In the order of their statements in the key's policy.
        parts: tuple[Part, ...] = (
            audit_part,
            backup_part,
            alarms_part,
            trail_part,
            others_part,
            endpoints_part,
            replicas_part.lag,
        )
        audit_part.load_code()

        super().__init__(scope, id)

        key = encryption_part.provide_key(parts)
        replica_keys = replicas_part.make_keys(
            rotation_period=encryption_part.rotation_period,
            backup=backup or defaults.backup,
            alarms=alarms or defaults.alarms,
            perimeter=perimeter or defaults.perimeter,
            other_accounts=other_accounts,
            audit=audit_part,
            audit_settings=audit or defaults.audit,
        )
        table = create_table(
            context,
            arguments,
            key,
            recovery_period_in_days=backup_part.recovery_period_in_days,
            policy=perimeter_part.table_policy(backup_part.make_role()),
            stream_policy=perimeter_part.stream_policy(audit_part.make_role()),
            replica_keys=replica_keys,
            replication=replicas_part.properties(),
        )
        for part in parts:
            part.make(table)
        self._replicas = replicas_part.make(table)
        self._watch = alarms_part.watch(table, parts)
        self._backup, self._audit, self._trails = backup_part.plan, audit_part.made, (audit_part, trail_part)
        made = TableMadeHere(
            table=table,
            evidence=context.evidence,
            perimeter=perimeter_part,
            is_recoverable=backup_part.recovery_period_in_days is not None,
            classification=classification,
            audit=audit_part,
        )
        remember(self, made)
        self._grants = TableGrants.on(made, arguments.key_schema)
        self.table, self.table_name, self.table_arn = cast("TableV2", table.resource), table.name, table.arn
        self.encryption_key, self.index_names = table.key.key, tuple(table.index_names)
        self.alarms = self._watch.alarms if self._watch else ()
        self.endpoints = endpoints_part.given
        tag_table(context)
        context.evidence.state_on(self.table)

    @staticmethod
    def from_attributes(
        scope: Construct,
        id: str,
        *,
        table_name: str,
        encryption_key: IKey,
        partition_key: Attribute,
        sort_key: Attribute | None = None,
        global_secondary_indexes: Sequence[GlobalSecondaryIndexPropsV2] | None = None,
        local_secondary_indexes: Sequence[LocalSecondaryIndexProps] | None = None,
        stream_arn: str | None = None,
        account: str | None = None,
    ) -> ImportedTable:
        """Return a table of another stack, app or account of this Region, to grant roles of this stack access to it.

        Nothing checks that it is as described: a wrong key or index is an `AccessDeniedException` at run time.

        Args:
            scope: Where the roles are.
            id: Construct id.
            table_name: Its name.
            encryption_key: The key itself, for example by `Key.from_key_arn`.
            partition_key: As of the table, like all that follow; narrow grants go by these.
            sort_key: Its sort key.
            global_secondary_indexes: Grants name these and no others.
            local_secondary_indexes: Likewise.
            stream_arn: Needed for `grant_stream_read` only.
            account: The account that it is in, unless it is the stack's. Its table has to name the roles, too:
                `SecureTable(other_accounts=...)`.

        Raises:
            InvalidArgumentError: An argument is invalid; the message names it and the allowed values.
        """
        return ImportedTable(
            scope,
            id,
            table_name=table_name,
            encryption_key=encryption_key,
            partition_key=partition_key,
            sort_key=sort_key,
            global_secondary_indexes=global_secondary_indexes,
            local_secondary_indexes=local_secondary_indexes,
            stream_arn=stream_arn,
            account=account,
        )

    def replica(self, region: str) -> ReplicaTable:
        """Return the table in a further Region, to grant roles there access to it.

        Raises:
            InvalidArgumentError: There is no replica in that Region.
        """
        if region not in self._replicas:
            reject("region", region, ", ".join(self._replicas) or "none: the table has no replicas")
        return self._replicas[region]

    if not TYPE_CHECKING:  # or type checkers would accept any name

        def __getattr__(self, name: str) -> object:
            """Name the replacement of a TableV2 attribute; read a property that raised an error again, to raise it."""
            if (why := not_on_table(name)) and not hasattr(type(self), name):
                raise AttributeError(why, name=name, obj=self)
            return object.__getattribute__(self, name)
