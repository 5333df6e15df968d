"""An alarm notices a mapping that no longer reads, and metric math is computed as CloudWatch does."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.landscape.metric_math import value_of
from secure_ddb.rules.rule import Verdict
from tests.rules.cases.monitoring import UNREAD
from tests.rules.handwritten import changed, verdicts
from tests.rules.handwritten.making import PARAMETER


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("a", 2),
        ("none", None),
        ("FILL(none, 3)", 3),
        ("FILL(a, 3)", 2),
        ("a + a * a - 1", 5),
        ("none + 1", None),
        ("a > 1 AND a < 2", 0),
        ("a >= 2 && a <= 2", 1),
        ("a != 2 || a == 2", 1),
        ("a != 2 OR none", None),
        ("IF(a, 5, 6)", 5),
        ("IF(a == 0, 5, 6)", 6),
        ("IF(none, 5, 6)", None),
        ("  IF(FILL(none, 0) == 0 AND a > 0, 1, 0)", 1),
    ],
)
def test_expressions_have_values(expression: str, value: float | None) -> None:
    assert value_of(expression, {"a": 2, "none": None}) == value


@pytest.mark.parametrize(
    "expression",
    ["", "b", "a +", "RATE(a)", "FILL(a)", "IF(a, 1)", "a ** 2", "a / 2", "1 < a < 3", "a in a", "'a'", "a.b"],
)
def test_what_is_not_understood_is_an_error(expression: str) -> None:
    with pytest.raises(ValueError, match="not understood"):
        value_of(expression, {"a": 2})


def alarm(**properties: Any) -> dict[str, Any]:
    """Return the template with an alarm on the polled records alone."""
    dimension = {"Name": "EventSourceMappingUUID", "Value": {"Ref": "Mapping"}}
    single = {"Namespace": "AWS/Lambda", "MetricName": "PolledEventCount", "Statistic": "Sum", "Period": 3600}
    falling = {"ComparisonOperator": "LessThanThreshold", "Threshold": 1, "TreatMissingData": "breaching"}
    made = {**single, "Dimensions": [dimension], "Metrics": None, **falling, **properties}
    return changed(*((f"{UNREAD}/{name}", value) for name, value in made.items()))


def test_an_alarm_that_rings_without_data_notices_a_disabled_mapping() -> None:
    assert verdicts(alarm(), "SecureDdb-MON15") == {Verdict.MET}


@pytest.mark.parametrize(
    "properties",
    [
        {"TreatMissingData": "notBreaching"},
        {"TreatMissingData": "ignore"},
        {"Threshold": 0},
        {"Threshold": 2},
        {"ComparisonOperator": "GreaterThanThreshold"},
        {"Period": 7200},
        {"Period": 0},
        {"Unit": "Seconds"},
    ],
)
def test_an_alarm_that_does_not_ring_then_does_not(properties: dict[str, Any]) -> None:
    assert verdicts(alarm(**properties), "SecureDdb-MON15") == {Verdict.NOT_MET}


OF_THE_WRITES = f"{UNREAD}/Metrics/2"
OTHER_DATA = [
    (f"{OF_THE_WRITES}/AccountId", "444455556666", Verdict.NOT_MET),
    (f"{OF_THE_WRITES}/AccountId", PARAMETER, Verdict.NOT_VERIFIABLE),
    (f"{OF_THE_WRITES}/MetricStat/Unit", "Seconds", Verdict.NOT_MET),
    (f"{OF_THE_WRITES}/MetricStat/Unit", PARAMETER, Verdict.NOT_VERIFIABLE),
    (f"{OF_THE_WRITES}/ReturnData", True, Verdict.NOT_MET),
    (f"{OF_THE_WRITES}/ReturnData", PARAMETER, Verdict.NOT_VERIFIABLE),
]


@pytest.mark.parametrize(("path", "value", "verdict"), OTHER_DATA)
def test_writes_that_the_alarm_may_get_no_data_of_are_not_compared(path: str, value: object, verdict: Verdict) -> None:
    assert verdicts(changed((path, value)), "SecureDdb-MON15") == {verdict}
