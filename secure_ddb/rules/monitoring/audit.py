"""Alarms on the audit trail and its archive."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool, as_list, at, is_unknown
from secure_ddb.iam.evaluation import asked_by
from secure_ddb.landscape.alarms import DYNAMODB, FIREHOSE, LAMBDA, LOGS
from secure_ddb.landscape.archive import destination_in_s3, destination_name
from secure_ddb.rules.catalogues import nist, pci
from secure_ddb.rules.monitoring.expected import AVERAGES, Expected, has_alarm, judged_alarms
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged, judged_value
from secure_ddb.three_valued import all_of, any_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.alarm import Alarm
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth

# After a day the stream has forgotten; half of it is left to repair.
_LONGEST_AGE_MILLISECONDS = 12 * 60 * 60 * 1000
_AUDIT_FUNCTION_EXPECTED = (
    Expected(metric="Errors", rings_at=10),
    Expected(metric="Throttles", rings_at=50),
    Expected(metric="IteratorAge", rings_at=_LONGEST_AGE_MILLISECONDS, statistics=AVERAGES),
)


@Rule(
    id="SecureDdb-MON5",
    title="Errors, throttles and delays of the audit function raise an alarm",
    problem="Errors, throttles or delays of the audit function raise no alarm",
    severity=Severity.MEDIUM,
    requirements=("MON-1", "AUD-1"),
    controls=("CS-4", *nist("AU-5", "AU-5(2)"), *pci("10.7.2")),
    rationale="The stream keeps changes for 24 hours; problems must be noticed before then.",
    remedy="Create alarms on Errors, Throttles and IteratorAge of the function.",
    source="https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html",
)
def audit_function(assembly: Assembly) -> Iterator[Judgement]:
    """Look for the alarms on each function that reads a table's stream."""
    for function, tables in assembly.audit.functions.items():
        dimension, expected = ("FunctionName", function.name), _AUDIT_FUNCTION_EXPECTED
        yield from judged_alarms(assembly, function, LAMBDA, dimension, expected, of=" of the function", tables=tables)


# The first one counts. A filter that is added later drops records without a trace in the template.
_LOST_RECORDS_EXPECTED = (
    Expected(metric="OnFailureDestinationDeliveredEventCount", rings_at=1),
    Expected(metric="DroppedEventCount", rings_at=1),
    Expected(metric="FilteredOutEventCount", rings_at=1),
)


@Rule(
    id="SecureDdb-MON6",
    title="Changes that could not be recorded raise an alarm",
    problem="Changes that could not be recorded raise no alarm",
    severity=Severity.MEDIUM,
    requirements=("MON-1", "AUD-1"),
    controls=("CS-4", *nist("AU-5", "AU-5(2)"), *pci("10.7.2")),
    rationale="The bucket keeps failed changes, but without an alarm no one knows that they are missing from the log.",
    remedy=(
        "Set MetricsConfig to EventCount, and create alarms on OnFailureDestinationDeliveredEventCount, "
        "DroppedEventCount and FilteredOutEventCount of the mapping that go off at the first event."
    ),
    source="https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html",
)
def lost_records(assembly: Assembly) -> Iterator[Judgement]:
    """Look for the alarms on each mapping, and whether it counts at all."""
    for table, mapping in assembly.audit.mappings:
        metrics = at(mapping.properties, "MetricsConfig", "Metrics")
        path = "Properties.MetricsConfig.Metrics"
        good = "EventCount" in as_list(metrics)
        yield judged_value(mapping, path, metrics, good=good, key="MetricsConfig", tables=[table])
        dimension = ("EventSourceMappingUUID", mapping.ref)
        yield from judged_alarms(assembly, mapping, LAMBDA, dimension, _LOST_RECORDS_EXPECTED, tables=[table])


# Both CloudWatch Logs and Firehose give a line up after a day; half of it is left to repair.
_LONGEST_DELAY_SECONDS = 12 * 60 * 60
_LATE = Expected(metric="DeliveryToS3.DataFreshness", rings_at=_LONGEST_DELAY_SECONDS, statistics=AVERAGES)
_REFUSED = Expected(metric="DeliveryErrors", rings_at=10)
_THROTTLED = Expected(metric="DeliveryThrottling", rings_at=10)
# Records that cannot be unpacked are kept elsewhere in the bucket.
_NOT_UNPACKED = Expected(metric="OutputDecompressedRecords.Failed", rings_at=10)
_ERROR_LOG = "CloudWatchLoggingOptions"


@Rule(
    id="SecureDdb-MON14",
    title="A lagging archive raises an alarm",
    problem="A lagging archive raises no alarm",
    severity=Severity.MEDIUM,
    requirements=("AUD-3",),
    controls=("CS-4", *nist("AU-5", "AU-5(2)", "SI-4")),
    rationale="Records that cannot be delivered for 24 hours are dropped; problems must be noticed before then.",
    remedy=(
        "Create alarms on DeliveryToS3.DataFreshness of the delivery stream and on DeliveryErrors and "
        "DeliveryThrottling of the log group; if Firehose decompresses the lines, also on "
        "OutputDecompressedRecords.Failed. Enable CloudWatchLoggingOptions, and allow the delivery stream's role to "
        "put log events there."
    ),
    source="https://docs.aws.amazon.com/firehose/latest/dev/cloudwatch-metrics.html",
)
def archive(assembly: Assembly) -> Iterator[Judgement]:
    """Look for the alarms on each delivery stream to an archive and on what hands lines to it, and for an error log."""
    for stream, tables in assembly.archive.delivery_streams.items():
        expected = (_LATE, _NOT_UNPACKED) if _unpacks(stream) else (_LATE,)
        dimension, of = ("DeliveryStreamName", stream.name), " of the delivery stream"
        yield from judged_alarms(assembly, stream, FIREHOSE, dimension, expected, of=of, tables=tables)
        yield _logs_errors(assembly, stream, tables)
    for delivery in assembly.archive.deliveries:
        group = delivery.group
        for each in (_REFUSED, _THROTTLED):
            answer = each.found(assembly.alarms.watching(group, LOGS, each.metric, ("LogGroupName", group.name)))
            detail = f"{each.metric} of the log's subscription {has_alarm(answer)}"
            key = f"{each.metric} {delivery.subscription.logical_id}"
            yield judged(delivery.subscription, "Properties", answer, detail, key=key, tables=delivery.tables)


