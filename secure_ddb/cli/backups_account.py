"""AWS Backup's data on a table. Loads boto3, so the command imports it only when it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boto3 import Session  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from datetime import datetime

# Of a recovery point that can be restored. https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RecoveryPointByResource.html
_WHOLE = ("AVAILABLE", "COMPLETED")


@dataclass(frozen=True, kw_only=True)
class RestoreTest:
    """The last restore of a table by a restore test.

    Attributes:
        completed: When it was completed; None while it runs.
        status: Of the restore job.
        validation: The result of the validation, or empty.
        message: The validation's message.
    """

    completed: datetime | None
    status: str
    validation: str
    message: str


@dataclass(frozen=True, kw_only=True)
class TableBackups:
    """The backups of a table.

    Attributes:
        table: Its name.
        region: Where it is.
        newest: Vault to the newest recovery point in it that can be restored.
        points: How many there are.
        test: The last restore test; None if there was none that AWS Backup still lists.
    """

    table: str
    region: str
    newest: dict[str, datetime]
    points: int
    test: RestoreTest | None


def read_backups(tables: tuple[str, ...], region: str | None, profile: str | None) -> list[TableBackups]:
    """Ask AWS Backup about tables of the account and Region."""
    session = Session(region_name=region, profile_name=profile)
    dynamodb, backup = session.client("dynamodb"), session.client("backup")
    return [_of_table(name, dynamodb, backup) for name in tables]


def _of_table(name: str, dynamodb: Any, backup: Any) -> TableBackups:  # noqa: ANN401 - boto3 has no types
    arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
    pages = backup.get_paginator("list_recovery_points_by_resource").paginate(ResourceArn=arn)
    points = [point for page in pages for point in page["RecoveryPoints"] if point["Status"] in _WHOLE]
    newest: dict[str, datetime] = {}
    for point in points:
        vault, created = point["BackupVaultName"], point["CreationDate"]
        newest[vault] = max(created, newest.get(vault, created))
    region = arn.split(":")[3]
    return TableBackups(table=name, region=region, newest=newest, points=len(points), test=_last_test(arn, backup))


def _last_test(arn: str, backup: Any) -> RestoreTest | None:  # noqa: ANN401 - as above
    pages = backup.get_paginator("list_restore_jobs_by_protected_resource").paginate(ResourceArn=arn)
    jobs = [
        job for page in pages for job in page["RestoreJobs"] if job.get("CreatedBy", {}).get("RestoreTestingPlanArn")
    ]
    if not jobs:
        return None
    last = max(jobs, key=lambda job: job["CreationDate"])
    return RestoreTest(
        completed=last.get("CompletionDate"),
        status=last["Status"],
        validation=last.get("ValidationStatus", ""),
        message=last.get("ValidationStatusMessage", ""),
    )
