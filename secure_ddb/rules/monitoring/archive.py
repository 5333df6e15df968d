"""An archive that falls behind raises an alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.monitoring.expected import Expected, in_words
from secure_ddb.rules.relations.alarms import FIREHOSE, LOGS
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.rules.assembly import Assembly

# Both CloudWatch Logs and Firehose give a line up after a day; half of it is left to repair.
_LONGEST_DELAY_SECONDS = 12 * 60 * 60
_LATE = Expected(
    metric="DeliveryToS3.DataFreshness",
    rings_at=_LONGEST_DELAY_SECONDS,
    statistics=frozenset({"Average", "Maximum"}),
)
_REFUSED = Expected(metric="DeliveryErrors", rings_at=10)


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look for the alarms on each delivery stream to an archive, and on what hands lines to it."""
    for stream, tables in assembly.delivery_streams.items():
        watching = assembly.watching(stream, FIREHOSE, _LATE.metric, ("DeliveryStreamName", stream.name))
        answer = _LATE.found(watching, stream)
        detail = f"{_LATE.metric} of the delivery stream {in_words(answer)}"
        yield judged(stream, "Properties", answer, detail, key=_LATE.metric, tables=tables)
    for delivery in assembly.deliveries:
        group = delivery.group
        watching = assembly.watching(group, LOGS, _REFUSED.metric, ("LogGroupName", group.name))
        answer = _REFUSED.found(watching, group)
        detail = f"{_REFUSED.metric} of the log's subscription {in_words(answer)}"
        key = f"{_REFUSED.metric} {delivery.subscription.logical_id}"
        yield judged(delivery.subscription, "Properties", answer, detail, key=key, tables=delivery.tables)


RULE = Rule(
    id="SecureDdb-MON14",
    title="An archive that falls behind the log of changes raises an alarm",
    severity=Severity.MEDIUM,
    requirements=("AUD-3",),
    controls=("CS-4", "NIST.800-53.r5 AU-5", "NIST.800-53.r5 AU-5(2)", "NIST.800-53.r5 SI-4"),
    explanation="What could not be delivered for a day is dropped, so somebody has to hear of it before.",
    remedy="Make alarms on DeliveryToS3.DataFreshness of the delivery stream and on DeliveryErrors of the log group.",
    source="https://docs.aws.amazon.com/firehose/latest/dev/cloudwatch-metrics.html",
    check=check,
)
