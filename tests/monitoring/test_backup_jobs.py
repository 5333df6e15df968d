"""Backups that fail, or do not happen, are noticed (BAK-2)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Duration, Environment, Stack
from moto.events.models import EventPattern

from secure_ddb import BackupSettings
from secure_ddb.monitoring.backup_jobs import failed_jobs
from tests.orders import orders
from tests.template import Template, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.events.utils import EventMessageType

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


def matches(content: EventMessageType, **jobs: list[str]) -> bool:
    """Tell whether the pattern for jobs of the table, or for these jobs, matches."""
    pattern = failed_jobs(jobs or {"resourceArn": [TABLE]})
    return bool(EventPattern(str(pattern), pattern).matches_event(content))


@pytest.mark.parametrize("state", ["FAILED", "ABORTED", "EXPIRED"])
def test_a_job_that_ends_without_a_recovery_point_matches(state: str) -> None:
    assert matches(event(state))


@pytest.mark.parametrize("state", ["CREATED", "PENDING", "RUNNING", "COMPLETED"])
def test_a_job_on_its_way_does_not_match(state: str) -> None:
    assert not matches(event(state))


def test_jobs_of_a_vault_match_whatever_table_they_are_about() -> None:
    failed = event("FAILED", "arn:aws:dynamodb:eu-central-1:111122223333:table/invoices")
    assert matches(failed, backupVaultName=["orders"])
    assert not matches(failed, backupVaultName=["another"])
    assert not matches(event("COMPLETED", TABLE), backupVaultName=["orders"])


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


def test_message_says_which_job_failed_and_what_to_do(template: Callable[[str], Template]) -> None:
    rule = template("minimal").properties("AWS::Events::Rule", "OrdersBackupJobFailed")
    (target,) = rule["Targets"]
    message = target["InputTransformer"]["InputTemplate"]
    assert all(isinstance(json.loads(line), str) for line in message.split("\n"))
    assert "What to do: Fix the cause" in message
    assert set(re.findall(r"<([a-z]+)>", message)) == set(target["InputTransformer"]["InputPathsMap"])


def watched(template: Template) -> dict[str, object]:
    """Return when the alarm on missing backups goes off; what it has in common with all others is looked at here."""
    alarm = template.alarms()["OrdersBackupMissing"]
    vault = template.properties("AWS::Backup::BackupVault")["BackupVaultName"]
    assert alarm["Dimensions"] == [{"Name": "BackupVaultName", "Value": vault}]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Backup", "NumberOfBackupJobsCompleted")
    assert (alarm["ComparisonOperator"], alarm["Threshold"], alarm["Statistic"]) == ("LessThanThreshold", 1, "Sum")
    # A job that is never started leaves no data.
    assert alarm["TreatMissingData"] == "breaching"
    when = ("Period", "EvaluationPeriods", "DatapointsToAlarm", "EvaluationWindow")
    return {name: alarm[name] for name in when if name in alarm}


def with_rules(*names: str) -> Template:
    """Return the template of a table whose plan has these rules."""
    app = App()
    make: Callable[..., BackupSettings] = BackupSettings
    periods = {each: Duration.days(365) if each in names else None for each in ("daily", "weekly", "monthly")}
    settings = make(**{f"{name}_retention": period for name, period in periods.items()})
    orders(Stack(app, "Test", env=Environment(region="eu-central-1")), backup=settings)
    return Template(app.synth().get_stack_by_name("Test").template)


@pytest.mark.parametrize("rules", [("daily",), ("daily", "weekly", "monthly"), ("daily", "monthly")])
def test_two_days_without_a_daily_backup_raise_an_alarm(rules: tuple[str, ...]) -> None:
    assert watched(with_rules(*rules)) == {"Period": 86_400, "EvaluationPeriods": 2, "DatapointsToAlarm": 2}


WEEK_OF_THE_CALENDAR = {
    "Period": 604_800,
    "EvaluationPeriods": 1,
    "DatapointsToAlarm": 1,
    # The last seven days would be empty whenever a job completes later in the day than the one before.
    "EvaluationWindow": {"WallClockWindow": {"Timezone": "UTC"}},
}


@pytest.mark.parametrize("rules", [("weekly",), ("weekly", "monthly")])
def test_a_week_without_a_weekly_backup_raises_an_alarm(rules: tuple[str, ...]) -> None:
    assert watched(with_rules(*rules)) == WEEK_OF_THE_CALENDAR


def test_a_week_without_a_backup_raises_an_alarm_by_default(minimal: Template) -> None:
    assert watched(minimal) == WEEK_OF_THE_CALENDAR


def test_that_a_monthly_backup_is_started_cannot_be_watched_and_is_not_verifiable() -> None:
    found = with_rules("monthly")
    assert "OrdersBackupMissing" not in found.alarms()
    # Jobs that were started and failed are reported all the same.
    assert found.of_type("AWS::Events::Rule")
    assert [fact for fact in facts(found) if "started each month" in fact]


@pytest.mark.parametrize("rules", [("daily",), ("weekly",)])
def test_that_other_backups_are_started_is_watched(rules: tuple[str, ...]) -> None:
    assert facts(with_rules(*rules)) == []


def facts(template: Template) -> list[str]:
    """Return what the table says is not verifiable about its backups."""
    metadata = template.only("AWS::DynamoDB::GlobalTable").get("Metadata", {}).get("SecureTable", {})
    return [fact for fact in metadata.get("not_verifiable", []) if "backup" in fact]


def test_the_vault_of_other_tables_says_nothing_about_this_one(template: Callable[[str], Template]) -> None:
    found = template("bring_your_own")
    assert "OrdersBackupMissing" not in found.alarms()
    assert any("complete on schedule" in fact for fact in facts(found))


@pytest.mark.parametrize("configuration", ["waived", "ephemeral"])
def test_where_there_are_no_backups_none_is_missed(template: Callable[[str], Template], configuration: str) -> None:
    found = template(configuration)
    assert not found.of_type("AWS::Events::Rule")
    assert "OrdersBackupMissing" not in found.alarms()
