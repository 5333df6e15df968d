"""The cost of a million writes to a table: the writes, and their audit trail.

Storage is charged for the whole retention: a million writes now, or each month of a million writes once
what the first of them left is deleted.
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, as_number, at
from secure_ddb.cost.model import Line
from secure_ddb.cost.per_gb import table_class
from secure_ddb.cost.schedule import DAYS_OF_MONTH
from secure_ddb.landscape.key_permissions import makes_digests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cost.model import Assumptions
    from secure_ddb.cost.prices import Prices
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table

MILLION = 1_000_000
GB = 1024**3
# Measured with the lines of `python -m benchmarks.audit_handler`: docs/archive.md.
COMPRESSED = 105 / 490
_WRITE_UNIT_BYTES = 1024
_DEFAULT_MEMORY_MB = 128
_DEFAULT_BATCH = 100
_WRITES = ("PutItem", "UpdateItem", "DeleteItem")


class _Writes(NamedTuple):
    """The writes to a table."""

    table: Table
    assembly: Assembly
    prices: Prices
    assumptions: Assumptions

    def line(self, what: str, quantity: float | None, price_name: str, region: str = "", detail: str = "") -> Line:
        region = region or self.table.resource.region
        price = self.prices.find(price_name, region)
        return Line(what=what, quantity=quantity, price=price, price_name=price_name, region=region, detail=detail)


def lines_per_million_writes(table: Table, assembly: Assembly, prices: Prices, assumptions: Assumptions) -> list[Line]:
    """Return the cost of a million writes."""
    writes = _Writes(table, assembly, prices, assumptions)
    return [*_requests(writes), *_streams(writes), *_function(writes), *_archive(writes), *_trails(writes)]


def with_full_batches(table: Table, assembly: Assembly, assumptions: Assumptions) -> Assumptions:
    """Return the assumptions, but with the largest batches that the event source mapping allows."""
    mapping = assembly.audit.consumers.get(table)
    size = as_number(mapping.properties.get("BatchSize")) if mapping else None
    return replace(assumptions, records_per_batch=int(size or _DEFAULT_BATCH))


def _requests(writes: _Writes) -> Iterator[Line]:
    table = writes.table
    if table.resource.properties.get("BillingMode") != "PAY_PER_REQUEST":
        return
    units = ceil(writes.assumptions.item_bytes / _WRITE_UNIT_BYTES)
    several = len(table.replicas) > 1
    for each in table.replicas:
        name = f"{'replicated_' if several else ''}write_request_unit{table_class(table, each)}"
        where = f" in {each.region}" if several else ""
        yield writes.line(f"write request units{where}", units * MILLION, name, each.region)


def _streams(writes: _Writes) -> Iterator[Line]:
    """Yield the cost of reading the changes. Lambda's own reads of DynamoDB's stream are free."""
    streams = [stream for stream, tables in writes.assembly.audit.change_streams.items() if writes.table in tables]
    for stream in streams:
        yield writes.line("changes written to Kinesis", MILLION, "change_data_capture_unit", stream.region)
    for reader in writes.assembly.audit.stream_consumers.get(writes.table, ()):
        if reader.type == kinds.PIPE:
            yield writes.line("requests of a pipe", None, "pipe_request", reader.region)


def _function(writes: _Writes) -> Iterator[Line]:
    """Yield the cost of each Region's audit function, log and MACs."""
    for table, mapping in writes.assembly.audit.mappings:
        function = writes.assembly.functions.of(mapping) if table is writes.table else None
        if function is not None:
            yield from _one_function(function, writes)


def _one_function(function: Resource, writes: _Writes) -> Iterator[Line]:
    assembly, assumptions = writes.assembly, writes.assumptions
    batches = MILLION / (assumptions.records_per_batch or 1)
    arm = "_arm" if "arm64" in as_list(function.properties.get("Architectures")) else ""
    memory = as_number(function.properties.get("MemorySize", _DEFAULT_MEMORY_MB))
    seconds = batches * assumptions.invocation_milliseconds / 1000
    yield writes.line("invocations of the audit function", batches, f"lambda_request{arm}", function.region)
    size = None if memory is None else seconds * memory / 1024
    yield writes.line("GB-seconds of the audit function", size, f"lambda_gb_second{arm}", function.region)
    if any(makes_digests(key) for key in assembly.audit.keys_told(function)):
        yield writes.line("requests to AWS KMS, one for each batch", batches, "kms_request", function.region)
    group = assembly.functions.log_group_of(function)
    if group is not None:
        yield from _log(group, writes)


def _log(group: Resource, writes: _Writes) -> Iterator[Line]:
    gigabytes = MILLION * writes.assumptions.line_bytes / GB
    infrequent = "_infrequent_access" if group.properties.get("LogGroupClass") == "INFREQUENT_ACCESS" else ""
    yield writes.line("GB of log taken in", gigabytes, f"log_ingestion{infrequent}", group.region)
    days = as_number(group.properties.get("RetentionInDays"))
    yield writes.line(
        "GB-months of log kept, compressed",
        None if days is None else gigabytes * COMPRESSED * days / DAYS_OF_MONTH,
        "log_storage",
        group.region,
        "for ever" if days is None else f"for {days:,.0f} days",
    )


def _archive(writes: _Writes) -> Iterator[Line]:
    gigabytes = MILLION * writes.assumptions.line_bytes / GB
    for delivery in writes.assembly.archive.deliveries:
        if writes.table not in delivery.tables:
            continue
        region = delivery.stream.region
        yield writes.line("GB of log taken in by Firehose", None, "firehose_ingestion", region, "see docs/archive.md")
        bucket = writes.assembly.archive.bucket_of(delivery.stream)
        days = _days_kept(bucket) if bucket else None
        yield writes.line(
            "GB-months of archive, compressed",
            None if days is None else gigabytes * COMPRESSED * days / DAYS_OF_MONTH,
            "bucket_storage",
            bucket.region if bucket else region,
            "for as long as the bucket keeps it" if days is None else f"for {days:,.0f} days",
        )


def _days_kept(bucket: Resource) -> float | None:
    """Return after how many days a bucket deletes everything, or None if it does not."""
    rules = as_list(at(bucket.properties, "LifecycleConfiguration", "Rules"))
    days = [
        as_number(at(rule, "ExpirationInDays"))
        for rule in rules
        if at(rule, "Status") == "Enabled" and not at(rule, "Prefix") and not at(rule, "TagFilters")
    ]
    return min((each for each in days if each is not None), default=None)


def _trails(writes: _Writes) -> Iterator[Line]:
    """Yield the data events of writes, for each trail that records them, or may do so."""
    for table, _, recordings in writes.assembly.trails.recordings:
        if table is not writes.table:
            continue
        for each in recordings:
            recorder = each.recorder
            if each.is_on is False or all(each.requests.get(name) is False for name in _WRITES):
                continue
            if recorder.type == kinds.TRAIL:
                yield writes.line("data events of a CloudTrail trail", MILLION, "trail_data_event", recorder.region)
            else:
                yield writes.line(
                    "GB taken in by an event data store",
                    None,
                    "event_data_store_ingestion",
                    recorder.region,
                    "the size of events is not known",
                )
