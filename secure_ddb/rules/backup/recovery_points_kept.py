"""Recovery points are made every day, week and month, and kept for as long as the classification demands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.landscape.backup import plan_rules
from secure_ddb.rules.backup.schedules import covers
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the rules of each plan that selects tables. A rule that copies more often does for a rarer one."""
    for plan, tables in assembly.backup.plans.items():
        rules = [rule for rule in plan_rules(plan) if rule.get("TargetBackupVault")]
        floors = [table.floor for table in tables]
        demanded = {
            "daily": max(floor.daily_backup for floor in floors),
            "weekly": max(floor.weekly_backup for floor in floors),
            "monthly": max(floor.monthly_backup for floor in floors),
        }
        for schedule, days in demanded.items():
            answer = any_of(covers(rule, schedule, days) for rule in rules)
            kept = "are" if answer else "may be" if answer is None else "are not"
            detail = f"{schedule} recovery points {kept} kept for {days} days or more"
            path = "Properties.BackupPlan.BackupPlanRule"
            yield judged(plan, path, answer, detail, key=schedule, tables=tables)


RULE = Rule(
    id="SecureDdb-BAK6",
    title="Daily, weekly and monthly recovery points are kept for as long as the data's classification demands",
    severity=Severity.MEDIUM,
    requirements=("BAK-2",),
    controls=("PR.PT-5", "NIST.800-53.r5 CP-9", "NIST.800-53.r5 SI-12"),
    explanation="Damage may be noticed after months. Then only a copy from before it helps.",
    remedy="Give the plan a daily, a weekly and a monthly rule with a Lifecycle that keeps recovery points that long.",
    source="https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html",
    check=check,
)
