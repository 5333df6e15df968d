"""The stream shows every change, before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import at
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
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


RULE = Rule(
    id="SecureDdb-AUD1",
    title="The table's stream shows items before and after a change",
    severity=Severity.HIGH,
    requirements=("AUD-1",),
    controls=("CS-4", "NIST.800-53.r5 AU-2", "NIST.800-53.r5 AU-3", "NIST.800-53.r5 AU-12", "PCI DSS v4.0.1/10.2.2"),
    explanation="Without both images nobody can tell afterwards what was changed, or what was there before.",
    remedy="Set StreamSpecification.StreamViewType to NEW_AND_OLD_IMAGES.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html",
    check=check,
)
