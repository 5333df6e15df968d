"""Something reads the stream: every change, from the first one on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.landscape.audit_consumer import runs, takes_all
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
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
