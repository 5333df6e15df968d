"""A bucket, a table that is exported, and a clock: what the export function works with."""

from __future__ import annotations

import importlib
import json
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
from botocore.exceptions import ClientError  # type: ignore[import-untyped]
from botocore.session import Session  # type: ignore[import-untyped]
from botocore.validate import ParamValidator  # type: ignore[import-untyped]
from moto import mock_aws

from secure_ddb.item_archive.handlers.exports.table_exports import exporter, index

if TYPE_CHECKING:
    from collections.abc import Iterator

BUCKET, KEY = "exports-bucket", "arn:aws:kms:eu-central-1:111122223333:key/1234abcd"
TABLE = "arn:aws:dynamodb:eu-central-1:111122223333:table/Orders"
HOUR, DAY = 3600, 24 * 3600
MODEL = Session().get_service_model("dynamodb")


def at(text: str) -> int:
    """Return a moment in seconds, such as `2026-11-21` or `2026-11-21T12:30`."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


class DynamoDb:
    """The calls of DynamoDB that the function makes; requests have to fit botocore's model of the API."""

    exceptions = SimpleNamespace(ClientError=ClientError)

    def __init__(self) -> None:
        self.now = 0.0
        self.earliest = 0.0
        self.recovery = "ENABLED"
        self.requests: list[dict[str, Any]] = []
        self.status: dict[str, str] = {}
        # What exports become, unless it is said of one.
        self.becomes = "COMPLETED"
        self.refuses = False

    def describe_continuous_backups(self, **request: Any) -> dict[str, Any]:
        _check("DescribeContinuousBackups", request)
        window = {
            "PointInTimeRecoveryStatus": self.recovery,
            "EarliestRestorableDateTime": datetime.fromtimestamp(self.earliest, UTC),
            "LatestRestorableDateTime": datetime.fromtimestamp(self.now - 300, UTC),
        }
        return {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": window}}

    def export_table_to_point_in_time(self, **request: Any) -> dict[str, Any]:
        _check("ExportTableToPointInTime", request)
        if self.refuses:
            raise ClientError({"Error": {"Code": "LimitExceededException", "Message": "busy"}}, "Export")
        tokens = [each["ClientToken"] for each in self.requests]
        if request["ClientToken"] not in tokens:
            self.requests.append(request)
            tokens.append(request["ClientToken"])
        number = tokens.index(request["ClientToken"])
        return {"ExportDescription": {"ExportArn": f"{TABLE}/export/{number:014}-a1b2c3d4"}}

    def describe_export(self, **request: Any) -> dict[str, Any]:
        _check("DescribeExport", request)
        status = self.status.get(request["ExportArn"], self.becomes)
        more = {"ItemCount": 7, "BilledSizeBytes": 4096, "ExportManifest": "manifest-summary.json"}
        failed = {"FailureCode": "AccessDenied", "FailureMessage": "no access to the bucket"}
        return {"ExportDescription": {"ExportStatus": status, **(failed if status == "FAILED" else more)}}


def _check(operation: str, request: dict[str, Any]) -> None:
    shape = MODEL.operation_model(operation).input_shape
    problems = ParamValidator().validate(request, shape)
    assert not problems.has_errors(), problems.generate_report()


class Exports:
    """The function, run at one time after another."""

    def __init__(self, dynamodb: DynamoDb, s3: Any) -> None:
        self.dynamodb = dynamodb
        self.s3 = s3
        self.settings = exporter.Settings(bucket=BUCKET, key_arn=KEY, full_every=30 * DAY, incremental_every=DAY)

    def run(self, moment: int) -> list[str]:
        """Run the function once; return what it reports."""
        self.dynamodb.now = moment
        found = exporter.Exporter(self.dynamodb, self.s3, self.settings, "orders", TABLE, moment)
        found.run()
        return found.problems

    def run_often(self, start: int, end: int, every: int = HOUR) -> list[str]:
        """Run it as the schedule does, or less often, where the test would take long."""
        return [problem for moment in range(start, end, every) for problem in self.run(moment)]

    def requested(self, kind: str) -> list[dict[str, Any]]:
        return [each for each in self.dynamodb.requests if each["ExportType"] == f"{kind.upper()}_EXPORT"]

    def periods(self) -> list[tuple[int, int]]:
        """Return the periods that were requested."""
        specifications = [each["IncrementalExportSpecification"] for each in self.requested("incremental")]
        return [(each["ExportFromTime"], each["ExportToTime"]) for each in specifications]

    def journal(self) -> list[dict[str, Any]]:
        """Return what is in the journal, as docs/exports.sql reads it."""
        listed = self.s3.list_objects_v2(Bucket=BUCKET, Prefix="orders/journal/").get("Contents", [])
        bodies = [self.s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read() for each in listed]
        return [json.loads(body) for body in bodies]


@contextmanager
def exports(monkeypatch: Any) -> Iterator[Exports]:
    """Set up a bucket with a clock: moto stamps objects with the time of the run."""
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
        dynamodb = DynamoDb()
        clock = SimpleNamespace(utcnow=lambda: datetime.fromtimestamp(dynamodb.now, UTC).replace(tzinfo=None))
        monkeypatch.setattr("moto.s3.models.utcnow", clock.utcnow)
        yield Exports(dynamodb, s3)


def handler(monkeypatch: Any, dynamodb: DynamoDb, s3: Any, moment: int) -> Any:
    """Return the entry of the function, which finds these services, at a moment."""
    importlib.reload(index)
    dynamodb.now = moment
    clients = {"dynamodb": dynamodb, "s3": s3}
    monkeypatch.setattr(index, "_client", clients.__getitem__)
    monkeypatch.setattr("time.time", lambda: moment)
    for name, value in {
        "BUCKET": BUCKET,
        "KEY_ARN": KEY,
        "FULL_EVERY": str(30 * DAY),
        "INCREMENTAL_EVERY": str(DAY),
        "TABLES": json.dumps({"orders": TABLE}),
    }.items():
        monkeypatch.setenv(name, value)
    return index.handler