def _unpacks(stream: Resource) -> bool:
    processing = at(destination_in_s3(stream), "ProcessingConfiguration")
    kinds = {str(at(each, "Type")) for each in as_list(at(processing, "Processors"))}
    return as_bool(at(processing, "Enabled")) and "Decompression" in kinds


def _logs_errors(assembly: Assembly, stream: Resource, tables: Sequence[Table]) -> Judgement:
    """Judge whether Firehose logs errors, with permission to do so."""
    error_log = at(destination_in_s3(stream), _ERROR_LOG)
    named = [at(error_log, "LogGroupName"), at(error_log, "LogStreamName")]
    group = assembly.find(named[0], stream, kinds.LOG_GROUP)
    role = assembly.find(destination_in_s3(stream).get("RoleARN"), stream, kinds.ROLE)
    answer: Truth
    if is_unknown(error_log):
        answer = None
    elif not (as_bool(at(error_log, "Enabled")) and all(named)) or _of_another(assembly, named[1], group, stream):
        answer = False
    elif group and role:
        into = f"{group.arn.removesuffix('*')}log-stream:{named[1]}"
        answer = assembly.identities.role_may_all(role, asked_by(role, ("logs:PutLogEvents",), into))
    else:
        answer = None
    logs = choose(answer, "logs", "does not log", "may log")
    path = f"Properties.{destination_name(stream)}.{_ERROR_LOG}"
    return judged(stream, path, answer, f"it {logs} its errors", key=_ERROR_LOG, tables=tables)


def _of_another(assembly: Assembly, named: object, group: Resource | None, near: Resource) -> bool:
    """Return whether a log stream is seen in another log group."""
    log_stream = assembly.find(named, near, kinds.LOG_STREAM)
    in_app = log_stream and assembly.find(log_stream.properties.get("LogGroupName"), log_stream, kinds.LOG_GROUP)
    return log_stream is not None and in_app is not group


_POLLED, _WRITTEN = "PolledEventCount", "ConsumedWriteCapacityUnits"
# The expression that the remedy names, without white space.
_UNREAD = re.compile(r"IF\(FILL\((\w+),0\)>0(?:AND|&&)FILL\((\w+),0\)==0,1,0\)")
# Half of the time for which the stream keeps changes.
_LONGEST_SECONDS = 12 * 60 * 60


@Rule(
    id="SecureDdb-MON15",
    title="An event source mapping that stops reading raises an alarm",
    problem="An event source mapping that stops reading raises no alarm",
    severity=Severity.MEDIUM,
    requirements=("MON-1", "AUD-1"),
    controls=("CS-4", *nist("AU-5", "AU-5(2)"), *pci("10.7.2")),
    rationale=(
        "A mapping that is disabled or reads an old stream fails silently, and the stream keeps records only for a day."
    ),
    remedy=(
        "Create an alarm that goes off within 12 hours if PolledEventCount of the mapping stays zero or missing while "
        "ConsumedWriteCapacityUnits of the table does not: IF(FILL(written, 0) > 0 AND FILL(polled, 0) == 0, 1, 0)."
    ),
    source="https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html",
)
def unread_writes(assembly: Assembly) -> Iterator[Judgement]:
    """Look for an alarm that fires while the table is written to and its mapping reads nothing."""
    for table, mapping in assembly.audit.mappings:
        watching = assembly.alarms.watching(mapping, LAMBDA, _POLLED, ("EventSourceMappingUUID", mapping.ref))
        answer = any_of(_notices(alarm, table, mapping) for alarm in dict.fromkeys(alarm for alarm, _ in watching))
        yield judged(mapping, "Properties", answer, f"{_POLLED} {has_alarm(answer)}", tables=[table])


def _notices(alarm: Alarm, table: Table, mapping: Resource) -> Truth:
    """Return whether an alarm fires only when nothing is read. Other expressions are not evaluated."""
    metrics = {each.id: (each.namespace, each.name, each.dimensions) for each in alarm.metrics}
    polled = (LAMBDA, _POLLED, {"EventSourceMappingUUID": mapping.ref})
    written = (DYNAMODB, _WRITTEN, {"TableName": table.name})
    if alarm.has_expressions:
        found = _UNREAD.fullmatch("".join(alarm.expression.split()))
        if not found or (metrics.get(found[1]), metrics.get(found[2])) != (written, polled):
            return None
        bad, good = [alarm.rings_while(1)], alarm.rings_while(0)
    elif list(metrics.values()) != [polled]:
        return None
    else:
        # A disabled mapping publishes no zero.
        bad, good = [alarm.rings_while(None), alarm.rings_while(0)], alarm.rings_while(1)
    has_data = (each.has_data for each in alarm.metrics)
    return all_of(*bad, negate(good), *has_data, 0 < alarm.seconds <= _LONGEST_SECONDS)
