"""`SharedResources`: made once by a platform team, and used by many tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from constructs import Construct

from secure_ddb.audit.construct import AuditTrail, recorder_measures
from secure_ddb.audit.reads import TableTrail
from secure_ddb.audit.settings import AuditSettings
from secure_ddb.audit.streams import Streams
from secure_ddb.backup.backup import Backup
from secure_ddb.backup.settings import BackupSettings
from secure_ddb.classification import DataClassification
from secure_ddb.context import table_context
from secure_ddb.detection.audit_calls import AuditNames
from secure_ddb.detection.construct import Detection
from secure_ddb.detection.settings import DetectionSettings
from secure_ddb.encryption.encryption import Encryption, EncryptionSettings
from secure_ddb.errors import reject, require_made, require_type
from secure_ddb.lifecycle import Lifecycle
from secure_ddb.monitoring.alarms import Alarms, raise_alarms
from secure_ddb.monitoring.backup_jobs import notify_of_failed_jobs
from secure_ddb.monitoring.health import make_health_alarm
from secure_ddb.monitoring.metrics import tables_measures
from secure_ddb.monitoring.settings import AlarmSettings
from secure_ddb.monitoring.shared_alarms import SharedAlarms
from secure_ddb.people.audit_grant import grant_audit
from secure_ddb.sharing.shared import Shared
from secure_ddb.table_arguments import require_table_name
from secure_ddb.table_evidence import TableEvidence
from secure_ddb.tags.tag_conflicts import tag_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_backup import IBackupPlan, IBackupVault
    from aws_cdk.aws_events import CfnRule
    from aws_cdk.aws_iam import Grant, IGrantable
    from aws_cdk.aws_lambda import IFunction
    from aws_cdk.aws_logs import LogGroup
    from aws_cdk.aws_s3 import IBucket
    from aws_cdk.aws_sns import ITopic

    from secure_ddb.context import TableContext
    from secure_ddb.tags.ownership import Ownership


class SharedResources(Construct):
    """The audit function, backup plan, alarms and alarm topic of many tables of an account and Region.

    A table that is given them makes its own key, and what only one table can have. docs/sharing.md says what sharing
    changes.

    Attributes:
        encryption_key: The key of log group, failure bucket, vault and topic. The tables have their own.
        alarms: The alarms on all tables of the account and Region, and on the audit function.
        health_alarm: The composite alarm on those; None unless `AlarmSettings(health=True)` asks for it.
        detection_rules: The EventBridge rules that report what happens to tables; none without detection.
        shared: What tables use of them.
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
        backup: BackupSettings | None = None,
        audit: AuditSettings = AuditSettings(),
        alarms: AlarmSettings = AlarmSettings(),
        detection: DetectionSettings | None = DetectionSettings(),
        tables_of_other_apps: Sequence[str] | Mapping[str, AuditSettings | None] = (),
    ) -> None:
        """Make the shared resources.

        Args:
            scope: Where to make them.
            id: Construct id; changing it replaces them.
            ownership: Their owner and cost center.
            classification: The most sensitive data of the tables that use them; sets the floor for every setting.
            lifecycle: Whether they outlive their stack.
            encryption: Their key.
            backup: The backup plan. Unless given, it depends on the classification.
            audit: The audit function.
            alarms: The topic, and the alarms on all tables.
            detection: Detection for the account and Region, see docs/detection.md. None if it is set up elsewhere,
                such as by an account baseline.
            tables_of_other_apps: Names of tables of other apps that use the audit function, of this account and Region;
                as a dictionary, with settings of their own for their lines.

        Raises:
            InvalidArgumentError: An argument is invalid; the message names it and the allowed values.
        """
        context = table_context(self, scope, ownership, classification, lifecycle)
        _check_types(audit, alarms, backup, detection)
        encryption_part = Encryption(context, encryption)
        # The evidence of a table includes that of the parts that it uses.
        audit_part = AuditTrail(_with_own_evidence(context), audit)
        backup_part = Backup(_with_own_evidence(context), backup)
        alarms_part = Alarms(_with_own_evidence(context), alarms)
        for position, (name, settings) in enumerate(_settings_of(tables_of_other_apps).items()):
            require_table_name(f"tables_of_other_apps[{position}]", name)
            if settings is not None:
                require_type(f"tables_of_other_apps[{name!r}]", settings, AuditSettings)
                settings.check_on_shared(_with_own_evidence(context), audit)
        audit_part.load_code()

        super().__init__(scope, id)

        audit_part.make_role()
        detected = _with_own_evidence(context)
        detection_part = Detection(detected, detection)
        key = encryption_part.provide_key((audit_part, backup_part, alarms_part, detection_part))
        tables = context.environment.arn("dynamodb", "table/")
        others = _settings_of(tables_of_other_apps)
        self._recorder = require_made(
            audit_part.make_recorder(key, Streams(beginning=tables), also=others), "audit_function"
        )
        self._plan = backup_part.make_plan(key)
        self._topic = require_made(alarms_part.make_topic(key.arn), "alarm_topic")
        detection_part.make_shared(
            key, self._topic, audit=self._audit_names(), audit_alias_arn=self._recorder.alias_arn
        )
        measures = [
            *tables_measures(alarms.latency_milliseconds, alarms.bulk_milliseconds(classification)),
            *recorder_measures(self._recorder, alarms),
            *backup_part.vault_measures(),
            *detection_part.watched,
        ]
        self.alarms = raise_alarms(context, measures, self._topic.arn, alarms)
        self.health_alarm = make_health_alarm(context, self.alarms) if alarms.health else None
        self.detection_rules: tuple[CfnRule, ...] = detection_part.rules
        if detection is None and self._plan is not None:
            notify_of_failed_jobs(context, {"backupVaultName": [self.backup_vault.backup_vault_name]}, self._topic.arn)
        self.encryption_key = key.key
        self.shared = Shared(
            path=self.node.path,
            classification=classification,
            region=context.environment.region,
            is_ephemeral=lifecycle.is_ephemeral,
            recorder=self._recorder,
            alarms=SharedAlarms(
                topic=self._topic, settings=alarms, health_name=self.health_alarm.ref if self.health_alarm else ""
            ),
            plan=self._plan,
            detection=detected.evidence,
        )
        tag_table(context)

    def _audit_names(self) -> AuditNames:
        return AuditNames(function=self._recorder.function_name, log_group=self.audit_log_group.log_group_name)

    @property
    def backup_vault(self) -> IBackupVault:
        """The vault that holds the recovery points. Raises `NotCreatedError` if there is none."""
        return require_made(require_made(self._plan, "backup_vault").vault, "backup_vault")

    @property
    def backup_plan(self) -> IBackupPlan:
        """The plan of the latest hundred tables. Raises `NotCreatedError` if there is none."""
        return require_made(self._plan, "backup_plan").plan

    @property
    def audit_function(self) -> IFunction:
        """The function that records changes."""
        return self._recorder.function

    @property
    def audit_log_group(self) -> LogGroup:
        """The log group that holds the records."""
        return self._recorder.log_group

    @property
    def audit_failure_bucket(self) -> IBucket:
        """The bucket of changes that could not be logged."""
        return self._recorder.failure_bucket

    @property
    def audit_archive_bucket(self) -> IBucket:
        """The bucket that holds the archive of the records. Raises `NotCreatedError` if there is none."""
        return require_made(self._recorder.archive, "audit_archive_bucket").bucket

    @property
    def alarm_topic(self) -> ITopic:
        """The topic that carries the alarms."""
        return self._topic.topic

    def grant_audit(self, grantee: IGrantable) -> Grant:
        """Let a role read the audit trail of all tables that share it: log and archive. It reads no items.

        Of changes that could not be logged it sees that there are any. docs/people.md says what else is in clear.

        Args:
            grantee: As in `SecureTable.grant_read_data`.

        Raises:
            InvalidArgumentError: As `SecureTable.grant_read_data`.
        """
        return grant_audit(grantee, self._recorder)


def _check_types(
    audit: AuditSettings, alarms: AlarmSettings, backup: BackupSettings | None, detection: DetectionSettings | None
) -> None:
    require_type("audit", audit, AuditSettings)
    require_type("alarms", alarms, AlarmSettings)
    if backup is not None:
        require_type("backup", backup, BackupSettings, "BackupSettings or None")
    if detection is not None:
        require_type("detection", detection, DetectionSettings, "DetectionSettings or None")
    if isinstance(audit.reads, TableTrail):
        reject("audit.reads", audit.reads, "OrganizationTrail or None: a TableTrail is of one table")
    if audit.digest_regions:
        allowed = "none: a shared audit function gives each table digests of its own"
        reject("audit.digest_regions", list(audit.digest_regions), allowed)
    if audit.own_function:
        reject("audit.own_function", True, "False: this is for a table that is given shared resources")


def _settings_of(
    tables: Sequence[str] | Mapping[str, AuditSettings | None],
) -> Mapping[str, AuditSettings | None]:
    return tables if isinstance(tables, Mapping) else dict.fromkeys(tables)


def _with_own_evidence(context: TableContext) -> TableContext:
    return replace(context, evidence=TableEvidence())
