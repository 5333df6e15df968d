"""Something reads the stream: every change, from the first one on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.rules import names
from secure_ddb.rules.permissions import any_of, both
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.rules.values import as_bool, as_number, at, is_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.rules.assembly import Assembly
    from secure_ddb.rules.permissions import Answer
    from secure_ddb.rules.resources import Resource


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look for a consumer of each table's stream that is on, takes every record and misses none."""
    for table in assembly.tables:
        readers = assembly.consumers.get(table, [])
        answer = any_of(both(_reads_all(reader), _runs(assembly, reader)) for reader in readers)
        if not readers:
            detail = "nothing in the app reads its stream"
        elif answer is None:
            detail = "what its stream's consumer takes is known only at deployment"
        else:
            detail = f"{', '.join(reader.logical_id for reader in readers)} {'takes' if answer else 'misses'} records"
        yield judged(table.resource, "Properties.StreamSpecification", answer, detail, tables=[table])


def _reads_all(reader: Resource) -> Answer:
    """Tell whether a mapping or pipe is on, takes all records and starts with the oldest."""
    properties = reader.properties
    if reader.type == names.PIPE:
        parameters = properties.get("SourceParameters")
        start = at(parameters, "DynamoDBStreamParameters", "StartingPosition")
        seen: list[Any] = [properties.get("DesiredState", "RUNNING"), start, at(parameters, "FilterCriteria")]
        on, target = seen[0] == "RUNNING", properties.get("Target")
    else:
        seen = [properties.get(name) for name in ("Enabled", "StartingPosition", "FilterCriteria")]
        on, target = seen[0] is None or as_bool(seen[0]), properties.get("FunctionName")
    if is_unknown(seen):
        return None
    return on and seen[1] == "TRIM_HORIZON" and not at(seen[2], "Filters") and bool(target)


def _runs(assembly: Assembly, reader: Resource) -> Answer:
    """Tell whether the function of a mapping may run at all: one whose concurrency is zero never does."""
    function = assembly.function_of(reader) if reader.type == names.EVENT_SOURCE else None
    reserved = function.properties.get("ReservedConcurrentExecutions") if function else None
    return None if is_unknown(reserved) else as_number(reserved) != 0


RULE = Rule(
    id="SecureDdb-AUD2",
    title="The table's stream has a consumer that is on and takes every record",
    severity=Severity.HIGH,
    requirements=("AUD-1",),
    controls=("CS-4", "NIST.800-53.r5 AU-2", "NIST.800-53.r5 AU-12", "PCI DSS v4.0.1/10.2.1"),
    explanation="The stream forgets records after 24 hours, so what nobody reads was never recorded.",
    remedy=(
        "Let a function read the stream through an AWS::Lambda::EventSourceMapping that is enabled, has no "
        "FilterCriteria, and starts at TRIM_HORIZON; leave its concurrency above zero."
    ),
    source="https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html",
    check=check,
)
