"""Plans and alarms are judged by how often the plan copies, and by what the class of the table demands."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from secure_ddb.classification import DataClassification
from secure_ddb.rules.rule import Verdict
from tests.rules.cases.backup import RULES
from tests.rules.cases.making import TABLE, P
from tests.rules.handwritten import changed, judgements, verdicts
from tests.rules.handwritten.making import TAGS

if TYPE_CHECKING:
    from tests.rules.handwritten.making import Body

SCHEDULES = {"daily": "* * ? *", "weekly": "? * SUN *", "monthly": "1 * ? *"}
EVERY = [names for size in (1, 2, 3) for names in combinations(SCHEDULES, size)]
RARELY = {"monthly": 365}
DAY = 86_400


def of(level: str) -> tuple[str, list[dict[str, str]]]:
    tags = [tag for tag in TAGS if tag["Key"] != "DataClassification"]
    return f"{TABLE}/Tags", [*tags, {"Key": "DataClassification", "Value": level.lower()}]


def plan(kept: dict[str, int]) -> tuple[str, list[Body]]:
    return RULES, [
        {
            "RuleName": name,
            "TargetBackupVault": {"Ref": "Vault"},
            "ScheduleExpression": f"cron(0 5 {SCHEDULES[name]})",
            "Lifecycle": {"DeleteAfterDays": days},
        }
        for name, days in kept.items()
    ]


def least(level: str, names: tuple[str, ...]) -> dict[str, int]:
    """Return the periods that the class demands of these rules."""
    floor = DataClassification[level].floor
    return {name: getattr(floor, f"{name}_backup") for name in names}


@pytest.mark.parametrize("names", EVERY)
@pytest.mark.parametrize("level", [level.name for level in DataClassification])
def test_one_rule_is_enough_unless_the_data_is_restricted(level: str, names: tuple[str, ...]) -> None:
    found = judgements(changed(of(level), plan(least(level, names))), "SecureDdb-BAK6")
    if level != "RESTRICTED":
        assert [each.verdict for each in found] == [Verdict.MET]
    else:
        assert {each.key for each in found if each.verdict is Verdict.NOT_MET} == SCHEDULES.keys() - set(names)


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("level", [level.name for level in DataClassification])
def test_a_day_less_is_not_enough(level: str, name: str) -> None:
    kept = least(level, tuple(SCHEDULES) if level == "RESTRICTED" else (name,))
    assert Verdict.NOT_MET not in verdicts(changed(of(level), plan(kept)), "SecureDdb-BAK6")
    kept[name] -= 1
    assert Verdict.NOT_MET in verdicts(changed(of(level), plan(kept)), "SecureDdb-BAK6")


def test_a_finding_says_what_would_be_enough() -> None:
    (found,) = judgements(changed(of("internal"), plan({"daily": 6})), "SecureDdb-BAK6")
    expected = "daily ones for 7 days or weekly ones for 30 days or monthly ones for 180 days"
    assert found.detail == f"recovery points are not kept long enough: {expected}"


@pytest.mark.parametrize(
    ("kept", "days", "verdict"),
    [
        ({"daily": 35}, 1, Verdict.MET),
        ({"daily": 35}, 7, Verdict.MET),
        ({"weekly": 90}, 6, Verdict.NOT_MET),
        ({"weekly": 90}, 7, Verdict.MET),
        ({"weekly": 90, **RARELY}, 2, Verdict.NOT_MET),
        ({"daily": 35, "weekly": 90, **RARELY}, 2, Verdict.MET),
        (RARELY, 7, Verdict.NOT_VERIFIABLE),
    ],
)
def test_an_alarm_looks_back_for_as_long_as_two_backups_are_apart(
    kept: dict[str, int], days: int, verdict: Verdict
) -> None:
    content = changed(plan(kept), (f"NoBackup/{P}/EvaluationPeriods", days))
    assert verdicts(content, "SecureDdb-BAK13") == {verdict}


def test_a_week_of_the_calendar_is_a_week() -> None:
    alarm = {
        "Metrics": None,
        "Namespace": "AWS/Backup",
        "MetricName": "NumberOfBackupJobsCompleted",
        "Dimensions": [{"Name": "BackupVaultName", "Value": "orders"}],
        "Statistic": "Sum",
        "Period": 7 * DAY,
        "EvaluationPeriods": 1,
        "EvaluationWindow": {"WallClockWindow": {"Timezone": "UTC"}},
    }
    content = changed(plan({"weekly": 90}), *((f"NoBackup/{P}/{name}", value) for name, value in alarm.items()))
    assert verdicts(content, "SecureDdb-BAK13") == {Verdict.MET}


def test_what_no_alarm_can_watch_says_why() -> None:
    (found,) = judgements(changed(plan(RARELY)), "SecureDdb-BAK13")
    assert "no alarm looks back more than 7 days" in found.detail


def test_another_plan_does_not_make_a_rare_one_frequent() -> None:
    """Only jobs that copy into the vault count there."""
    _, (often,) = plan({"daily": 35})
    _, (seldom,) = plan(RARELY)
    content = changed((RULES, [{**often, "TargetBackupVault": "company"}, seldom]))
    assert verdicts(content, "SecureDdb-BAK13") == {Verdict.NOT_VERIFIABLE}
