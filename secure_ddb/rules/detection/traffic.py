"""Whether rejected traffic to DynamoDB is noticed (DET-7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, at
from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

_REJECTS = ("ALL", "REJECT")


@Rule(
    id="SecureDdb-DET13",
    title="Rejected network traffic raises an alarm",
    problem="Rejected network traffic raises no alarm",
    severity=Severity.LOW,
    requirements=("DET-7",),
    controls=(*nist("SI-4", "SI-4(5)"),),
    rationale=(
        "Traffic that security groups and network ACLs reject reaches no endpoint, so it appears in no trail. It "
        "appears in flow logs, which can be created and watched outside the app."
    ),
    remedy=(
        "Add the VPC to DetectionSettings(networks=[WatchedNetwork(vpc=vpc)]) of SharedResources, or create a flow "
        "log of rejected traffic, a metric filter on it, and an alarm with a topic as its action."
    ),
    source="https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html",
)
def rejected_traffic(assembly: Assembly) -> Iterator[Judgement]:
    """Look for a flow log with a metric filter and an alarm in the VPC of each gateway endpoint for DynamoDB."""
    seen = set()
    for gateway in assembly.network.gateways:
        vpc = str(gateway.endpoint.properties.get("VpcId", ""))
        if not vpc or vpc in seen:
            continue
        seen.add(vpc)
        answer: Truth = True if _is_noticed(assembly, gateway.endpoint, vpc) else None
        detail = choose(
            answer,
            "an alarm on its flow log's rejected traffic reports to a topic",
            "",
            "no alarm of the app is certain to go off on rejected traffic in its flow log; alarms elsewhere cannot be "
            "checked",
        )
        yield judged(gateway.endpoint, "Properties.VpcId", answer, detail)


def _is_noticed(assembly: Assembly, endpoint: Resource, vpc: str) -> bool:
    groups = {
        str(log.properties.get("LogGroupName"))
        for log in assembly.of_type(kinds.FLOW_LOG)
        if str(log.properties.get("ResourceId")) == vpc
        and log.properties.get("TrafficType") in _REJECTS
        and (log.account, log.region) == (endpoint.account, endpoint.region)
    }
    metrics = {
        (at(each, "MetricNamespace"), at(each, "MetricName"))
        for filter_ in assembly.of_type(kinds.METRIC_FILTER)
        if str(filter_.properties.get("LogGroupName")) in groups
        and "REJECT" in str(filter_.properties.get("FilterPattern"))
        for each in as_list(filter_.properties.get("MetricTransformations"))
    }
    return any(
        (metric.namespace, metric.name) in metrics and alarm.rings_at(1) and assembly.reporting.tells_topic(alarm)
        for alarm in assembly.reporting.alarms
        for metric in alarm.metrics
    )
