"""CloudFormation's alarms on metric math, which the emulator refuses. They are kept and described, never evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services.cloudformation import provisioners

if TYPE_CHECKING:
    from tests.e2e.harness.handlers import Properties

_record = provisioners._cw_metric_alarm_record
# Of an alarm on one metric; CloudWatch describes none of them for one on several.
_OF_ONE_METRIC = ("MetricName", "Namespace", "Dimensions", "Statistic", "ExtendedStatistic", "Period", "Unit")


def install() -> None:
    """Let an alarm have several metrics."""
    provisioners._cw_metric_alarm_record = _with_several_metrics


def _with_several_metrics(name: str, properties: Properties) -> dict[str, Any]:
    metrics = properties.get("Metrics")
    if not metrics:
        return dict(_record(name, properties))
    # An alarm on an anomaly has a band in place of a threshold.
    placeholders = {"Metrics": None, "MetricName": "-", "Namespace": "-"}
    alarm = dict(_record(name, {"Threshold": 0, **properties, **placeholders}))
    # Without a name of a metric, the emulator leaves the alarm's state as it is.
    return {key: value for key, value in alarm.items() if key not in _OF_ONE_METRIC} | {"Metrics": metrics}
