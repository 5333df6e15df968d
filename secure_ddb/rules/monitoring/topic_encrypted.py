"""Alarms are encrypted with a key of the company's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.landscape.tables import key_named_by
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the key of each topic."""
    path = "Properties.KmsMasterKeyId"
    for topic, tables in assembly.alarms.topics.items():
        named = key_named_by(topic)
        known = assembly.find_key(named, topic) is not None
        if known or named is None or is_unknown(named) or "alias/aws/" in str(named):
            yield judged_value(topic, path, named, good=known, tables=tables)
        else:
            yield judged(topic, path, None, "whose key it is cannot be seen: it is not in the app", tables=tables)


RULE = Rule(
    id="SecureDdb-MON9",
    title="The topic of the alarms is encrypted with a customer managed key",
    severity=Severity.MEDIUM,
    requirements=("MON-2",),
    controls=("CS-1", "PR.DS-1", "NIST.800-53.r5 SC-28", "Security Hub SNS.1"),
    explanation="Alarms name resources and accounts. With SNS's own key CloudWatch could not publish at all.",
    remedy="Set KmsMasterKeyId to a key of your own.",
    source="https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html",
    check=check,
)
