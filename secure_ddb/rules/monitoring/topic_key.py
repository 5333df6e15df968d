"""The topic's key lets alarms publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.landscape.key_permissions import lets_service_use
from secure_ddb.landscape.tables import key_named_by
from secure_ddb.rules.monitoring.sources import by_service
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

_NEEDED = ("kms:Decrypt", "kms:GenerateDataKey")


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the key of each topic, once for each service that has something to publish to it."""
    for topic, publishers in assembly.alarms.publishers.items():
        key = assembly.find_key(key_named_by(topic), topic)
        if key is None:
            continue
        tables = assembly.alarms.topics.get(topic, [])
        for service, sources in by_service(publishers, [assembly.policies.of_key(key)]).items():
            answer = all_of(*(_may_use(assembly, key, topic, service, source) for source in sources))
            lets = "lets" if answer else "may let" if answer is None else "does not let"
            detail = f"the key's policy {lets} {service}.amazonaws.com use it"
            yield judged(topic, "Properties.KmsMasterKeyId", answer, detail, key=service, tables=tables)


def _may_use(assembly: Assembly, key: Resource, topic: Resource, service: str, source: Resource) -> Truth:
    context: dict[str, Sequence[str]] = {"kms:encryptioncontext:aws:sns:topicarn": (topic.arn,)}
    if service != "events":
        # EventBridge sends neither: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
        context |= {"aws:sourceaccount": (source.account,), "aws:sourcearn": (source.arn,)}
    else:
        context |= {"aws:sourceaccount": (), "aws:sourcearn": ()}
    return lets_service_use(assembly, key, f"{service}.amazonaws.com", _NEEDED, context)


RULE = Rule(
    id="SecureDdb-MON10",
    title="The key of the alarms' topic lets the alarms publish",
    severity=Severity.HIGH,
    requirements=("MON-2",),
    controls=("NIST.800-53.r5 SI-4(5)", "NIST.800-53.r5 AU-5", "PCI DSS v4.0.1/10.7.2"),
    explanation="CDK does not say so to the key. Alarms then ring, and nobody hears of it.",
    remedy="Allow cloudwatch.amazonaws.com kms:Decrypt and kms:GenerateDataKey*, with aws:SourceAccount.",
    source="https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html",
    check=check,
)
