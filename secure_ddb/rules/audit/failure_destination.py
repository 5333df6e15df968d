"""What could not be recorded is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.landscape.audit import destination_of
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
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


RULE = Rule(
    id="SecureDdb-AUD4",
    title="Changes that could not be recorded are kept",
    severity=Severity.HIGH,
    requirements=("AUD-1",),
    controls=("CS-4", "NIST.800-53.r5 AU-5"),
    explanation=(
        "After the last attempt Lambda drops a record, unless it is told where to keep it. A bucket gets the record "
        "itself; a queue or topic only its place in the stream, which forgets it after a day."
    ),
    remedy="Set DestinationConfig.OnFailure.Destination to a bucket.",
    source="https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html",
    check=check,
)
