"""Steps that back up the table, and delete the backups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from examples.sandbox.connection import CannotContinueError
from examples.sandbox.report import Observation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from examples.sandbox.connection import Aws
    from examples.sandbox.sandbox import Sandbox

_JOB_MINUTES = 60
_DELETE_MINUTES = 30
_ENDED = ("ABORTED", "COMPLETED", "EXPIRED", "FAILED", "PARTIAL")


def table_is_backed_up(sandbox: Sandbox) -> Iterator[Observation]:
    """Start a backup job with the role that the library gives to AWS Backup, and look at its recovery point."""
    client = sandbox.aws.client("backup")
    started = client.start_backup_job(
        BackupVaultName=sandbox.outputs["VaultName"],
        ResourceArn=sandbox.outputs["TableArn"],
        IamRoleArn=sandbox.outputs["BackupRoleArn"],
        Lifecycle={"DeleteAfterDays": 1},
    )

    def ended() -> dict[str, Any] | None:
        job: dict[str, Any] = client.describe_backup_job(BackupJobId=started["BackupJobId"])
        return job if job["State"] in _ENDED else None

    job = sandbox.aws.until(ended, _JOB_MINUTES) or {"State": "not ended after 60 minutes"}
    is_complete = job["State"] == "COMPLETED"
    yield Observation(
        "AWS Backup backs the table up with the library's role",
        is_complete,
        " ".join([job["State"], job.get("StatusMessage", "")]).strip(),
    )
    if not is_complete:
        return
    point = client.describe_recovery_point(
        BackupVaultName=sandbox.outputs["VaultName"], RecoveryPointArn=job["RecoveryPointArn"]
    )
    advanced = client.describe_region_settings().get("ResourceTypeManagementPreference", {}).get("DynamoDB", False)
    yield Observation(
        "The recovery point is encrypted with the vault's key",
        point.get("EncryptionKeyArn") == sandbox.outputs["KeyArn"],
        f"{point.get('EncryptionKeyArn')}; advanced features for DynamoDB are {'on' if advanced else 'off'}",
    )


def empty_vault(aws: Aws, vault: str) -> None:
    """Wait for running jobs and delete the recovery points, without which the vault cannot be deleted.

    Raises:
        CannotContinueError: Something is still in it.
    """
    client = aws.client("backup")
    if not aws.until(lambda: not _running(client, vault), _JOB_MINUTES):
        raise CannotContinueError("a backup job is still running")
    for point in _points(client, vault):
        client.delete_recovery_point(BackupVaultName=vault, RecoveryPointArn=point)
    if not aws.until(lambda: not _points(client, vault), _DELETE_MINUTES):
        raise CannotContinueError(f"it still holds {', '.join(_points(client, vault))}")


def no_backup_is_left(aws: Aws, table: str) -> Iterator[Observation]:
    """Look for the system backup that DynamoDB makes when a table with PITR is deleted."""
    left = aws.client("dynamodb").list_backups(TableName=table, BackupType="ALL")["BackupSummaries"]
    names = ", ".join(backup["BackupName"] for backup in left)
    yield Observation("Deleting the ephemeral table leaves no backup", not left, names)


def _running(client: Any, vault: str) -> bool:
    jobs = [
        job
        for page in client.get_paginator("list_backup_jobs").paginate(ByBackupVaultName=vault)
        for job in page["BackupJobs"]
    ]
    return any(job["State"] not in _ENDED for job in jobs)


def _points(client: Any, vault: str) -> list[str]:
    pages = client.get_paginator("list_recovery_points_by_backup_vault").paginate(BackupVaultName=vault)
    return [point["RecoveryPointArn"] for page in pages for point in page["RecoveryPoints"]]
