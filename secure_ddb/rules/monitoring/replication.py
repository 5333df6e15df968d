"""Replicas that lag behind raise an alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.iam.comparison import same
from secure_ddb.landscape.alarms import DYNAMODB
from secure_ddb.rules.monitoring.expected import Expected, in_words
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import negate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly

_METRIC = "ReplicationLatency"
# Such a table has no replica that lags, and publishes no such metric.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
_STRONG = "STRONG"
_RINGS_AT_MILLISECONDS = 15 * 60 * 1000


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look for an alarm on each other Region of a table with several replicas that are eventually consistent."""
    for table in assembly.tables:
        consistency = table.resource.properties.get("MultiRegionConsistency")
        if consistency == _STRONG:
            continue
        for replica in table.replicas:
            elsewhere = negate(same(replica.region, table.resource.region))
            # A table's only replica stands in the Region of its stack, whichever that is.
            alone = len(table.replicas) == 1 and not is_unknown(replica.region)
            if elsewhere is False or (elsewhere is None and alone):
                continue
            expected = Expected(
                metric=_METRIC,
                rings_at=_RINGS_AT_MILLISECONDS,
                dimensions=(("ReceivingRegion", replica.region),),
                statistics=frozenset({"Average", "Maximum"}),
            )
            watching = assembly.alarms.watching(table.resource, DYNAMODB, _METRIC, ("TableName", table.name))
            answer = expected.found(watching)
            if answer is False and (elsewhere is None or is_unknown(consistency) or is_unknown(replica.region)):
                answer = None
            detail = f"{_METRIC} to {replica.region} {in_words(answer)}"
            yield judged(table.resource, replica.path, answer, detail, key=replica.region, tables=[table])


RULE = Rule(
    id="SecureDdb-MON13",
    title="Replicas that lag behind raise an alarm",
    severity=Severity.LOW,
    requirements=("MON-1", "REP-1"),
    controls=("PR.PT-5", "NIST.800-53.r5 CA-7"),
    explanation="A replica that lags is the one that an application falls back on.",
    remedy="Make an alarm on ReplicationLatency for each receiving Region.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
    check=check,
)
