"""The resources around a table, as its construct shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.errors import require_made
from secure_ddb.people.audit_grant import grant_audit_of_table

if TYPE_CHECKING:
    from aws_cdk.aws_backup import IBackupPlan, IBackupVault
    from aws_cdk.aws_cloudwatch import CfnCompositeAlarm
    from aws_cdk.aws_iam import Grant, IGrantable
    from aws_cdk.aws_lambda import IFunction
    from aws_cdk.aws_logs import LogGroup
    from aws_cdk.aws_s3 import IBucket
    from aws_cdk.aws_sns import ITopic

    from secure_ddb.audit.construct import AuditTrail
    from secure_ddb.audit.recorder import MadeRecorder
    from secure_ddb.audit.trail import ReadTrail
    from secure_ddb.backup.backup import Plan
    from secure_ddb.monitoring.alarms import TableAlarms


class TableResources:
    """What `SecureTable` and `TableControls` make around a table."""

    _backup: Plan | None
    _audit: MadeRecorder | None
    _trails: tuple[AuditTrail, ReadTrail]
    _watch: TableAlarms | None

    @property
    def backup_vault(self) -> IBackupVault:
        """The vault that holds the recovery points. Raises `NotCreatedError` if there is none."""
        return require_made(require_made(self._backup, "backup_vault").vault, "backup_vault")

    @property
    def backup_plan(self) -> IBackupPlan:
        """The plan that creates the recovery points. Raises `NotCreatedError` if there is none."""
        return require_made(self._backup, "backup_plan").plan

    @property
    def audit_function(self) -> IFunction:
        """The function that records changes. Raises `NotCreatedError` if there is none."""
        return require_made(self._audit, "audit_function").function

    @property
    def audit_role_arn(self) -> str:
        """ARN of the role that reads the stream for the audit trail. Raises `NotCreatedError` if there is none."""
        return require_made(self._trails[0].recorder, "audit_role_arn").role_arn

    @property
    def audit_log_group(self) -> LogGroup:
        """The log group that holds the records. Raises `NotCreatedError` if there is none."""
        return require_made(self._audit, "audit_log_group").log_group

    @property
    def audit_failure_bucket(self) -> IBucket:
        """The bucket of changes that could not be logged. Raises `NotCreatedError` if there is none."""
        return require_made(self._audit, "audit_failure_bucket").failure_bucket

    @property
    def audit_archive_bucket(self) -> IBucket:
        """The bucket that holds the archive of the records. Raises `NotCreatedError` if there is none."""
        audit = require_made(self._audit, "audit_archive_bucket")
        return require_made(audit.archive, "audit_archive_bucket").bucket

    @property
    def alarm_topic(self) -> ITopic:
        """The topic that carries the alarms. Raises `NotCreatedError` if there is none."""
        return require_made(self._watch, "alarm_topic").topic.topic

    @property
    def health_alarm(self) -> CfnCompositeAlarm:
        """The composite alarm of `AlarmSettings(health=True)`. Raises `NotCreatedError` if there is none."""
        return require_made(require_made(self._watch, "health_alarm").health, "health_alarm")

    def grant_audit(self, grantee: IGrantable) -> Grant:
        """Let a role, as in `grant_read_data`, read the table's audit trail, without items: docs/people.md says how.

        Raises:
            InvalidArgumentError: As `grant_read_data`; or the audit function is shared, and its log has lines of other
                tables: `SharedResources.grant_audit` grants that.
            NotCreatedError: The table has no audit trail.
        """
        return grant_audit_of_table(grantee, *self._trails)
