"""Every alarm tells somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from secure_ddb.landscape.alarm import Alarm
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at what each alarm on a table, its audit trail or its backups, or a composite alarm for it, does then."""
    for alarm, tables in assembly.alarms.all.items():
        told = [
            (reporting, reports, all_of(reports, _tells(assembly, reporting)))
            for reporting, reports in assembly.alarms.reporting[alarm]
        ]
        answer = any_of([each for _, _, each in told])
        detail = "it reports to a topic" if answer else "it reports to no topic" if answer is False else _open(told)
        yield judged(alarm.resource, "Properties.AlarmActions", answer, detail, tables=tables)


def _tells(assembly: Assembly, alarm: Alarm) -> Truth:
    if not alarm.acts:
        return None if is_unknown(alarm.properties.get("ActionsEnabled")) and alarm.actions else False
    if any(assembly.find(arn, alarm.resource, kinds.TOPIC) for arn in alarm.actions):
        return True
    return None if any(is_unknown(arn) or ":sns:" in str(arn) for arn in alarm.actions) else False


def _open(told: Iterable[tuple[Alarm, Truth, Truth]]) -> str:
    """Say why it cannot be told whether it reports to a topic."""
    for alarm, reports, answer in told:
        if reports is None and answer is None:
            return f"whether {alarm.resource.logical_id} reports for it cannot be told from the templates"
    return "it reports to a topic that is not in the app, whose policy and key cannot be seen"


RULE = Rule(
    id="SecureDdb-MON7",
    title="Alarms report to a topic",
    severity=Severity.MEDIUM,
    requirements=("MON-1", "MON-2"),
    controls=(
        "NIST.800-53.r5 SI-4(5)",
        "Security Hub CloudWatch.15",
        "NIST.800-53.r5 AU-5",
        "Security Hub CloudWatch.17",
        "PCI DSS v4.0.1/10.7.2",
    ),
    explanation="An alarm that tells nobody only turns red.",
    remedy="Name a topic in AlarmActions, and leave ActionsEnabled on.",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html",
    check=check,
)
