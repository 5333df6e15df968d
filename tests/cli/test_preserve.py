"""`secure-ddb preserve` copies the evidence into the bucket, and its manifest has every object's SHA-256."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
import pytest
from click.testing import CliRunner, Result
from moto import mock_aws

from secure_ddb.cli.main import main
from secure_ddb.incident.preserve import Preserver, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REGION = "eu-central-1"
GROUP = "/orders/audit"
KEY_SCHEMA = [{"AttributeName": "pk", "KeyType": "HASH"}]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """Return clients of an account with a table, a log and a bucket with versions."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        clients = {name: boto3.client(name, REGION) for name in ("dynamodb", "kms", "logs", "s3")}
        key = clients["kms"].create_key()["KeyMetadata"]["Arn"]
        clients["dynamodb"].create_table(
            TableName="orders",
            KeySchema=KEY_SCHEMA,
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
        )
        clients["dynamodb"].put_item(TableName="orders", Item={"pk": {"S": "a"}})
        clients["dynamodb"].update_continuous_backups(
            TableName="orders", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )
        clients["logs"].create_log_group(logGroupName=GROUP)
        clients["logs"].create_log_stream(logGroupName=GROUP, logStreamName="a")
        now = int(datetime.now(UTC).timestamp() * 1000)
        events = [{"timestamp": now, "message": "a line"}]
        clients["logs"].put_log_events(logGroupName=GROUP, logStreamName="a", logEvents=events)
        location = {"LocationConstraint": REGION}
        clients["s3"].create_bucket(Bucket="evidence", CreateBucketConfiguration=location)
        clients["s3"].put_bucket_versioning(Bucket="evidence", VersioningConfiguration={"Status": "Enabled"})
        yield clients.__getitem__


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["preserve", *arguments])


def manifest(client: Callable[[str], Any]) -> tuple[bytes, list[dict[str, Any]]]:
    pages = client("s3").list_objects_v2(Bucket="evidence")["Contents"]
    (key,) = (each["Key"] for each in pages if each["Key"].endswith("manifest.jsonl"))
    content = client("s3").get_object(Bucket="evidence", Key=key)["Body"].read()
    return content, [json.loads(line) for line in content.splitlines()]


def test_everything_is_preserved_and_listed(client: Callable[[str], Any]) -> None:
    result = run("orders", "--bucket", "evidence", "--log-group", GROUP)
    assert result.exit_code == 0, result.output
    printed = dict(line.split(": ", 1) for line in result.stdout.splitlines())
    assert list(printed) == ["backup", "settings", "export", f"log {GROUP}", "manifest"]
    (backup,) = client("dynamodb").list_backups(TableName="orders")["BackupSummaries"]
    assert printed["backup"] == backup["BackupArn"]
    content, entries = manifest(client)
    assert printed["manifest"].endswith(f"sha256:{hashlib.sha256(content).hexdigest()}")
    listed = {each["key"] for each in entries}
    versions = client("s3").list_object_versions(Bucket="evidence", Prefix="orders/")["Versions"]
    stored = {each["Key"] for each in versions}
    assert stored - listed == {key for key in stored if key.endswith("manifest.jsonl")}
    assert any("/logs/orders-audit/" in key for key in listed)
    assert any("/table/" in key for key in listed)
    for entry in entries:
        body = client("s3").get_object(Bucket="evidence", Key=entry["key"], VersionId=entry["version"])["Body"].read()
        assert (len(body), hashlib.sha256(body).hexdigest()) == (entry["size"], entry["sha256"])


def test_settings_have_what_containment_changes(client: Callable[[str], Any]) -> None:
    result = run("orders", "--bucket", "evidence", "--json")
    (step,) = (each for each in json.loads(result.stdout)["steps"] if each["step"] == "settings")
    key = step["result"].removeprefix("s3://evidence/")
    settings = json.loads(client("s3").get_object(Bucket="evidence", Key=key)["Body"].read())
    assert settings["table"]["TableName"] == "orders"
    assert list(settings["policies"].values()) == [None]
    assert json.loads(settings["key"]["policy"])["Statement"]
    assert settings["key"]["grants"] == []


def test_a_step_that_fails_is_named_and_the_others_are_done(client: Callable[[str], Any]) -> None:
    client("dynamodb").update_continuous_backups(
        TableName="orders", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    result = run("orders", "--bucket", "evidence")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["backup", "settings", "export", "manifest"]
    assert [": FAILED: " in line for line in lines] == [False, False, True, False]
    _, entries = manifest(client)
    assert [each["key"].rpartition("/")[2] for each in entries] == ["settings.json"]


def test_a_version_that_another_hides_is_listed(client: Callable[[str], Any]) -> None:
    request = Request(table="orders", bucket="evidence", log_groups=(), since=datetime.now(UTC), prefix="orders/1")
    for content in (b"first", b"second"):
        client("s3").put_object(Bucket="evidence", Key="orders/1/note", Body=content)
    list(Preserver(client).run(request))
    _, entries = manifest(client)
    digests = {each["sha256"] for each in entries if each["key"] == "orders/1/note"}
    assert digests == {hashlib.sha256(content).hexdigest() for content in (b"first", b"second")}


class Exports:
    """As much of DynamoDB as an export that takes its time needs."""

    def __init__(self, states: list[str]) -> None:
        self._states = iter(states)

    def describe_table(self, **_: str) -> dict[str, Any]:
        return {"Table": {"TableArn": "arn:table"}}

    def export_table_to_point_in_time(self, **_: str) -> dict[str, Any]:
        return {"ExportDescription": {"ExportArn": "arn:export"}}

    def describe_export(self, **_: str) -> dict[str, Any]:
        return {"ExportDescription": {"ExportStatus": next(self._states), "FailureMessage": "no such bucket"}}


@pytest.mark.parametrize(
    ("states", "error"),
    [
        (["IN_PROGRESS", "IN_PROGRESS", "COMPLETED"], ""),
        (["IN_PROGRESS", "FAILED"], "the export ended as FAILED: no such bucket"),
    ],
)
def test_exports_are_waited_for(states: list[str], error: str) -> None:
    waited: list[float] = []
    exports = Exports(states)
    preserver = Preserver(lambda _: exports, sleep=waited.append)
    request = Request(table="orders", bucket="evidence", log_groups=(), since=datetime.now(UTC), prefix="orders/1")
    if error:
        with pytest.raises(RuntimeError, match=error):
            preserver._export_table(request)
    else:
        assert preserver._export_table(request) == "arn:export"
    assert len(waited) == len(states) - 1
