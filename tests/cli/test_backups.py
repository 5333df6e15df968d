"""`secure-ddb backups` says how old recovery points are, and how the last restore test ended."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from boto3 import Session  # type: ignore[import-untyped]
from botocore.exceptions import ClientError  # type: ignore[import-untyped]
from click.testing import CliRunner

from secure_ddb.cli.aws import _PERMISSIONS
from secure_ddb.cli.main import main

NOW = datetime.now(UTC)
ARN = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"
PLAN = {"RestoreTestingPlanArn": "arn:aws:backup:eu-central-1:111122223333:restore-testing-plan:tests"}


def point(days: float, vault: str = "orders", status: str = "COMPLETED") -> dict[str, Any]:
    return {"BackupVaultName": vault, "CreationDate": NOW - timedelta(days=days), "Status": status}


def restore_of_test(days: float, validation: str = "", **job: Any) -> dict[str, Any]:
    moment = NOW - timedelta(days=days)
    said = {"ValidationStatus": validation, "ValidationStatusMessage": "9 items counted"} if validation else {}
    return {
        "Status": "COMPLETED",
        "CreationDate": moment,
        "CompletionDate": moment,
        "CreatedBy": PLAN,
        **said,
        **job,
    }


class Aws:
    """DynamoDB and AWS Backup as far as the command asks them."""

    def __init__(self) -> None:
        self.points: list[dict[str, Any]] = []
        self.jobs: list[dict[str, Any]] = []
        self.error = ""

    def describe_table(self, TableName: str) -> dict[str, Any]:  # noqa: N803 - of boto3
        assert TableName == "orders"
        if self.error:
            raise ClientError({"Error": {"Code": self.error}}, "DescribeTable")
        return {"Table": {"TableArn": ARN}}

    def get_paginator(self, operation: str) -> Any:
        if operation == "list_recovery_points_by_resource":
            return Pages("RecoveryPoints", self.points)
        assert operation == "list_restore_jobs_by_protected_resource"
        return Pages("RestoreJobs", self.jobs)


class Pages:
    """Pages of one each."""

    def __init__(self, name: str, found: list[dict[str, Any]]) -> None:
        self._name = name
        self._found = found

    def paginate(self, ResourceArn: str) -> list[dict[str, Any]]:  # noqa: N803 - of boto3
        assert ResourceArn == ARN
        return [{self._name: [each]} for each in self._found] or [{self._name: []}]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Aws:
    found = Aws()
    monkeypatch.setattr(Session, "client", lambda *_, **__: found)
    return found


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["backups", "orders", "--region", "eu-central-1", *arguments])
    return result.exit_code, result.output


def test_the_newest_of_each_vault_is_named_with_its_age(account: Aws) -> None:
    account.points = [point(8), point(1.5), point(40, "copies"), point(0.1, status="PARTIAL")]
    status, text = run()
    assert status == 0
    assert "orders: 3 recovery points" in text
    assert "newest in copies: " in text
    assert ", 40.0 days old" in text
    assert ", 1.5 days old" in text
    assert "no restore test is on record" in text


def test_a_table_without_recovery_points_is_a_problem(account: Aws) -> None:
    account.points = [point(1, status="EXPIRED")]
    status, text = run()
    assert (status, "problem: there is no recovery point" in text) == (1, True)


@pytest.mark.parametrize(("limit", "expected"), [("2", 0), ("1", 1)])
def test_an_old_one_is_a_problem(account: Aws, limit: str, expected: int) -> None:
    account.points = [point(9), point(1.5)]
    status, text = run("--max-age", limit)
    assert status == expected
    assert ("is older than 1 days" in text) == bool(expected)


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        (restore_of_test(1, "SUCCESSFUL"), 0),
        (restore_of_test(1, "VALIDATING"), 0),
        (restore_of_test(1), 0),
        (restore_of_test(1, "FAILED"), 1),
        (restore_of_test(1, "TIMED_OUT"), 1),
        (restore_of_test(1, Status="FAILED", CompletionDate=None), 1),
    ],
)
def test_a_failed_test_is_a_problem(account: Aws, job: dict[str, Any], expected: int) -> None:
    account.points, account.jobs = (
        [point(1)],
        [restore_of_test(30, "FAILED"), job, restore_of_test(0.5, "FAILED", CreatedBy={})],
    )
    status, text = run()
    assert status == expected
    assert ("problem: the last restore test failed" in text) == bool(expected)


def test_json_has_all_of_it(account: Aws) -> None:
    account.points, account.jobs = [point(2)], [restore_of_test(3, "SUCCESSFUL")]
    status, text = run("--format", "json")
    (found,) = json.loads(text)
    assert status == 0
    assert found["newest"]["orders"]["age_days"] == pytest.approx(2, abs=0.1)
    assert found["restore_test"]["validation"] == "SUCCESSFUL"
    assert found["problems"] == []
    assert (found["region"], found["asked"][:4]) == ("eu-central-1", str(NOW.year))


def test_a_table_that_is_not_there_cannot_be_asked_for(account: Aws) -> None:
    account.error = "ResourceNotFoundException"
    status, text = run()
    assert (status, "there is no such table in this account and Region" in text) == (2, True)


def test_the_permissions_are_told() -> None:
    told = CliRunner().invoke(main, ["backups", "--help"]).stdout
    assert all(each in " ".join(told.split()) for each in _PERMISSIONS.values() if each.startswith("backup:"))
