"""Backups, recovery and protection of the table."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.values import as_bool, as_number, at, is_unknown
from secure_ddb.landscape.backup import plan_rules
from secure_ddb.limits import MOST_BACKUP_DAYS
from secure_ddb.rules.catalogues import nist, security_hub
from secure_ddb.rules.retention import retained
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value
from secure_ddb.three_valued import any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth


@Rule(
    id="SecureDdb-BAK1",
    title="Point-in-time recovery is on",
    problem="Point-in-time recovery is off",
    severity=Severity.HIGH,
    requirements=("BAK-1",),
    controls=("PR.PT-5", *nist("CP-9", "CP-10"), *security_hub("DynamoDB.2")),
    rationale="A faulty program or a stolen session can overwrite every item. The last backup may then be weeks old.",
    remedy="Set PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled to true for each replica.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html",
    # A deleted table with point-in-time recovery leaves a system backup for 35 days.
    skip_ephemeral=True,
)
def point_in_time_recovery(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each replica."""
    for table, replica in assembly.tables.replicas:
        path = f"{replica.path}.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"
        value = replica.at("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")
        yield judged_value(table.resource, path, value, good=as_bool(value), key=replica.region, tables=[table])


_DEFAULT_DAYS = 35


@Rule(
    id="SecureDdb-BAK2",
    title="The point-in-time recovery period is as long as the data's classification requires",
    problem="The point-in-time recovery period is too short for the data's classification",
    severity=Severity.MEDIUM,
    requirements=("BAK-1",),
    controls=("PR.PT-5", *nist("CP-9", "SI-12")),
    rationale="Damage that is noticed after the recovery period can be repaired only from backups.",
    remedy=(
        "Leave out RecoveryPeriodInDays (the default is 35), or set it to the value that the classification requires."
    ),
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html",
)
def recovery_period(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each replica that has point-in-time recovery."""
    for table, replica in assembly.tables.replicas:
        if not as_bool(replica.at("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")):
            continue
        days = replica.at("PointInTimeRecoverySpecification", "RecoveryPeriodInDays")
        days = _DEFAULT_DAYS if days is None else days
        good = table.floor.recovery_period <= (as_number(days) or 0) <= _DEFAULT_DAYS
        path = f"{replica.path}.PointInTimeRecoverySpecification.RecoveryPeriodInDays"
        yield judged_value(table.resource, path, days, good=good, key=replica.region, tables=[table])


@Rule(
    id="SecureDdb-BAK3",
    title="Deletion protection is on",
    problem="Deletion protection is off",
    severity=Severity.HIGH,
    requirements=("BAK-1",),
    controls=("PR.PT-5", *nist("CM-3"), *security_hub("DynamoDB.6")),
    rationale="Deleting the table also deletes its items, its stream and its point-in-time recovery.",
    remedy="Set DeletionProtectionEnabled to true for each replica.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html",
    skip_ephemeral=True,
)
def deletion_protection(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each replica."""
    for table, replica in assembly.tables.replicas:
        path = f"{replica.path}.DeletionProtectionEnabled"
        value = replica.at("DeletionProtectionEnabled")
        yield judged_value(table.resource, path, value, good=as_bool(value), key=replica.region, tables=[table])


@Rule(
    id="SecureDdb-BAK4",
    title="The table is retained when its stack is deleted",
    problem="The table is deleted with its stack",
    severity=Severity.HIGH,
    requirements=("BAK-1",),
    controls=("PR.PT-5", *nist("CM-3")),
    rationale="It is easy to delete a stack or rename a resource without meaning to delete data.",
    remedy="Set the table's DeletionPolicy and UpdateReplacePolicy to Retain (RemovalPolicy.RETAIN).",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html",
    skip_ephemeral=True,
)
def table_retained(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each table."""
    for table in assembly.tables:
        yield from retained(table.resource, [table])


@Rule(
    id="SecureDdb-BAK5",
    title="The table is in a backup plan",
    problem="The table is in no backup plan",
    severity=Severity.HIGH,
    requirements=("BAK-2",),
    controls=("PR.PT-5", *nist("CP-9", "SI-12"), *security_hub("DynamoDB.4")),
    rationale="Point-in-time recovery covers at most 35 days and ends with the table. A vault has its own policy.",
    remedy="Add the table's ARN to an AWS::Backup::BackupSelection, or select the table by one of its tags.",
    source="https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html",
    skip_ephemeral=True,
)
def in_backup_plan(assembly: Assembly) -> Iterator[Judgement]:
    """Look for a selection that selects the table, by its ARN, a wildcard or its tags."""
    for table, replica in assembly.tables.replicas:
        selections = [each for each in assembly.backup.selections[table] if table.in_region(each[0].region) == replica]
        answer = any_of(_of_plan(assembly, selection, selects) for selection, selects in selections)
        by = ", ".join(selection.logical_id for selection, _ in selections)
        detail = f"it is selected by {by}" if by else "no backup plan of the app selects it"
        where, key = ("", "") if replica is table.replicas[0] else (f" in {replica.region}", replica.region)
        yield judged(table.resource, "Properties", answer, f"{detail}{where}", key=key, tables=[table])


def _of_plan(assembly: Assembly, selection: Resource, selects: Truth) -> Truth:
    """Return no for a selection of no plan; of a plan that is not in the app nothing can be seen."""
    if selection.properties.get("BackupPlanId") is None:
        return False
    return None if assembly.backup.plan_of(selection) is None else selects


_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
# Not every month has these days, nor a fifth Sunday.
_SKIPS_MONTHS = re.compile(r"(29|30|31)W? .*|.*#5")
_RATE = re.compile(r"rate\((\d+) (hour|day)s?\)")
_DAILY = "cron(0 5 ? * * *)"
_EVERY = {"*", "?", "*/1", "1/1"}
_LEAST_DAYS_IN_COLD_STORAGE = 90
_FOR_EVER = -1
_DAYS = {"daily": 1, "weekly": 7, "monthly": 31}


def days_between(rule: dict[str, Any]) -> float | None:
    """Return the days between two copies, or None if that is known only at deployment or cannot be read."""
    expression = rule.get("ScheduleExpression", _DAILY)
    cron, rate = _CRON.fullmatch(str(expression)), _RATE.fullmatch(str(expression))
    if rate:
        return int(rate[1]) / (24 if rate[2] == "hour" else 1)
    if cron is None:
        return None
    _, _, day, month, weekday, year = cron.groups()
    if month not in _EVERY or year not in _EVERY or _SKIPS_MONTHS.fullmatch(f"{day} {weekday}"):
        return None
    if weekday not in _EVERY:
        # A weekday of every week, or the n-th or last one of a month.
        return _DAYS["monthly" if "#" in weekday or "L" in weekday else "weekly"]
    return _DAYS["daily" if day in _EVERY else "monthly"]


def days_kept(rule: dict[str, Any]) -> float | None:
    """Return for how many days a rule keeps its copies, or None if that is known only at deployment.

    Without an end, or with -1, it keeps them for ever.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html
    """
    end = at(rule, "Lifecycle", "DeleteAfterDays")
    if is_unknown(end):
        return None
    days = as_number(end) or 0
    return math.inf if end is None or days == _FOR_EVER else days


def keeps(rule: dict[str, Any], days: int) -> Truth:
    """Return whether a rule keeps its copies for some days."""
    kept = days_kept(rule)
    if kept is None:
        return None
    cold = as_number(at(rule, "Lifecycle", "MoveToColdStorageAfterDays"))
    # AWS Backup refuses a rule that would keep a copy for longer, or move it into cold storage for less.
    is_accepted = kept <= MOST_BACKUP_DAYS or kept == math.inf
    return is_accepted and kept >= days and (cold is None or kept >= cold + _LEAST_DAYS_IN_COLD_STORAGE)


def covers(rule: dict[str, Any], schedule: str, days: int) -> Truth:
    """Return whether a rule copies at least this often and keeps the copies for as long."""
    between = days_between(rule)
    if between is None:
        return None if is_unknown(rule.get("ScheduleExpression")) else False
    return keeps(rule, days) if between <= _DAYS[schedule] else False


@Rule(
    id="SecureDdb-BAK6",
    title="Recovery points are kept for as long as the data's classification requires",
    problem="Recovery points are not kept for as long as the data's classification requires",
    severity=Severity.MEDIUM,
    requirements=("BAK-2",),
    controls=("PR.PT-5", *nist("CP-9", "SI-12")),
    rationale="Damage may be noticed months later. Only a copy made before it helps then.",
    remedy=(
        "Give the plan a daily, weekly or monthly rule whose Lifecycle keeps recovery points for that long; "
        "restricted data requires all three."
    ),
    source="https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html",
)
def recovery_points_kept(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the rules of each plan that selects tables. A rule that copies more often does for a rarer one."""
    path = "Properties.BackupPlan.BackupPlanRule"
    for plan, tables in assembly.backup.plans.items():
        rules = [rule for rule in plan_rules(plan) if rule.get("TargetBackupVault")]
        floors = [table.floor for table in tables]
        demanded = {
            "daily": max(floor.daily_backup for floor in floors),
            "weekly": max(floor.weekly_backup for floor in floors),
            "monthly": max(floor.monthly_backup for floor in floors),
        }
        answers = {
            schedule: any_of(covers(rule, schedule, days) for rule in rules) for schedule, days in demanded.items()
        }
        if any(floor.must_have_every_backup for floor in floors):
            for schedule, answer in answers.items():
                detail = f"{schedule} recovery points {_are(answer)} kept for {demanded[schedule]} days or more"
                yield judged(plan, path, answer, detail, key=schedule, tables=tables)
        else:
            answer = any_of(answers.values())
            periods = " or ".join(f"{schedule} ones for {days} days" for schedule, days in demanded.items())
            detail = f"recovery points {_are(answer)} kept long enough: {periods}"
            yield judged(plan, path, answer, detail, tables=tables)


def _are(answer: Truth) -> str:
    return "are" if answer else "may be" if answer is None else "are not"
