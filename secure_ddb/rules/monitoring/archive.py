"""An archive that falls behind raises an alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool, as_list, at, is_unknown
from secure_ddb.landscape.alarms import FIREHOSE, LOGS
from secure_ddb.landscape.archive import destination_in_s3, destination_name
from secure_ddb.rules.audit.function_permissions import permitted
from secure_ddb.rules.monitoring.expected import Expected, in_words
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth

# Both CloudWatch Logs and Firehose give a line up after a day; half of it is left to repair.
_LONGEST_DELAY_SECONDS = 12 * 60 * 60
_LATE = Expected(
    metric="DeliveryToS3.DataFreshness",
    rings_at=_LONGEST_DELAY_SECONDS,
    statistics=frozenset({"Average", "Maximum"}),
)
_REFUSED = Expected(metric="DeliveryErrors", rings_at=10)
_THROTTLED = Expected(metric="DeliveryThrottling", rings_at=10)
# What is unpacked on the way, and cannot be, is kept elsewhere in the bucket.
_NOT_UNPACKED = Expected(metric="OutputDecompressedRecords.Failed", rings_at=10)
_ERROR_LOG = "CloudWatchLoggingOptions"


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look for the alarms on each delivery stream to an archive and on what hands lines to it, and for an error log."""
    for stream, tables in assembly.archive.delivery_streams.items():
        for expected in (_LATE, _NOT_UNPACKED) if _unpacks(stream) else (_LATE,):
            watching = assembly.alarms.watching(stream, FIREHOSE, expected.metric, ("DeliveryStreamName", stream.name))
            answer = expected.found(watching)
            detail = f"{expected.metric} of the delivery stream {in_words(answer)}"
            yield judged(stream, "Properties", answer, detail, key=expected.metric, tables=tables)
        yield _logs_errors(assembly, stream, tables)
    for delivery in assembly.archive.deliveries:
        group = delivery.group
        for expected in (_REFUSED, _THROTTLED):
            watching = assembly.alarms.watching(group, LOGS, expected.metric, ("LogGroupName", group.name))
            answer = expected.found(watching)
            detail = f"{expected.metric} of the log's subscription {in_words(answer)}"
            key = f"{expected.metric} {delivery.subscription.logical_id}"
            yield judged(delivery.subscription, "Properties", answer, detail, key=key, tables=delivery.tables)


def _unpacks(stream: Resource) -> bool:
    processing = at(destination_in_s3(stream), "ProcessingConfiguration")
    kinds = {str(at(each, "Type")) for each in as_list(at(processing, "Processors"))}
    return as_bool(at(processing, "Enabled")) and "Decompression" in kinds


def _logs_errors(assembly: Assembly, stream: Resource, tables: Sequence[Table]) -> Judgement:
    """Say whether Firehose writes down why lines are late, which it may."""
    said = at(destination_in_s3(stream), _ERROR_LOG)
    named = [at(said, "LogGroupName"), at(said, "LogStreamName")]
    group = assembly.find(named[0], stream, kinds.LOG_GROUP)
    role = assembly.find(destination_in_s3(stream).get("RoleARN"), stream, kinds.ROLE)
    answer: Truth
    if is_unknown(said):
        answer = None
    elif not (as_bool(at(said, "Enabled")) and all(named)) or _of_another(assembly, named[1], group, stream):
        answer = False
    elif group and role:
        into = f"{group.arn.removesuffix('*')}log-stream:{named[1]}"
        answer = permitted(assembly, role, ("logs:PutLogEvents",), into)
    else:
        answer = None
    logs = "logs" if answer else "may log" if answer is None else "does not log"
    path = f"Properties.{destination_name(stream)}.{_ERROR_LOG}"
    return judged(stream, path, answer, f"it {logs} its errors", key=_ERROR_LOG, tables=tables)


def _of_another(assembly: Assembly, named: object, group: Resource | None, near: Resource) -> bool:
    """Tell whether a log stream is seen in another log group."""
    log_stream = assembly.find(named, near, kinds.LOG_STREAM)
    in_app = log_stream and assembly.find(log_stream.properties.get("LogGroupName"), log_stream, kinds.LOG_GROUP)
    return log_stream is not None and in_app is not group


RULE = Rule(
    id="SecureDdb-MON14",
    title="An archive that falls behind the log of changes raises an alarm",
    severity=Severity.MEDIUM,
    requirements=("AUD-3",),
    controls=("CS-4", "NIST.800-53.r5 AU-5", "NIST.800-53.r5 AU-5(2)", "NIST.800-53.r5 SI-4"),
    explanation="What could not be delivered for a day is dropped, so somebody has to hear of it before, and why.",
    remedy=(
        "Make alarms on DeliveryToS3.DataFreshness of the delivery stream and on DeliveryErrors and DeliveryThrottling "
        "of the log group; if Firehose unpacks lines, on OutputDecompressedRecords.Failed, too. Switch on "
        "CloudWatchLoggingOptions, and let the delivery stream's role put log events there."
    ),
    source="https://docs.aws.amazon.com/firehose/latest/dev/cloudwatch-metrics.html",
    check=check,
)
