"""Changes that were not recorded raise an alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import as_list, at
from secure_ddb.landscape.alarms import LAMBDA
from secure_ddb.rules.monitoring.expected import Expected, in_words
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, judged_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly

# The first one counts. A filter that somebody adds later drops records without a trace in the template.
_EXPECTED = (
    Expected(metric="OnFailureDestinationDeliveredEventCount", rings_at=1),
    Expected(metric="DroppedEventCount", rings_at=1),
    Expected(metric="FilteredOutEventCount", rings_at=1),
)


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look for the alarms on each mapping, and whether it counts at all."""
    for table, mapping in assembly.audit.mappings:
        metrics = at(mapping.properties, "MetricsConfig", "Metrics")
        path = "Properties.MetricsConfig.Metrics"
        good = "EventCount" in as_list(metrics)
        yield judged_value(mapping, path, metrics, good=good, key="MetricsConfig", tables=[table])
        for expected in _EXPECTED:
            dimension = ("EventSourceMappingUUID", mapping.ref)
            answer = expected.found(assembly.alarms.watching(mapping, LAMBDA, expected.metric, dimension))
            detail = f"{expected.metric} {in_words(answer)}"
            yield judged(mapping, "Properties", answer, detail, key=expected.metric, tables=[table])


RULE = Rule(
    id="SecureDdb-MON6",
    title="Changes that could not be recorded raise an alarm",
    severity=Severity.MEDIUM,
    requirements=("MON-1", "AUD-1"),
    controls=("CS-4", "NIST.800-53.r5 AU-5", "NIST.800-53.r5 AU-5(2)", "PCI DSS v4.0.1/10.7.2"),
    explanation="A bucket that nobody looks into keeps changes, but nobody learns that they are missing in the log.",
    remedy=(
        "Publish the mapping's event counts (MetricsConfig EventCount), and make alarms on "
        "OnFailureDestinationDeliveredEventCount, DroppedEventCount and FilteredOutEventCount that ring at the first "
        "one."
    ),
    source="https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html",
    check=check,
)
