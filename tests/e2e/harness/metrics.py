"""What Lambda counts of an event source mapping, and the alarms on it.

The emulator counts no invocations by a mapping, nor what a mapping gives up. It looks at alarms only when metric data
is put, and then at all metrics of a name, whatever their dimensions are.
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

from __future__ import annotations

from ministack.services import cloudwatch

_NAMESPACE = "AWS/Lambda"


def count_error(function_name: str) -> None:
    """Count that a function has failed as a whole."""
    _count("Errors", 1, "FunctionName", function_name)


def count_kept(mapping_id: str, records: int) -> None:
    """Count records that have come into the failure bucket."""
    _count("OnFailureDestinationDeliveredEventCount", records, "EventSourceMappingUUID", mapping_id)


def _count(metric: str, number: int, dimension: str, value: str) -> None:
    cloudwatch.record_metric(_NAMESPACE, metric, number, "Count", {dimension: value})
    for alarm in list(cloudwatch._alarms.values()):
        if (alarm.get("Namespace"), alarm.get("MetricName")) == (_NAMESPACE, metric) and alarm.get("Dimensions") == [
            {"Name": dimension, "Value": value}
        ]:
            cloudwatch._evaluate_alarm(alarm)
