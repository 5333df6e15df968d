"""The topic's policy lets alarms publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.iam.evaluation import Request, allowed
from secure_ddb.landscape.key_permissions import NO_PRINCIPAL
from secure_ddb.rules.monitoring.sources import by_service
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the policy of each topic, once for each service that has something to publish to it."""
    for topic, publishers in assembly.alarms.publishers.items():
        tables = assembly.alarms.topics.get(topic, [])
        policies = assembly.policies.on(topic)
        for service, sources in by_service(publishers, policies).items():
            answer = all_of(*(_may_publish(assembly, topic, service, source) for source in sources))
            may = "may" if answer else "may or may not" if answer is None else "may not"
            detail = f"{service}.amazonaws.com {may} publish to it"
            if answer and policies:
                (shown, path), key = (policies[0].resource, policies[0].path), f"{topic.logical_id}.{service}"
            else:
                # Where somebody may have waived it.
                shown, path, key = topic, "Properties", service
            yield judged(shown, path, answer, detail, key=key, tables=tables)


def _may_publish(assembly: Assembly, topic: Resource, service: str, source: Resource) -> Truth:
    policies = assembly.policies.on(topic)
    if not policies:
        # SNS's own default lets what is in the topic's account publish.
        return True if source.account == topic.account else None
    if any(policy.is_unknown for policy in policies):
        return None
    request = Request(
        actions=("sns:Publish",),
        resources=[topic.arn],
        service=f"{service}.amazonaws.com",
        context={
            **NO_PRINCIPAL,
            "aws:securetransport": ("true",),
            "aws:sourceaccount": (source.account,),
            "aws:sourcearn": (source.arn,),
            "aws:sourceowner": (source.account,),
        },
    )
    return allowed([statement for policy in policies for statement in policy.statements], request)


RULE = Rule(
    id="SecureDdb-MON8",
    title="The topic's policy lets the alarms publish",
    severity=Severity.HIGH,
    requirements=("MON-1", "MON-2"),
    controls=("NIST.800-53.r5 SI-4(5)", "NIST.800-53.r5 AU-5", "PCI DSS v4.0.1/10.7.2"),
    explanation="An alarm whose message is refused looks as if it had been sent.",
    remedy="Allow cloudwatch.amazonaws.com sns:Publish, with aws:SourceAccount and aws:SourceArn.",
    source="https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html",
    check=check,
)
