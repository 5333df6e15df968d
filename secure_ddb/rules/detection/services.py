"""Events that services report without a trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.detection.reported_events import judge_reported, service_event
from secure_ddb.rules.rule import Judgement, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly

# From 7 on GuardDuty calls a finding "high".
_HIGH = 7.0


@Rule(
    id="SecureDdb-DET1",
    title="GuardDuty findings are reported",
    problem="A rule on GuardDuty findings is off or does not report to a topic",
    severity=Severity.MEDIUM,
    requirements=("DET-1",),
    controls=(*nist("SI-4", "SI-4(5)"),),
    rationale=(
        "GuardDuty detects stolen credentials, with which items are read as if by the role. The app's templates do "
        "not show whether it is on in the account and Region."
    ),
    remedy=(
        "Use SharedResources for the table, or create an EventBridge rule on the default bus with a topic as its "
        "target for GuardDuty findings of severity 7 and above, or from a lower severity. Turn GuardDuty on."
    ),
    source="https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html",
)
def guard_duty(assembly: Assembly) -> Iterator[Judgement]:
    """Look for an EventBridge rule on high findings of GuardDuty, in each Region of each table."""
    for table, replica in assembly.tables.replicas:
        finding = service_event(
            table, replica, "guardduty", "GuardDuty Finding", "a finding of high severity", severity=_HIGH
        )
        yield from judge_reported(assembly, table, replica, [finding])


@Rule(
    id="SecureDdb-DET9",
    title="AWS Health events are reported",
    problem="A rule on AWS Health events is off or does not report to a topic",
    severity=Severity.LOW,
    requirements=("DET-9",),
    controls=(*nist("SI-4(5)"),),
    rationale=(
        "AWS Health reports outages and changes of DynamoDB and AWS KMS that affect the account, and exposed keys."
    ),
    remedy=(
        "Use SharedResources for the table, or create an EventBridge rule on the default bus with a topic as its "
        "target for AWS Health events of the services DYNAMODB and KMS."
    ),
    source="https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html",
)
def health(assembly: Assembly) -> Iterator[Judgement]:
    """Look for an EventBridge rule on events of AWS Health, in each Region of each table."""
    for table, replica in assembly.tables.replicas:
        events = [
            service_event(
                table,
                replica,
                "health",
                "AWS Health Event",
                f"an issue of {service}",
                service=service,
                eventTypeCategory="issue",
            )
            for service in ("DYNAMODB", "KMS")
        ]
        yield from judge_reported(assembly, table, replica, events)
