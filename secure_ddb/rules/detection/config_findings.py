"""Whether people are told of what AWS Config finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.detection.told import judge_told, service_event
from secure_ddb.rules.rule import Judgement, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


@Rule(
    id="SecureDdb-DET14",
    title="What AWS Config finds out about the table is reported",
    problem="A rule on what AWS Config finds out about the table is off or reports to no topic",
    severity=Severity.MEDIUM,
    requirements=("DET-4",),
    controls=(*nist("CA-7", "SI-4(5)"),),
    rationale=(
        "AWS Config sends no message by itself: a table that no longer complies is only listed in its console. The "
        "report may be part of an account baseline, which no template of the app shows."
    ),
    remedy=(
        "Name the table in a TableConfigRules, or make an EventBridge rule on the default bus with a topic as its "
        "target for Config Rules Compliance Change."
    ),
    source="https://docs.aws.amazon.com/config/latest/developerguide/monitor-config-with-cloudwatchevents.html",
    skip_ephemeral=True,
)
def config_findings(assembly: Assembly) -> Iterator[Judgement]:
    """Look for EventBridge rules on what each rule of AWS Config finds that surely looks at a table."""
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
        yield from judge_told(assembly, table, replica, findings)
