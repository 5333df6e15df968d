"""Whether findings of AWS Config are reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.detection.reported_events import judge_reported, service_event
from secure_ddb.rules.rule import Judgement, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


@Rule(
    id="SecureDdb-DET14",
    title="Noncompliance found by AWS Config is reported",
    problem="The EventBridge rule on noncompliance found by AWS Config is off or does not report to a topic",
    severity=Severity.MEDIUM,
    requirements=("DET-4",),
    controls=(*nist("CA-7", "SI-4(5)"),),
    rationale=(
        "AWS Config itself sends no message: a noncompliant table is only listed in its console. An account baseline "
        "may report it; no template of the app shows that."
    ),
    remedy=(
        "Add the table to a TableConfigRules, or create an EventBridge rule on the default bus for Config Rules "
        "Compliance Change with a topic as its target."
    ),
    source="https://docs.aws.amazon.com/config/latest/developerguide/monitor-config-with-cloudwatchevents.html",
    skip_ephemeral=True,
)
def config_findings(assembly: Assembly) -> Iterator[Judgement]:
    """Look for EventBridge rules for the findings of each AWS Config rule that certainly checks a table."""
    for table, replica in assembly.tables.replicas:
        rules = [rule for rule, looks in assembly.config_rules.on(table, replica.region) if looks]
        findings = [
            service_event(
                table,
                replica,
                "config",
                "Config Rules Compliance Change",
                f"what {rule.logical_id} finds",
                configRuleName=rule.name,
                messageType="ComplianceChangeNotification",
                newEvaluationResult={"complianceType": "NON_COMPLIANT"},
            )
            for rule in rules
        ]
        yield from judge_reported(assembly, table, replica, findings)
