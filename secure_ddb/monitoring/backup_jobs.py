"""Backup jobs that fail or never start reach the alarm topic (BAK-2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.monitoring.measure import Measure
from secure_ddb.notice import Notice, make_notice_rule
from secure_ddb.waivers.accepted_findings import BACKUP_RULE_FINDINGS

if TYPE_CHECKING:
    from secure_ddb.context import TableContext

# The states in which a job ends without a recovery point.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
_STATES = ["ABORTED", "EXPIRED", "FAILED"]
_DAY = 24 * 60 * 60


def notify_of_failed_jobs(context: TableContext, jobs: dict[str, list[str]], topic_arn: str) -> None:
    """Send each failed, aborted or expired backup job to the topic.

    Not by the metrics of AWS Backup, which tell vaults apart, and not tables. An event names the table.

    Args:
        context: The table's, or that of shared resources.
        jobs: Which jobs: a field of their events to its values.
        topic_arn: The topic's.
    """
    notice = Notice(
        happened="A backup of a DynamoDB table failed, was aborted or expired.",
        pattern=failed_jobs(jobs),
        lines=(
            "What: <state> for <table> in vault <vault>",
            "Why: <reason>",
            "Job: <job>",
            "What to do: Fix the cause, and start the job again on demand: the latest recovery point is older.",
        ),
        paths={
            "state": "$.detail.state",
            "table": "$.detail.resourceArn",
            "vault": "$.detail.backupVaultName",
            "reason": "$.detail.statusMessage",
            "job": "$.detail.backupJobId",
        },
    )
    make_notice_rule(context.scope, "BackupJobFailed", notice, topic_arn, accepted=BACKUP_RULE_FINDINGS)


def failed_jobs(jobs: dict[str, list[str]]) -> dict[str, Any]:
    """Return the pattern of the events."""
    return {
        "source": ["aws.backup"],
        "detail-type": ["Backup Job State Change"],
        "detail": {**jobs, "state": _STATES},
    }


def missing_daily_backup(vault_name: str) -> Measure:
    """Return the measures of daily backups in a vault of the table's own.

    The plan starts a job each day at 05:00 UTC, within 8 hours. Two days without one mean that a job was never started,
    for which there is no event: AWS Backup is switched off for DynamoDB in the account, or the selection is gone.
    """
    return _missing_backup(vault_name, "for two days", period=_DAY, periods=2)


def missing_weekly_backup(vault_name: str) -> Measure:
    """Return the measures of weekly backups in a vault of the table's own.

    An alarm looks back seven days at most. The last seven days are sometimes empty, because one job starts earlier
    than the next; a week of the calendar has a Sunday, on which the job runs.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    return _missing_backup(vault_name, "in the last calendar week", period=7 * _DAY, periods=1, is_calendar=True)


def _missing_backup(vault_name: str, when: str, *, period: int, periods: int, is_calendar: bool = False) -> Measure:
    """Return the measure. https://docs.aws.amazon.com/aws-backup/latest/devguide/cloudwatch.html ."""
    return Measure(
        name="BackupMissing",
        description=(
            f"No backup of this table completed {when}. Check the jobs in AWS Backup, then the service opt-in for "
            "DynamoDB. A new table is in this state until its first backup."
        ),
        namespace="AWS/Backup",
        metric="NumberOfBackupJobsCompleted",
        dimensions={"BackupVaultName": vault_name},
        threshold=1,
        comparison="LessThanThreshold",
        missing_data="breaching",
        period=period,
        periods=periods,
        periods_to_alarm=periods,
        is_calendar=is_calendar,
    )
