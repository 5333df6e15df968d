"""Looks for drift of stacks, and sends an event for each stack that has some or could not be looked at.

AWS Lambda runs this file by itself, once a day for all stacks: their detections run side by side in CloudFormation.
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DetectStackDrift.html
"""

from __future__ import annotations

import json
import os
import time
from typing import Any

SOURCE = "secure-ddb"
DRIFTED, NOT_CHECKED = "Stack Drift Found", "Stack Drift Not Checked"
# CloudFormation takes minutes for a stack of a few hundred resources.
_PAUSE_SECONDS = 10
# Enough to ask for what has drifted, and to send the events.
_RESERVE_MILLISECONDS = 60_000
# A message of Amazon SNS has 256 KB, and people read less.
_MOST_RESOURCES = 20
_MOST_PROPERTIES = 10
_LONGEST_PATH = 120


def handler(_event: object, context: Any) -> dict[str, str]:  # noqa: ANN401 - AWS Lambda's context has no type
    """Look at each stack of the environment variable `STACKS`, and return stack to status."""
    import boto3  # type: ignore[import-untyped]  # noqa: PLC0415 - AWS Lambda has it

    detector = Detector(boto3.client("cloudformation"), boto3.client("events"), context.get_remaining_time_in_millis)
    return detector.run(json.loads(os.environ["STACKS"]))


class Detector:
    """Detects drift with clients of boto3."""

    def __init__(self, cloudformation: Any, events: Any, remaining: Any, sleep: Any = time.sleep) -> None:  # noqa: ANN401 - boto3 has no types
        """Take the clients, and a function that tells how many milliseconds are left."""
        self._cloudformation = cloudformation
        self._events = events
        self._remaining = remaining
        self._sleep = sleep

    def run(self, stacks: list[str]) -> dict[str, str]:
        """Look at stacks, send events, write a line of JSON for each into the log, and return stack to status."""
        running: dict[str, str] = {}
        found: dict[str, tuple[str, str]] = {}
        for stack in stacks:
            try:
                answer = self._cloudformation.detect_stack_drift(StackName=stack)
                running[stack] = answer["StackDriftDetectionId"]
            except self._cloudformation.exceptions.ClientError as error:
                # Such as a stack that is being deployed, or that is gone.
                found[stack] = (NOT_CHECKED, str(error))
        while running and self._remaining() > _RESERVE_MILLISECONDS:
            for stack, detection in list(running.items()):
                if result := self._result(stack, detection):
                    found[stack] = result
                    del running[stack]
            if running:
                self._sleep(_PAUSE_SECONDS)
        found |= dict.fromkeys(running, (NOT_CHECKED, "the detection did not complete in time"))
        for stack in stacks:
            self._report(stack, *found[stack])
        return {stack: found[stack][0] for stack in stacks}

    def _result(self, stack: str, detection: str) -> tuple[str, str] | None:
        """Return what came out, or None as long as nothing has."""
        status = self._cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
        if status["DetectionStatus"] == "DETECTION_IN_PROGRESS":
            return None
        drift = status.get("StackDriftStatus", "UNKNOWN")
        if drift == "DRIFTED":
            return DRIFTED, in_words(self._drifts(stack))
        if status["DetectionStatus"] == "DETECTION_FAILED":
            return NOT_CHECKED, status.get("DetectionStatusReason", "CloudFormation gives no reason")
        return drift, ""

    def _drifts(self, stack: str) -> list[dict[str, Any]]:
        drifts: list[dict[str, Any]] = []
        more: dict[str, str] = {}
        while True:
            page = self._cloudformation.describe_stack_resource_drifts(
                StackName=stack, StackResourceDriftStatusFilters=["MODIFIED", "DELETED"], **more
            )
            drifts += page["StackResourceDrifts"]
            if "NextToken" not in page:
                return drifts
            more = {"NextToken": page["NextToken"]}

    def _report(self, stack: str, status: str, detail: str) -> None:
        # Lambda writes standard output into the function's log.
        print(json.dumps({"stack": stack, "status": status, "detail": detail}))  # noqa: T201
        if status not in {DRIFTED, NOT_CHECKED}:
            return
        entry = {"Source": SOURCE, "DetailType": status, "Detail": json.dumps({"stack": stack, "what": detail})}
        if self._events.put_events(Entries=[entry])["FailedEntryCount"]:
            raise RuntimeError(f"EventBridge did not accept the event about the drift of {stack}")


def in_words(drifts: list[dict[str, Any]]) -> str:
    """Return which resources and properties have drifted, without their values, which may be secret or long."""
    named = [_resource(drift) for drift in drifts[:_MOST_RESOURCES]]
    if len(drifts) > _MOST_RESOURCES:
        named.append(f"and {len(drifts) - _MOST_RESOURCES} more resources")
    return "; ".join(named)


def _resource(drift: dict[str, Any]) -> str:
    name = f"{drift['LogicalResourceId']} ({drift['ResourceType']})"
    if drift["StackResourceDriftStatus"] == "DELETED":
        return f"{name} was deleted"
    differences = drift.get("PropertyDifferences", [])
    paths = [f"{each['PropertyPath'][:_LONGEST_PATH]} {each['DifferenceType']}" for each in differences]
    if len(paths) > _MOST_PROPERTIES:
        paths = [*paths[:_MOST_PROPERTIES], f"and {len(paths) - _MOST_PROPERTIES} more"]
    return f"{name}: {', '.join(paths)}"
