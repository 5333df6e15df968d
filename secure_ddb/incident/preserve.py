"""Copies evidence of an incident into a locked bucket, for `secure-ddb preserve` (IR-5).

One step after the other, and a step that fails does not keep the others from being tried.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from secure_ddb.incident.manifest import write_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Exports take minutes for any size.
_POLL_SECONDS = 15
_DONE, _FAILED = ("COMPLETED",), ("FAILED", "CANCELLED")


@dataclass(frozen=True, kw_only=True)
class Request:
    """The tables to preserve, and the destination.

    Attributes:
        table: Name of the table.
        bucket: Name of the evidence bucket.
        log_groups: Names of log groups, such as the audit log's.
        since: From when on log events are copied.
        prefix: Prefix of all object keys.
    """

    table: str
    bucket: str
    log_groups: tuple[str, ...]
    since: datetime
    prefix: str


@dataclass
class Outcome:
    """The result of a step.

    Attributes:
        step: Its name.
        result: The created resource: an ARN, an id or an object.
        error: Why it failed, or nothing.
    """

    step: str
    result: str = ""
    error: str = ""


@dataclass
class Preserver:
    """Preserves with clients of boto3.

    Attributes:
        client: Returns a client for a service.
        explain: Returns an error in one sentence.
        sleep: Waits for some seconds.
        now: Returns the time.
    """

    client: Callable[[str], Any]
    explain: Callable[[Exception], str] = str
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def run(self, request: Request) -> Iterator[Outcome]:
        """Run all steps, and return the result of each."""
        steps: list[tuple[str, Callable[[], str]]] = [
            # The backup first: it is a matter of seconds, and of the moment at which it begins.
            ("backup", lambda: self._back_up(request)),
            ("settings", lambda: self._copy_settings(request)),
            ("export", lambda: self._export_table(request)),
            *((f"log {group}", lambda group=group: self._export_log(request, group)) for group in request.log_groups),
            ("manifest", lambda: write_manifest(self.client("s3"), request.bucket, request.prefix)),
        ]
        for name, step in steps:
            try:
                yield Outcome(name, step())
            except (BotoCoreError, ClientError, RuntimeError) as error:
                yield Outcome(name, error=self.explain(error))

    def _back_up(self, request: Request) -> str:
        name = request.prefix.replace("/", "-")[-255:]
        answer = self.client("dynamodb").create_backup(TableName=request.table, BackupName=name)
        return str(answer["BackupDetails"]["BackupArn"])

    def _copy_settings(self, request: Request) -> str:
        """Copy settings that containment or an attacker may have changed: policies and grants, too."""
        tables, keys = self.client("dynamodb"), self.client("kms")
        table = tables.describe_table(TableName=request.table)["Table"]
        continuous = tables.describe_continuous_backups(TableName=request.table)["ContinuousBackupsDescription"]
        arns = [arn for arn in (table["TableArn"], table.get("LatestStreamArn")) if arn]
        settings: dict[str, Any] = {
            "at": self.now(),
            "table": table,
            "continuousBackups": continuous,
            "policies": {arn: _policy(tables, arn) for arn in arns},
        }
        if key := table.get("SSEDescription", {}).get("KMSMasterKeyArn"):
            pages = keys.get_paginator("list_grants").paginate(KeyId=key)
            settings["key"] = {
                "policy": keys.get_key_policy(KeyId=key, PolicyName="default")["Policy"],
                "grants": [grant for page in pages for grant in page["Grants"]],
            }
        name = f"{request.prefix}/settings.json"
        body = json.dumps(settings, indent=1, default=str).encode()
        self.client("s3").put_object(Bucket=request.bucket, Key=name, Body=body, ChecksumAlgorithm="SHA256")
        return f"s3://{request.bucket}/{name}"

    def _export_table(self, request: Request) -> str:
        tables = self.client("dynamodb")
        arn = tables.describe_table(TableName=request.table)["Table"]["TableArn"]
        started = tables.export_table_to_point_in_time(
            TableArn=arn, S3Bucket=request.bucket, S3Prefix=f"{request.prefix}/table"
        )
        export = str(started["ExportDescription"]["ExportArn"])

        def state() -> tuple[str, str]:
            description = tables.describe_export(ExportArn=export)["ExportDescription"]
            return description["ExportStatus"], description.get("FailureMessage", "")

        self._wait("the export", state)
        return export

    def _export_log(self, request: Request, group: str) -> str:
        """Export a log group. An account has one such task at a time, so each is waited for."""
        logs = self.client("logs")
        task = logs.create_export_task(
            logGroupName=group,
            fromTime=int(request.since.timestamp() * 1000),
            to=int(self.now().timestamp() * 1000),
            destination=request.bucket,
            destinationPrefix=f"{request.prefix}/logs/{group.strip('/').replace('/', '-')}",
        )["taskId"]

        def state() -> tuple[str, str]:
            (found,) = logs.describe_export_tasks(taskId=task)["exportTasks"]
            return found["status"]["code"], found["status"].get("message", "")

        self._wait("the export of the log group", state)
        return str(task)

    def _wait(self, what: str, state: Callable[[], tuple[str, str]]) -> None:
        while True:
            code, message = state()
            if code in _DONE:
                return
            if code in _FAILED:
                raise RuntimeError(f"{what} ended as {code}: {message}")
            self.sleep(_POLL_SECONDS)


def _policy(tables: Any, arn: str) -> str | None:  # noqa: ANN401 - boto3 has no types
    try:
        return str(tables.get_resource_policy(ResourceArn=arn)["Policy"])
    except tables.exceptions.PolicyNotFoundException:
        return None
