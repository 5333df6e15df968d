"""`SharedResources`: made once by a platform team, and used by many tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from constructs import Construct

from secure_ddb.audit.construct import AuditTrail, recorder_measures
from secure_ddb.audit.reads import TableTrail
from secure_ddb.audit.settings import AuditSettings
from secure_ddb.audit.streams import Streams
from secure_ddb.classification import DataClassification
from secure_ddb.context import table_context
from secure_ddb.encryption import Encryption, EncryptionSettings
from secure_ddb.errors import NotCreatedError, reject
from secure_ddb.lifecycle import Lifecycle
from secure_ddb.monitoring.alarms import Alarms, raise_alarms
from secure_ddb.monitoring.metrics import tables_measures
from secure_ddb.monitoring.settings import AlarmSettings
from secure_ddb.sharing.shared import Shared
from secure_ddb.table_arguments import require_table_name
from secure_ddb.table_evidence import TableEvidence
from secure_ddb.tag_conflicts import tag_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_cloudwatch import CfnAlarm
    from aws_cdk.aws_kms import IKey
    from aws_cdk.aws_lambda import IFunction
    from aws_cdk.aws_logs import LogGroup
    from aws_cdk.aws_s3 import IBucket
    from aws_cdk.aws_sns import ITopic

    from secure_ddb.audit.recorder import MadeRecorder
    from secure_ddb.context import TableContext
    from secure_ddb.ownership import Ownership

Made = TypeVar("Made")


class SharedResources(Construct):
    """The audit function, alarm topic, alarms and backup plan of many tables of an account and Region.

    A table that is given them makes its own key, and what only one table can have. docs/sharing.md says what sharing
    changes.

    Attributes:
        encryption_key: The key of log group, failure bucket, topic and vault. The tables have their own.
        alarms: The alarms on all tables of the account and Region, and on the audit function.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        ownership: Ownership,
        classification: DataClassification = DataClassification.CONFIDENTIAL,
        lifecycle: Lifecycle = Lifecycle.retained(),
        encryption: EncryptionSettings = EncryptionSettings(),
        audit: AuditSettings | None = AuditSettings(),
        alarms: AlarmSettings | None = AlarmSettings(),
        tables_of_other_apps: Sequence[str] = (),
    ) -> None:
        """Make the shared resources.

        Args:
            scope: Where to make them.
            id: Construct id; changing it replaces them.
            ownership: Who answers and pays for them.
            classification: The most sensitive data of the tables that use them; sets the floor for every setting.
            lifecycle: Whether they outlive their stack.
            encryption: Their key.
            audit: The audit function. None if each table is to have its own.
            alarms: The topic, and the alarms on all tables. None if each table is to have its own.
            tables_of_other_apps: Names of tables of other apps that use the audit function, of this account and Region.

        Raises:
            InvalidArgumentError: An argument cannot be accepted; the message names it and what is allowed.
        """
        context = table_context(self, scope, ownership, classification, lifecycle)
        encryption_part = Encryption(context, encryption)
        audit_part = _audit_part(context, audit)
        alarms_part = Alarms(_separate(context), alarms) if alarms is not None else None
        other_tables = _arns(context, tables_of_other_apps, has_audit=audit_part is not None)
        if audit_part is not None:
            audit_part.load_code()

        super().__init__(scope, id)

        if audit_part is not None:
            audit_part.make_role()
        key = encryption_part.provide_key([part for part in (audit_part, alarms_part) if part is not None])
        self._recorder: MadeRecorder | None = None
        if audit_part is not None:
            streams = Streams(beginning=context.environment.arn("dynamodb", "table/"))
            self._recorder = audit_part.make_recorder(key, streams, also=other_tables)
        self._topic = alarms_part.make_topic(key.arn) if alarms_part is not None else None
        self.alarms: tuple[CfnAlarm, ...] = ()
        if alarms is not None and self._topic is not None:
            measures = [*tables_measures(alarms.latency_milliseconds)]
            if self._recorder is not None:
                measures += recorder_measures(self._recorder, alarms)
            self.alarms = raise_alarms(context, measures, self._topic.arn)
        self.encryption_key: IKey = key.key
        self.shared = Shared(
            path=self.node.path,
            classification=classification,
            region=context.environment.region,
            is_ephemeral=lifecycle.is_ephemeral,
            recorder=self._recorder,
            topic=self._topic,
        )
        tag_table(context)

    @property
    def audit_function(self) -> IFunction:
        """The function that records changes. Raises `NotCreatedError` where there is none."""
        return _made(self._recorder, "audit_function").function

    @property
    def audit_log_group(self) -> LogGroup:
        """The log group that holds the records. Raises `NotCreatedError` where there is none."""
        return _made(self._recorder, "audit_log_group").log_group

    @property
    def audit_failure_bucket(self) -> IBucket:
        """The bucket of changes that could not be logged. Raises `NotCreatedError` where there is none."""
        return _made(self._recorder, "audit_failure_bucket").failure_bucket

    @property
    def audit_archive_bucket(self) -> IBucket:
        """The bucket that holds the archive of the records. Raises `NotCreatedError` where there is none."""
        archive = _made(self._recorder, "audit_archive_bucket").archive
        return _made(archive, "audit_archive_bucket").bucket

    @property
    def alarm_topic(self) -> ITopic:
        """The topic that carries the alarms. Raises `NotCreatedError` where there is none."""
        return _made(self._topic, "alarm_topic").topic


def _audit_part(context: TableContext, settings: AuditSettings | None) -> AuditTrail | None:
    if settings is None:
        return None
    part = AuditTrail(_separate(context), settings)
    if isinstance(part.reads, TableTrail):
        reject("audit.reads", part.reads, "OrganizationTrail or None: a TableTrail is of one table")
    return part


def _arns(context: TableContext, names: Sequence[str], *, has_audit: bool) -> list[str]:
    """Return the ARNs of tables that are given by their names."""
    if names and not has_audit:
        reject("tables_of_other_apps", names, "none where audit is None")
    for position, name in enumerate(names):
        require_table_name(f"tables_of_other_apps[{position}]", name)
    return [context.environment.arn("dynamodb", f"table/{name}") for name in names]


def _separate(context: TableContext) -> TableContext:
    """Return the context with evidence of its own, for the tables that use this part."""
    return replace(context, evidence=TableEvidence())


def _made(part: Made | None, name: str) -> Made:
    if part is None:
        raise NotCreatedError(f"{name} does not exist: its argument is None, or the classification demands none")
    return part
