"""An alarm notices a mapping that no longer reads."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.rules.rule import Verdict
from tests.rules.cases.monitoring import UNREAD
from tests.rules.handwritten import changed, verdicts
from tests.rules.handwritten.making import PARAMETER


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
    (f"{OF_THE_WRITES}/AccountId", "444455556666", Verdict.NOT_VERIFIABLE),
    (f"{OF_THE_WRITES}/AccountId", PARAMETER, Verdict.NOT_VERIFIABLE),
    (f"{OF_THE_WRITES}/MetricStat/Unit", "Seconds", Verdict.NOT_VERIFIABLE),
    (f"{OF_THE_WRITES}/MetricStat/Unit", PARAMETER, Verdict.NOT_VERIFIABLE),
    (f"{OF_THE_WRITES}/ReturnData", True, Verdict.NOT_MET),
    (f"{OF_THE_WRITES}/ReturnData", PARAMETER, Verdict.NOT_VERIFIABLE),
]


@pytest.mark.parametrize(("path", "value", "verdict"), OTHER_DATA)
def test_writes_that_the_alarm_may_get_no_data_of_are_not_compared(path: str, value: object, verdict: Verdict) -> None:
    assert verdicts(changed((path, value)), "SecureDdb-MON15") == {verdict}
