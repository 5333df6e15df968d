"""The function that looks at restored tables, with tables in an emulation of DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3  # type: ignore[import-untyped]
import pytest
from moto import mock_aws

from secure_ddb.restore_testing import validation, validation_names

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "arn:aws:kms:eu-central-1:111122223333:key/restored"
RESTORED, LIVE = "awsbackup-restore-test-1234", "orders"
ARN = "arn:aws:dynamodb:eu-central-1:111122223333:table/"
EVENT = {"detail": {"restoreJobId": "JOB"}}


class Backup:
    """AWS Backup as far as the function asks it."""

    def __init__(self) -> None:
        self.results: list[dict[str, str]] = []

    def describe_restore_job(self, RestoreJobId: str) -> dict[str, str]:  # noqa: N803 - of boto3
        assert RestoreJobId == "JOB"
        return {
            "RestoreJobId": "JOB",
            "CreatedResourceArn": f"{ARN}{RESTORED}",
            "SourceResourceArn": f"{ARN}{LIVE}",
        }

    def put_restore_validation_result(self, **result: str) -> None:
        self.results.append(result)


class Context:
    """The context of AWS Lambda."""

    def __init__(self, milliseconds: int = 900_000) -> None:
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


@pytest.fixture
def backup(monkeypatch: pytest.MonkeyPatch) -> Iterator[Backup]:
    for name, value in {
        "PLAN": "plan",
        "KEY": KEY,
        "LEAST_SHARE": "0.5",
        "MOST_ITEMS": "1000",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }.items():
        monkeypatch.setenv(name, value)
    found, client = Backup(), boto3.client
    monkeypatch.setattr(boto3, "client", lambda service: found if service == "backup" else client(service))
    with mock_aws():
        yield found


def make(name: str, items: int, *, key: str | None = KEY, partition_key: str = "pk", size: int = 1) -> None:
    client = boto3.client("dynamodb")
    encryption = {"SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}} if key else {}
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": partition_key, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": partition_key, "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        **encryption,
    )
    for number in range(items):
        client.put_item(TableName=name, Item={partition_key: {"S": str(number)}, "text": {"S": "x" * size}})


def result(backup: Backup, context: Context | None = None) -> tuple[str, str]:
    validation.validate(EVENT, context or Context())
    (found,) = backup.results
    assert found["RestoreJobId"] == "JOB"
    return found["ValidationStatus"], found["ValidationStatusMessage"]


def counted(metric: str) -> float:
    found = boto3.client("cloudwatch").get_metric_data(
        MetricDataQueries=[
            {
                "Id": "sum",
                "MetricStat": {
                    "Metric": {
                        "Namespace": validation_names.METRIC_NAMESPACE,
                        "MetricName": metric,
                        "Dimensions": [{"Name": validation_names.PLAN, "Value": "plan"}],
                    },
                    "Period": 86_400,
                    "Stat": "Sum",
                },
            }
        ],
        StartTime="2020-01-01T00:00:00Z",
        EndTime="2100-01-01T00:00:00Z",
    )
    values: list[float] = found["MetricDataResults"][0]["Values"]
    return sum(values)


def test_the_metrics_are_those_of_the_alarms(backup: Backup) -> None:
    assert validation.NAMESPACE == validation_names.METRIC_NAMESPACE
    make(LIVE, 1)
    make(RESTORED, 1)
    result(backup)
    assert (counted(validation_names.TESTS), counted(validation_names.FAILED_TESTS)) == (1, 0)


def test_a_table_that_came_back_is_successful(backup: Backup, capsys: pytest.CaptureFixture[str]) -> None:
    make(LIVE, 10)
    make(RESTORED, 9)
    status, message = result(backup)
    assert (status, message) == ("SUCCESSFUL", "9 items counted; the live table has about 10, 5 were needed")
    assert '"restoreJobId": "JOB", "status": "SUCCESSFUL"' in capsys.readouterr().out


@pytest.mark.parametrize(("restored", "status"), [(0, "FAILED"), (4, "FAILED"), (5, "SUCCESSFUL"), (20, "SUCCESSFUL")])
def test_half_of_the_items_are_needed(backup: Backup, restored: int, status: str) -> None:
    make(LIVE, 10)
    make(RESTORED, restored)
    assert result(backup)[0] == status
    assert counted(validation_names.FAILED_TESTS) == (status == "FAILED")


def test_an_empty_table_comes_back_empty(backup: Backup) -> None:
    make(LIVE, 0)
    make(RESTORED, 0)
    assert result(backup)[0] == "SUCCESSFUL"


@pytest.mark.parametrize(("restored", "status"), [(0, "FAILED"), (1, "SUCCESSFUL")])
def test_of_a_table_that_is_gone_something_comes_back(backup: Backup, restored: int, status: str) -> None:
    make(RESTORED, restored)
    assert result(backup)[0] == status


def test_a_restored_table_that_is_not_there_fails(backup: Backup) -> None:
    make(LIVE, 1)
    assert result(backup) == ("FAILED", "the restored table does not exist")


@pytest.mark.parametrize("key", [None, f"{KEY}-other"])
def test_another_key_fails(backup: Backup, key: str | None) -> None:
    make(LIVE, 1)
    make(RESTORED, 1, key=key)
    status, message = result(backup)
    assert (status, message.endswith(f"not with {KEY}")) == ("FAILED", True)


def test_another_key_schema_fails(backup: Backup) -> None:
    make(LIVE, 1)
    make(RESTORED, 1, partition_key="other")
    status, message = result(backup)
    assert (status, "['other (HASH)'], the live one ['pk (HASH)']" in message) == ("FAILED", True)


LARGE = 390_000


def test_counting_ends_at_the_limit(backup: Backup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOST_ITEMS", "2")
    make(LIVE, 10)
    make(RESTORED, 7, size=LARGE)
    status, message = result(backup)
    assert status == "SUCCESSFUL"
    assert ", and there are more; the live table has about 10, 2 were needed" in message


def test_all_pages_are_counted(backup: Backup) -> None:
    make(LIVE, 7)
    make(RESTORED, 7, size=LARGE)
    assert result(backup)[1].startswith("7 items counted; ")


def test_what_cannot_be_counted_in_time_is_not_successful(backup: Backup) -> None:
    make(LIVE, 20)
    make(RESTORED, 12, size=LARGE)
    status, message = result(backup, Context(milliseconds=29_000))
    assert (status, message.endswith("10 were needed, but the time was over")) == ("FAILED", True)


def test_an_error_is_no_result(backup: Backup, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS Lambda runs the function again, and the alarm on errors rings."""
    make(LIVE, 1)
    make(RESTORED, 1)
    monkeypatch.setenv("MOST_ITEMS", "many")
    with pytest.raises(ValueError, match="many"):
        validation.validate(EVENT, Context())
    assert backup.results == []
