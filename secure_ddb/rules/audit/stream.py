"""The stream of changes, and its readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool, as_list, as_number, at, is_unknown
from secure_ddb.landscape.audit import destination_of
from secure_ddb.landscape.audit_consumer import closest, runs, takes_all
from secure_ddb.rules.audit.function import reading_stream, role_elsewhere
from secure_ddb.rules.catalogues import nist, pci
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged, judged_value, may
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


@Rule(
    id="SecureDdb-AUD1",
    title="The table's stream contains items before and after each change",
    problem="The table's stream is off, or does not contain items before and after each change",
    severity=Severity.HIGH,
    requirements=("AUD-1",),
    controls=("CS-4", *nist("AU-2", "AU-3", "AU-12"), *pci("10.2.2")),
    rationale="Without both images, the audit trail cannot show what changed.",
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
            detail = "changes are recorded from a Kinesis stream, which contains items before and after each change"
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
    rationale="The stream keeps records for 24 hours; records not read by then are never recorded.",
    remedy=(
        "Let a function read the stream through an enabled AWS::Lambda::EventSourceMapping without FilterCriteria, "
        "starting at TRIM_HORIZON, and do not set its concurrency to zero."
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
            detail = f"whether {reader.logical_id} reads every record is known only at deployment"
        else:
            detail = f"{reader.logical_id} {'reads every record' if answer else 'misses records'}"
        yield judged(table.resource, "Properties.StreamSpecification", answer, detail, tables=[table])
    # Those of further Regions have the same changes: none is needed, but one that is there has to be complete.
    for (table, region), readers in assembly.audit.replica_consumers.items():
        reader = closest(assembly.functions, assembly, readers)
        answer = all_of(takes_all(reader), runs(assembly.functions, reader))
        detail = f"{reader.logical_id} {choose(answer, 'takes', 'does not take', 'may or may not take')} every record"
        yield judged(reader, "Properties", answer, f"{detail} in {region}", key=region, tables=[table])


# With these defaults a poison record blocks its shard for the 24 hours that the stream keeps.
_FOR_EVER = -1
_MOST_RETRIES = 100
_SHORTEST_AGE = 60
_LONGEST_AGE = 23 * 60 * 60


@Rule(
    id="SecureDdb-AUD3",
    title="Changes that cannot be recorded are retried and do not block the stream",
    problem="A change that cannot be recorded blocks the stream or is dropped too early",
    severity=Severity.MEDIUM,
    requirements=("AUD-1",),
    controls=("CS-4", *nist("AU-5", "AU-12")),
    rationale=(
        "By default Lambda retries a batch for a day, so one poison record blocks all later changes in its shard."
    ),
    remedy=(
        "Set MaximumRetryAttempts to a value from 1 to 100 and MaximumRecordAgeInSeconds to less than a day, and "
        "isolate the failing record with BisectBatchOnFunctionError or ReportBatchItemFailures."
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
    rationale=(
        "Lambda drops a record after the last attempt. A bucket keeps the record; a queue or topic keeps only its "
        "position."
    ),
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
            detail = "the destination is not in the app, so its encryption and policy cannot be checked"
            yield judged(mapping, path, None, detail, tables=[table])


@Rule(
    id="SecureDdb-AUD29",
    title="Other consumers of the stream have the permissions they need",
    problem="Another consumer of the stream lacks permissions it needs",
    severity=Severity.LOW,
    requirements=("IAM-1",),
    controls=("CS-5", *nist("AC-6")),
    rationale=(
        "Lambda reads the stream with the function's role, which also needs the table's key. One consumer must record "
        "the table's changes; this rule does not check the logging and error handling of the others."
    ),
    remedy=(
        "Allow the function's role dynamodb:DescribeStream, GetRecords and GetShardIterator on the stream, and "
        "kms:Decrypt on the table's key with kms:ViaService dynamodb.REGION.amazonaws.com. For changes in Kinesis, "
        "allow kinesis:GetRecords and GetShardIterator, and kms:Decrypt on the stream's key through Kinesis."
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
            detail = "the function is not in the app, so its permissions cannot be checked"
            yield judged(mapping, "Properties.FunctionName", None, detail, tables=[table])
