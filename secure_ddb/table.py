"""`SecureTable`: puts the parts together. What each part is for stands in the part's own file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.aws_dynamodb import TableV2
from constructs import Construct

from secure_ddb.access import TableGrants
from secure_ddb.audit.construct import AuditTrail
from secure_ddb.audit.trail import ReadTrail
from secure_ddb.backup import Backup
from secure_ddb.classification import DataClassification
from secure_ddb.context import table_context
from secure_ddb.dynamodb_table import create_table
from secure_ddb.encryption import Encryption, EncryptionSettings
from secure_ddb.errors import require_made, require_type
from secure_ddb.identity_provider_mfa import IdentityProviderMfa
from secure_ddb.lifecycle import Lifecycle
from secure_ddb.monitoring.alarms import Alarms
from secure_ddb.network.interface import Endpoints
from secure_ddb.perimeter.construct import Perimeter
from secure_ddb.sharing.shared import shared_with
from secure_ddb.table_arguments import TableArguments
from secure_ddb.table_defaults import TableDefaults
from secure_ddb.tag_conflicts import tag_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_backup import IBackupPlan, IBackupVault
    from aws_cdk.aws_dynamodb import (
        Attribute,
        Billing,
        ContributorInsightsSpecification,
        GlobalSecondaryIndexPropsV2,
        LocalSecondaryIndexProps,
        TableClass,
        WarmThroughput,
    )
    from aws_cdk.aws_iam import Grant, IGrantable
    from aws_cdk.aws_kinesis import IStream
    from aws_cdk.aws_lambda import IFunction
    from aws_cdk.aws_logs import LogGroup
    from aws_cdk.aws_s3 import IBucket
    from aws_cdk.aws_sns import ITopic

    from secure_ddb.audit.settings import AuditSettings
    from secure_ddb.backup_settings import BackupSettings
    from secure_ddb.leading_keys import LeadingKeys
    from secure_ddb.monitoring.settings import AlarmSettings
    from secure_ddb.network.interface import TableEndpoints
    from secure_ddb.network.table_network import TableNetwork
    from secure_ddb.ownership import Ownership
    from secure_ddb.part import Part
    from secure_ddb.perimeter.settings import PerimeterSettings
    from secure_ddb.sharing.shared import SharedByTables
    from secure_ddb.waiver import Waiver


class SecureTable(Construct):
    """A DynamoDB table with everything around it that a regulated company asks for.

    Attributes:
        table: The table itself.
        table_name: Its name.
        table_arn: Its ARN.
        encryption_key: The key that encrypts the table and what belongs to it.
        alarms: The alarms; none where a waiver left them out.
        endpoints: What it is reached through.
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
    ) -> None:
        """Make the table.

        Args:
            scope: Where to make it.
            id: Construct id; changing it replaces the table.
            partition_key: As of TableV2.
            ownership: Who answers and pays for it; without `TableDefaults` it has to be given.
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

        Raises:
            InvalidArgumentError: An argument cannot be accepted; the message names it and what is allowed.
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
        context = table_context(self, scope, ownership or defaults.ownership, classification, lifecycle)
        defaults.require_classification(classification)
        arguments.check(classification, context.evidence)
        shared = shared_with(context, shared_resources or defaults.shared_resources, table_name)
        # Each part checks its settings before anything is made, so that nothing is left half made.
        encryption_part = Encryption(context, encryption or defaults.encryption or EncryptionSettings())
        backup_part = Backup(context, backup or defaults.backup, shared.plan)
        audit_part = AuditTrail(context, audit or defaults.audit, shared.recorder)
        alarms_part = Alarms(context, alarms or defaults.alarms, shared.topic)
        endpoints_part = Endpoints(context, endpoints, network, defaults.network)
        perimeter_part = Perimeter(context, perimeter or defaults.perimeter, endpoints_part, audit_part)
        # In the order of their statements in the key's policy.
        parts: tuple[Part, ...] = (
            audit_part,
            backup_part,
            alarms_part,
            ReadTrail(context, audit_part, perimeter_part),
            endpoints_part,
        )
        audit_part.load_code()

        super().__init__(scope, id)

        table = create_table(
            context,
            arguments,
            encryption_part.provide_key(parts),
            recovery_period_in_days=backup_part.recovery_period_in_days,
            policy=perimeter_part.table_policy(backup_part.make_role()),
            stream_policy=perimeter_part.stream_policy(audit_part.make_role()),
        )
        for part in parts:
            part.make(table)
        self._watch = alarms_part.watch(table, parts)
        self._backup, self._audit, self._evidence = backup_part.plan, audit_part.made, context.evidence
        self._grants = TableGrants.on(table, arguments.key_schema, context.environment)
        self.table, self.table_name, self.table_arn = table.resource, table.name, table.arn
        self.encryption_key = table.key.key
        self.alarms = self._watch.alarms if self._watch else ()
        self.endpoints = endpoints_part.given
        tag_table(context)
        context.evidence.state_on(self.table)

    @property
    def backup_vault(self) -> IBackupVault:
        """The vault that holds the recovery points. Raises `NotCreatedError` where there is none."""
        return require_made(require_made(self._backup, "backup_vault").vault, "backup_vault")

    @property
    def backup_plan(self) -> IBackupPlan:
        """The plan that makes the recovery points. Raises `NotCreatedError` where there is none."""
        return require_made(self._backup, "backup_plan").plan

    @property
    def audit_function(self) -> IFunction:
        """The function that records changes. Raises `NotCreatedError` where there is none."""
        return require_made(self._audit, "audit_function").function

    @property
    def audit_log_group(self) -> LogGroup:
        """The log group that holds the records. Raises `NotCreatedError` where there is none."""
        return require_made(self._audit, "audit_log_group").log_group

    @property
    def audit_failure_bucket(self) -> IBucket:
        """The bucket of changes that could not be logged. Raises `NotCreatedError` where there is none."""
        return require_made(self._audit, "audit_failure_bucket").failure_bucket

    @property
    def audit_archive_bucket(self) -> IBucket:
        """The bucket that holds the archive of the records. Raises `NotCreatedError` where there is none."""
        audit = require_made(self._audit, "audit_archive_bucket")
        return require_made(audit.archive, "audit_archive_bucket").bucket

    @property
    def alarm_topic(self) -> ITopic:
        """The topic that carries the alarms. Raises `NotCreatedError` where there is none."""
        return require_made(self._watch, "alarm_topic").topic.topic

    def grant_read_data(
        self, grantee: IGrantable, *, attributes: Sequence[str] | None = None, leading_keys: LeadingKeys | None = None
    ) -> Grant:
        """Let a role read items, with the key's use through DynamoDB for this table. Several grants add up.

        Args:
            grantee: A role, what has a role, or a policy for roles only; never an IAM user or group (CS-5).
            attributes: Limit to these attributes, which requests then have to list, and the table's key attributes.
                No scans, no condition checks; of the indexes those whose key attributes are all among them.
            leading_keys: Limit to items with these partition keys. No scans; of the indexes those with the table's
                partition key.

        Raises:
            InvalidArgumentError: The grantee is none of these, is of another account, or CDK would leave the grant
                out of the template (`mutable=False`, `without_policy_updates()`); or an argument cannot be right.

        Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
        """
        return self._grants.read_data(grantee, attributes, leading_keys)

    def grant_write_data(
        self, grantee: IGrantable, *, attributes: Sequence[str] | None = None, leading_keys: LeadingKeys | None = None
    ) -> Grant:
        """Let a role write items; all else as in `grant_read_data`.

        With `attributes` it may only update items, for other writes replace or delete them as a whole. An update
        makes an item that is not there yet.
        """
        return self._grants.write_data(grantee, attributes, leading_keys)

    def grant_read_write_data(
        self, grantee: IGrantable, *, attributes: Sequence[str] | None = None, leading_keys: LeadingKeys | None = None
    ) -> Grant:
        """Let a role do what `grant_read_data` and `grant_write_data` allow with the same arguments."""
        return self._grants.read_write_data(grantee, attributes, leading_keys)

    def grant_control_plane(self, grantee: IGrantable, *, mfa: IdentityProviderMfa | None = None) -> Grant:
        """Let a role manage the table in sessions with MFA (CS-10), and deny it the items, whatever else allows them.

        Not for the deployment role: it has no MFA. docs/decisions/control-plane-grant.md says which sessions have.

        Args:
            grantee: As in `grant_read_data`.
            mfa: For people who sign in through an identity provider, whose sessions never show MFA: the provider, and
                who states that it asks for MFA. Only its sessions can then manage the table.

        Raises:
            InvalidArgumentError: The grantee is not one of those that `grant_read_data` takes, no session of `mfa` can
                have it, or it has a grant with another `mfa` on this table: two of them deny each other's sessions.

        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
        """
        if mfa is not None:
            require_type("mfa", mfa, IdentityProviderMfa)
        grant = self._grants.control_plane(grantee, mfa)
        if mfa is not None:
            mfa.record(self._evidence)
            self._evidence.state_on(self.table)
        return grant

    if not TYPE_CHECKING:  # or type checkers would accept any name

        def __getattr__(self, name: str) -> object:
            """Say where attributes of TableV2 are. A property that raised an error is asked again, to raise it."""
            if hasattr(TableV2, name) and not hasattr(type(self), name):
                raise AttributeError(f"SecureTable has no {name!r}; its `table` has", name=name, obj=self)
            return object.__getattribute__(self, name)
