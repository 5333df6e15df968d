"""How many recovery points of a table AWS Backup keeps at a time, once a plan has run for its longest retention.

Each recovery point of a DynamoDB table is a full copy.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/backuprestore_HowItWorksAWS.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from secure_ddb.cloudformation.values import as_list, as_number, at, is_unknown
from secure_ddb.cost.schedule import DAYS_OF_MONTH, runs_per_day
from secure_ddb.landscape.backup import plan_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource

# AWS Backup's own, if a rule names none.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRule.html
_DAILY = "cron(0 5 ? * * *)"
_FOR_EVER = -1


class Kept(NamedTuple):
    """Recovery points that a rule, or a copy action of it, keeps.

    Attributes:
        rule: Name of the rule.
        region: Where they are kept.
        warm: How many are in warm storage at a time; None if it is not known.
        cold: How many are in cold storage; None likewise.
        reason: Why something is not known.
    """

    rule: str
    region: str
    warm: float | None
    cold: float | None = 0
    reason: str = ""


class Sent(NamedTuple):
    """Copies that a rule sends to another Region.

    Attributes:
        rule: Name of the rule.
        to: The other Region.
        per_month: How many in a month; None if it is not known.
    """

    rule: str
    to: str
    per_month: float | None


def copies_sent(plan: Resource) -> Iterator[Sent]:
    """Yield the data that each rule of a plan copies to other Regions. Each copy of a DynamoDB table is a full one."""
    for rule in plan_rules(plan):
        runs = runs_per_day(str(rule.get("ScheduleExpression", _DAILY)))
        for copy in as_list(rule.get("CopyActions")):
            region = _region_of(copy, plan)
            if region != plan.region:
                yield Sent(str(rule.get("RuleName", "rule")), region, None if runs is None else runs * DAYS_OF_MONTH)


def _region_of(copy: object, plan: Resource) -> str:
    """Return the Region of a copy's vault; that of the plan if it cannot be seen."""
    vault = str(at(copy, "DestinationBackupVaultArn") or "").split(":")
    return vault[3] if len(vault) > 3 and vault[3] else plan.region  # noqa: PLR2004 - arn:aws:backup:REGION


def recovery_points(plan: Resource) -> Iterator[Kept]:
    """Yield the storage that each rule of a plan uses for a table."""
    for rule in plan_rules(plan):
        name = str(rule.get("RuleName", "rule"))
        runs = runs_per_day(str(rule.get("ScheduleExpression", _DAILY)))
        yield _kept(name, plan.region, runs, rule)
        for copy in as_list(rule.get("CopyActions")):
            yield _kept(f"{name}, copied", _region_of(copy, plan), runs, copy if isinstance(copy, dict) else {})


def _kept(name: str, region: str, runs: float | None, action: dict[str, Any]) -> Kept:
    end, cold = (at(action, "Lifecycle", each) for each in ("DeleteAfterDays", "MoveToColdStorageAfterDays"))
    if runs is None:
        return Kept(name, region, None, None, "its schedule cannot be read")
    if is_unknown(end) or is_unknown(cold):
        return Kept(name, region, None, None, "how long it keeps them is known only at deployment")
    days, warm_days = as_number(end), as_number(cold)
    moves = warm_days is not None and warm_days != _FOR_EVER
    if days is None or days == _FOR_EVER:
        reason = "it never deletes them, so their number grows each month"
        return Kept(name, region, runs * (warm_days or 0) if moves else None, None if moves else 0, reason)
    warm_days = min(warm_days or 0, days) if moves else days
    return Kept(name, region, runs * warm_days, runs * (days - warm_days))
