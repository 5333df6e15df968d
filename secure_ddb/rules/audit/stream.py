"""The stream of changes, and what reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool, as_list, as_number, at, is_unknown
from secure_ddb.landscape.audit import destination_of
from secure_ddb.landscape.audit_consumer import runs, takes_all
from secure_ddb.rules.audit.function import reading_stream, role_elsewhere
from secure_ddb.rules.catalogues import nist, pci
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value, may
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


@Rule(
    id="SecureDdb-AUD1",
    title="The table's stream shows items before and after a change",
    problem="The table's stream is off, or does not show items before and after a change",
    severity=Severity.HIGH,
    requirements=("AUD-1",),
    controls=("CS-4", *nist("AU-2", "AU-3", "AU-12"), *pci("10.2.2")),
    rationale="Without both images the audit trail cannot show what changed.",
    remedy="Set StreamSpecification.StreamViewType to NEW_AND_OLD_IMAGES.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html",
)
def stream_images(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the stream of each table."""
    for table in assembly.tables:
        images = at(table.resource.properties, "StreamSpecification", "StreamViewType")
        path = "Properties.StreamSpecification.StreamViewType"
        readers = assembly.audit.stream_consumers.get(table, [])
        if images is None and readers and all(map(assembly.audit.change_stream_of, readers)):
            detail = "what records changes reads a Kinesis stream, which shows items before and after them"
            yield judged(table.resource, "Properties", True, detail, tables=[table])
            continue
        yield judged_value(table.resource, path, images, good=images == "NEW_AND_OLD_IMAGES", tables=[table])


@Rule(
    id="SecureDdb-AUD2",
    title="An enabled consumer reads every record of the table's stream",
    problem="No enabled consumer reads every record of the table's stream",
    severity=Severity.HIGH,
    requirements=("AUD-1",),
    controls=("CS-4", *nist("AU-2", "AU-12"), *pci("10.2.1")),
    rationale="The stream keeps records for 24 hours: what is not read by then is never recorded.",
    remedy=(
        "Let a function read the stream through an AWS::Lambda::EventSourceMapping that is enabled, has no "
        "FilterCriteria, and starts at TRIM_HORIZON; leave its concurrency above zero."
    ),
    source="https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html",
)
def consumer(assembly: Assembly) -> Iterator[Judgement]:
    """Look for a consumer of each table's stream that is on and takes every record."""
    for table in assembly.tables:
        reader = assembly.audit.consumers.get(table)
        answer = all_of(takes_all(reader), runs(assembly.functions, reader)) if reader else False
        if reader is None:
            detail = "nothing in the app reads its stream"
        elif answer is None:
            detail = f"whether {reader.logical_id} takes every record is known only at deployment"
        else:
            detail = f"{reader.logical_id} {'takes every record' if answer else 'misses records'}"
        yield judged(table.resource, "Properties.StreamSpecification", answer, detail, tables=[table])


# With these defaults a poison record blocks its shard for the 24 hours that the stream keeps.
_FOR_EVER = -1
_MOST_RETRIES = 100
_SHORTEST_AGE = 60
_LONGEST_AGE = 23 * 60 * 60


@Rule(
    id="SecureDdb-AUD3",
    title="Changes that cannot be recorded are retried, and do not block the stream",
    problem="A change that cannot be recorded blocks the stream or is dropped too early",
    severity=Severity.MEDIUM,
    requirements=("AUD-1",),
    controls=("CS-4", *nist("AU-5", "AU-12")),
    rationale="By default Lambda retries a batch for a day: one poison record blocks all later changes of its shard.",
    remedy=(
        "Set MaximumRetryAttempts to 1 to 100 and MaximumRecordAgeInSeconds below a day, and isolate the failing "
        "record with BisectBatchOnFunctionError or ReportBatchItemFailures."
    ),
    source="https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html",
)
def retries(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each event source mapping on a table's stream."""
    for table, mapping in assembly.audit.mappings:
        properties = mapping.properties
        retries = properties.get("MaximumRetryAttempts", _FOR_EVER)
        age = properties.get("MaximumRecordAgeInSeconds", _FOR_EVER)
        bisects = properties.get("BisectBatchOnFunctionError")
        responses = properties.get("FunctionResponseTypes")
        # Either of the two isolates the record that fails.
        isolates = as_bool(bisects) or "ReportBatchItemFailures" in as_list(responses)
        for name, value, good in (
            ("MaximumRetryAttempts", retries, 1 <= (as_number(retries) or 0) <= _MOST_RETRIES),
            ("MaximumRecordAgeInSeconds", age, _SHORTEST_AGE <= (as_number(age) or 0) <= _LONGEST_AGE),
            ("BisectBatchOnFunctionError", bisects, isolates),
            ("FunctionResponseTypes", responses, isolates),
        ):
            yield judged_value(mapping, f"Properties.{name}", value, good=good, key=name, tables=[table])


@Rule(
    id="SecureDdb-AUD4",
    title="Changes that could not be recorded are kept",
    problem="Changes that could not be recorded are lost",
    severity=Severity.HIGH,
    requirements=("AUD-1",),
    controls=("CS-4", *nist("AU-5")),
    rationale="Lambda drops a record after its last attempt. A bucket keeps it; a queue or topic only its position.",
    remedy="Set DestinationConfig.OnFailure.Destination to a bucket.",
    source="https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html",
)
def failure_destination(assembly: Assembly) -> Iterator[Judgement]:
    """Look at each event source mapping on a table's stream."""
    path = "Properties.DestinationConfig.OnFailure.Destination"
    for table, mapping in assembly.audit.mappings:
        named = destination_of(mapping)
        found = assembly.find(named, mapping, kinds.BUCKET, kinds.QUEUE, kinds.TOPIC)
        if found or not named or is_unknown(named):
            yield judged_value(mapping, path, named, good=found is not None, tables=[table])
        else:
            detail = "the encryption and policy of a destination that is not in the app cannot be seen"
            yield judged(mapping, path, None, detail, tables=[table])


@Rule(
    id="SecureDdb-AUD29",
    title="Other consumers of the stream have the permissions they need",
    problem="Another consumer of the stream lacks permissions that it needs",
    severity=Severity.LOW,
    requirements=("IAM-1",),
    controls=("CS-5", *nist("AC-6")),
    rationale=(
        "Lambda reads the stream with the function's role, which needs the table's key as well. A table needs one "
        "consumer that records its changes; the logging and error handling of others are not judged."
    ),
    remedy=(
        "Let the function's role do dynamodb:DescribeStream, GetRecords and GetShardIterator on the stream, and "
        "kms:Decrypt on the table's key with kms:ViaService dynamodb.REGION.amazonaws.com. Of changes in Kinesis, "
        "kinesis:GetRecords and GetShardIterator, and kms:Decrypt on the stream's key through Kinesis."
    ),
    source="https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html",
)
def other_consumers(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the role of each such function; what a function or a role elsewhere may do cannot be seen."""
    for table, mapping in assembly.audit.other_mappings:
        function = assembly.functions.of(mapping)
        named = function.properties.get("Role") if function else None
        role = assembly.find(named, function, kinds.ROLE) if function else None
        if role:
            for what, answer in reading_stream(assembly, table, mapping, role):
                key = f"{what} of {table.resource.logical_id}"
                yield judged(role, "Properties", answer, f"{may(answer)} {what}", key=key, tables=[table])
        elif function:
            yield role_elsewhere(function, "Properties.Role", named, [table])
        else:
            detail = "what a function that is not in the app may do cannot be seen"
            yield judged(mapping, "Properties.FunctionName", None, detail, tables=[table])
