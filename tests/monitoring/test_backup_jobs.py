"""Backups that fail, or do not happen, are noticed (BAK-2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from moto.events.models import EventPattern

from secure_ddb.monitoring.backup_jobs import failed_jobs
from tests.template import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.events.utils import EventMessageType

    from tests.template import Template

TABLE = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"


def event(state: str, resource: str = TABLE, detail_type: str = "Backup Job State Change") -> EventMessageType:
    """Return an event with the fields of AWS's examples.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
    """
    vault = "arn:aws:backup:eu-central-1:111122223333:backup-vault:orders"
    return {
        "version": "0",
        "id": "710b0398-d48e-f3c3-afca-cfeb2fdaa656",
        "detail-type": detail_type,
        "source": "aws.backup",
        "account": "111122223333",
        "time": "2026-07-29T20:15:26Z",
        "region": "eu-central-1",
        "resources": [],
        "detail": {
            "backupJobId": "34176239-e96d-4e1d-9fad-529dbb3c3556",
            "backupVaultArn": vault,
            "backupVaultName": "orders",
            "bytesTransferred": "0",
            "creationDate": "2026-07-29T20:13:07.392Z",
            "iamRoleArn": "arn:aws:iam::111122223333:role/backup",
            "resourceArn": resource,
            "resourceType": "DynamoDB",
            "state": state,
            "percentDone": 0.0,
        },
    }


def matches(content: EventMessageType) -> bool:
    pattern = failed_jobs(TABLE)
    return bool(EventPattern(str(pattern), pattern).matches_event(content))


@pytest.mark.parametrize("state", ["FAILED", "ABORTED", "EXPIRED"])
def test_a_job_that_ends_without_a_recovery_point_matches(state: str) -> None:
    assert matches(event(state))


@pytest.mark.parametrize("state", ["CREATED", "PENDING", "RUNNING", "COMPLETED"])
def test_a_job_on_its_way_does_not_match(state: str) -> None:
    assert not matches(event(state))


def test_jobs_of_other_tables_and_other_kinds_do_not_match() -> None:
    assert not matches(event("FAILED", f"{TABLE}-archive"))
    assert not matches(event("FAILED", detail_type="Copy Job State Change"))


@pytest.mark.parametrize("configuration", ["minimal", "own_topic", "bring_your_own"])
def test_failed_jobs_reach_the_topic_of_the_alarms(template: Callable[[str], Template], configuration: str) -> None:
    found = template(configuration)
    rule = found.properties("AWS::Events::Rule", "OrdersBackupJobFailed")
    (table,) = found.of_type("AWS::DynamoDB::GlobalTable")
    assert text(rule["EventPattern"]["detail"]["resourceArn"][0]) == f"<{table}.Arn>"
    actions = {text(alarm["AlarmActions"][0]) for alarm in found.alarms().values()}
    assert [text(target["Arn"]) for target in rule["Targets"]] == [*actions]
    assert rule.get("State", "ENABLED") == "ENABLED"


def test_two_days_without_a_backup_raise_an_alarm(minimal: Template) -> None:
    alarm = minimal.alarms()["OrdersBackupMissing"]
    vault = minimal.properties("AWS::Backup::BackupVault")["BackupVaultName"]
    assert alarm["Dimensions"] == [{"Name": "BackupVaultName", "Value": vault}]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Backup", "NumberOfBackupJobsCompleted")
    assert (alarm["ComparisonOperator"], alarm["Threshold"], alarm["Statistic"]) == ("LessThanThreshold", 1, "Sum")
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (86_400, 2, 2)
    # A job that is never started leaves no data.
    assert alarm["TreatMissingData"] == "breaching"


def test_the_vault_of_other_tables_says_nothing_about_this_one(template: Callable[[str], Template]) -> None:
    found = template("bring_your_own")
    assert "OrdersBackupMissing" not in found.alarms()
    facts = found.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]["not_verifiable"]
    assert any("completes each day" in fact for fact in facts)


@pytest.mark.parametrize("configuration", ["waived", "ephemeral"])
def test_where_there_are_no_backups_none_is_missed(template: Callable[[str], Template], configuration: str) -> None:
    found = template(configuration)
    assert not found.of_type("AWS::Events::Rule")
    assert "OrdersBackupMissing" not in found.alarms()
