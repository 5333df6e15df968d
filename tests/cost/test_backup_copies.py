"""How many full copies AWS Backup keeps of a table."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.cost.backups import Kept, Sent, copies_sent, recovery_points
from secure_ddb.cost.schedule import runs_per_day
from tests.cost.costing import REGION, app, of


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cron(0 5 * * ? *)", 1),
        ("cron(0 5 ? * SUN *)", 1 / 7),
        ("cron(0 5 ? * MON-FRI *)", 5 / 7),
        ("cron(0 5 1 * ? *)", 12 / 365),
        ("cron(0 5 1,15 * ? *)", 24 / 365),
        ("cron(0 5 L * ? *)", 12 / 365),
        ("cron(0 5 ? * 6#1 *)", 12 / 365),
        ("cron(0 5 1 JAN,JUL ? *)", 2 / 365),
        ("cron(0 */6 * * ? *)", 4),
        ("cron(0,30 8-17 * * ? *)", 20),
        ("cron(0 5 1/7 * ? *)", 5 * 12 / 365),
        ("rate(12 hours)", 2),
        ("rate(1 day)", 1),
        ("rate(0 days)", None),
        ("cron(0 5 * * ? 2027)", None),
        ("cron(0 25 * * ? *)", None),
        ("cron(0 5 * * ?)", None),
        ("daily", None),
    ],
)
def test_a_schedule_runs_so_often(expression: str, expected: float | None) -> None:
    assert runs_per_day(expression) == (None if expected is None else pytest.approx(expected))


def kept(*rules: dict[str, Any]) -> list[Kept]:
    plan = of("AWS::Backup::BackupPlan", BackupPlan={"BackupPlanRule": list(rules)})
    return list(recovery_points(app({"Plan": plan}).of_type("AWS::Backup::BackupPlan")[0]))


def test_each_rule_keeps_a_copy_for_each_run_until_it_is_deleted() -> None:
    daily = {"RuleName": "Daily", "ScheduleExpression": "cron(0 5 * * ? *)", "Lifecycle": {"DeleteAfterDays": 35}}
    monthly = {
        "RuleName": "Monthly",
        "ScheduleExpression": "cron(0 5 1 * ? *)",
        "Lifecycle": {"MoveToColdStorageAfterDays": 90, "DeleteAfterDays": 365},
    }
    first, second = kept(daily, monthly)
    assert first == Kept("Daily", REGION, 35, 0)
    # 12 copies a year: 90 of 365 days warm, 275 cold.
    assert second.warm == pytest.approx(12 * 90 / 365)
    assert second.cold == pytest.approx(12 * 275 / 365)


def test_a_rule_without_a_schedule_runs_daily() -> None:
    (only,) = kept({"RuleName": "Rule", "Lifecycle": {"DeleteAfterDays": 7}})
    assert only.warm == 7


def test_copies_are_kept_where_their_vault_is_and_for_as_long_as_they_say() -> None:
    vault = "arn:aws:backup:eu-west-1:111122223333:backup-vault:copies"
    copy = {"DestinationBackupVaultArn": vault, "Lifecycle": {"DeleteAfterDays": 14}}
    _, copied = kept({"RuleName": "Daily", "Lifecycle": {"DeleteAfterDays": 35}, "CopyActions": [copy]})
    assert copied == Kept("Daily, copied", "eu-west-1", 14, 0)


@pytest.mark.parametrize("lifecycle", [{}, {"DeleteAfterDays": -1}])
def test_what_is_never_deleted_grows(lifecycle: dict[str, Any]) -> None:
    (only,) = kept({"RuleName": "Daily", "Lifecycle": lifecycle})
    assert (only.warm, only.cold) == (None, 0)
    assert "grows each month" in only.reason


def test_what_is_never_deleted_grows_in_cold_storage() -> None:
    (only,) = kept({"RuleName": "Daily", "Lifecycle": {"MoveToColdStorageAfterDays": 30}})
    assert (only.warm, only.cold) == (30, None)


@pytest.mark.parametrize(
    "rule",
    [
        {"ScheduleExpression": "cron(never)", "Lifecycle": {"DeleteAfterDays": 35}},
        {"Lifecycle": {"DeleteAfterDays": {"Fn::ImportValue": "days"}}},
    ],
)
def test_what_cannot_be_told_is_not_zero(rule: dict[str, Any]) -> None:
    (only,) = kept(rule)
    assert only.warm is None
    assert only.reason


def test_copies_to_other_regions_are_sent_in_full() -> None:
    def to(region: str) -> dict[str, str]:
        return {"DestinationBackupVaultArn": f"arn:aws:backup:{region}:444455556666:backup-vault:copies"}

    rule = {"ScheduleExpression": "cron(0 5 * * ? *)", "CopyActions": [to(REGION), to("eu-west-1")]}
    unread = {"RuleName": "Unread", "ScheduleExpression": "daily", "CopyActions": [to("us-east-1")]}
    plan = of("AWS::Backup::BackupPlan", BackupPlan={"BackupPlanRule": [{"RuleName": "Daily", **rule}, unread]})
    sent = list(copies_sent(app({"Plan": plan}).of_type("AWS::Backup::BackupPlan")[0]))
    assert sent == [Sent("Daily", "eu-west-1", 365 / 12), Sent("Unread", "us-east-1", None)]
