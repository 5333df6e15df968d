"""A failing audit function raises an alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.landscape.alarms import LAMBDA
from secure_ddb.rules.monitoring.expected import Expected, in_words
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly

# After a day the stream has forgotten; half of it is left to repair.
_LONGEST_AGE_MILLISECONDS = 12 * 60 * 60 * 1000
_EXPECTED = (
    Expected(metric="Errors", rings_at=10),
    Expected(metric="Throttles", rings_at=50),
    Expected(metric="IteratorAge", rings_at=_LONGEST_AGE_MILLISECONDS, statistics=frozenset({"Average", "Maximum"})),
)


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look for the alarms on each function that reads a table's stream."""
    for function, tables in assembly.audit.functions.items():
        for expected in _EXPECTED:
            watching = assembly.alarms.watching(function, LAMBDA, expected.metric, ("FunctionName", function.name))
            answer = expected.found(watching)
            detail = f"{expected.metric} of the function {in_words(answer)}"
            yield judged(function, "Properties", answer, detail, key=expected.metric, tables=tables)


RULE = Rule(
    id="SecureDdb-MON5",
    title="An audit function that fails, is throttled or lags behind raises an alarm",
    severity=Severity.MEDIUM,
    requirements=("MON-1", "AUD-1"),
    controls=("CS-4", "NIST.800-53.r5 AU-5", "NIST.800-53.r5 AU-5(2)", "PCI DSS v4.0.1/10.7.2"),
    explanation="The stream forgets changes after a day, so somebody has to hear of it before.",
    remedy="Make alarms on Errors, Throttles and IteratorAge of the function.",
    source="https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html",
    check=check,
)
