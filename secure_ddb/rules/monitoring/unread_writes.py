"""A mapping that no longer reads the stream raises an alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.landscape.alarms import DYNAMODB, LAMBDA
from secure_ddb.rules.monitoring.expected import in_words
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import all_of, any_of, negate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.alarm import Alarm, Metric
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth

_POLLED, _WRITTEN = "PolledEventCount", "ConsumedWriteCapacityUnits"
# Half of the time for which the stream keeps changes.
_LONGEST_SECONDS = 12 * 60 * 60


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look for an alarm that rings while the table is written to and its mapping reads nothing."""
    for table, mapping in assembly.audit.mappings:
        watching = assembly.alarms.watching(mapping, LAMBDA, _POLLED, ("EventSourceMappingUUID", mapping.ref))
        answer = any_of(_rings(alarm, table, mapping) for alarm in dict.fromkeys(alarm for alarm, _ in watching))
        yield judged(mapping, "Properties", answer, f"{_POLLED} {in_words(answer)}", tables=[table])


def _rings(alarm: Alarm, table: Table, mapping: Resource) -> Truth:
    """Tell whether an alarm rings when nothing is read, with or without a zero, and is silent otherwise."""
    silent = (alarm.rings_while(_measured(table, mapping, polled)) for polled in (None, 0))
    reading = alarm.rings_while(_measured(table, mapping, 1))
    return all_of(*silent, negate(reading), 0 < alarm.seconds <= _LONGEST_SECONDS)


def _measured(table: Table, mapping: Resource, polled: float | None) -> Callable[[Metric], float | None]:
    """Return what is measured while the table is written to and the mapping reads so many changes."""

    def measure(metric: Metric) -> float | None:
        of_mapping = metric.dimensions == {"EventSourceMappingUUID": mapping.ref}
        if (metric.namespace, metric.name) == (LAMBDA, _POLLED) and of_mapping:
            return polled
        if (metric.namespace, metric.name) == (DYNAMODB, _WRITTEN) and metric.dimensions == {"TableName": table.name}:
            return 1
        raise ValueError(metric)

    return measure


RULE = Rule(
    id="SecureDdb-MON15",
    title="An event source mapping that no longer reads changes raises an alarm",
    severity=Severity.MEDIUM,
    requirements=("MON-1", "AUD-1"),
    controls=("CS-4", "NIST.800-53.r5 AU-5", "NIST.800-53.r5 AU-5(2)", "PCI DSS v4.0.1/10.7.2"),
    explanation=(
        "A mapping that is disabled or reads an old stream calls no function, so nothing fails. The stream forgets "
        "changes after a day."
    ),
    remedy=(
        "Make an alarm that rings within 12 hours if PolledEventCount of the mapping stays zero or missing while "
        "ConsumedWriteCapacityUnits of the table does not: IF(FILL(written, 0) > 0 AND FILL(polled, 0) == 0, 1, 0)."
    ),
    source="https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html",
    check=check,
)
