"""Steps that look at metrics and alarms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from examples.sandbox.report import Observation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from examples.sandbox.sandbox import Sandbox

_ALARM_MINUTES = 15


def failures_alarm(sandbox: Sandbox) -> Iterator[Observation]:
    """Wait for the alarm on the failure bucket, and look whether the function counts an error."""
    state = sandbox.aws.until(lambda: _in_alarm(sandbox), _ALARM_MINUTES)
    yield Observation("The alarm AuditFailureDestination rings", bool(state), "" if state else "still not in ALARM")
    errors = _function_errors(sandbox)
    yield Observation("A change that fails alone is no error of the function", errors == 0, f"{errors:.0f} errors")


def _in_alarm(sandbox: Sandbox) -> bool:
    pages = (
        sandbox.aws.client("cloudwatch")
        .get_paginator("describe_alarms")
        .paginate(AlarmNamePrefix=f"{sandbox.stack}-", StateValue="ALARM")
    )
    return any("AuditFailureDestination" in alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"])


def _function_errors(sandbox: Sandbox) -> float:
    now = datetime.now(UTC)
    answer = sandbox.aws.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=[{"Name": "FunctionName", "Value": sandbox.outputs["FunctionName"]}],
        StartTime=now - timedelta(hours=3),
        EndTime=now,
        Period=3600,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in answer["Datapoints"]))
