"""The function that detects drift: what it asks CloudFormation, and what it reports."""

from __future__ import annotations

import json
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.stub import Stubber  # type: ignore[import-untyped]

from secure_ddb import notice
from secure_ddb.drift.handler import drift_detection
from secure_ddb.drift.handler.drift_detection import DRIFTED, NOT_CHECKED, Detector, in_words

LONG_TIME = 900_000
DIFFERENCE = {
    "PropertyPath": "/Replicas/0/DeletionProtectionEnabled",
    "ExpectedValue": "true",
    "ActualValue": "false",
    "DifferenceType": "NOT_EQUAL",
}


def drift(name: str, **changed: Any) -> dict[str, Any]:
    """Return a resource that has drifted, as CloudFormation describes it."""
    return {
        "StackId": "arn:aws:cloudformation:eu-central-1:111122223333:stack/Orders/1",
        "LogicalResourceId": name,
        "ResourceType": "AWS::DynamoDB::GlobalTable",
        "StackResourceDriftStatus": "MODIFIED",
        "PropertyDifferences": [DIFFERENCE],
        "Timestamp": "2026-01-01T00:00:00Z",
        **changed,
    }


class Account:
    """CloudFormation and EventBridge, each with the answers that it will give."""

    def __init__(self) -> None:
        credentials = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "eu-central-1"}
        self.cloudformation = boto3.client("cloudformation", **credentials)
        self.events = boto3.client("events", **credentials)
        self.formation, self.bus = Stubber(self.cloudformation), Stubber(self.events)
        self.sent: list[tuple[str, dict[str, str]]] = []
        self.slept: list[int] = []

    def detects(self, stack: str) -> None:
        self.formation.add_response("detect_stack_drift", {"StackDriftDetectionId": stack}, {"StackName": stack})

    def status(self, stack: str, status: str, **more: str) -> None:
        answer = {
            "StackId": "arn",
            "StackDriftDetectionId": stack,
            "DetectionStatus": status,
            "Timestamp": "2026-01-01T00:00:00Z",
            **more,
        }
        expected = {"StackDriftDetectionId": stack}
        self.formation.add_response("describe_stack_drift_detection_status", answer, expected)

    def drifts(self, stack: str, drifts: list[dict[str, Any]], *, page: str = "", more: str = "") -> None:
        expected = {"StackName": stack, "StackResourceDriftStatusFilters": ["MODIFIED", "DELETED"]}
        answer: dict[str, Any] = {"StackResourceDrifts": drifts}
        self.formation.add_response(
            "describe_stack_resource_drifts",
            {**answer, "NextToken": more} if more else answer,
            {**expected, "NextToken": page} if page else expected,
        )

    def takes(self, stack: str, status: str, what: str, *, failed: int = 0) -> None:
        detail = json.dumps({"stack": stack, "what": what})
        entry = {"Source": "secure-ddb", "DetailType": status, "Detail": detail}
        self.bus.add_response("put_events", {"FailedEntryCount": failed, "Entries": []}, {"Entries": [entry]})

    def run(self, *stacks: str, remaining: int = LONG_TIME) -> dict[str, str]:
        detector = Detector(self.cloudformation, self.events, lambda: remaining, self.slept.append)
        with self.formation, self.bus:
            result = detector.run(list(stacks))
        self.formation.assert_no_pending_responses()
        self.bus.assert_no_pending_responses()
        return result


def test_its_events_are_those_that_rules_and_permissions_name() -> None:
    assert drift_detection.SOURCE == notice.SOURCE


def test_a_stack_as_its_template_says_is_no_message() -> None:
    account = Account()
    account.detects("Orders")
    account.status("Orders", "DETECTION_IN_PROGRESS")
    account.status("Orders", "DETECTION_COMPLETE", StackDriftStatus="IN_SYNC")
    assert account.run("Orders") == {"Orders": "IN_SYNC"}
    assert account.slept == [10]


def test_a_message_names_resource_and_property_and_no_value() -> None:
    account = Account()
    account.detects("Orders")
    account.status("Orders", "DETECTION_COMPLETE", StackDriftStatus="DRIFTED")
    account.drifts("Orders", [drift("Table")], more="next")
    account.drifts("Orders", [drift("Key", StackResourceDriftStatus="DELETED")], page="next")
    what = (
        "Table (AWS::DynamoDB::GlobalTable): /Replicas/0/DeletionProtectionEnabled NOT_EQUAL; "
        "Key (AWS::DynamoDB::GlobalTable) was deleted"
    )
    account.takes("Orders", DRIFTED, what)
    assert account.run("Orders") == {"Orders": DRIFTED}


def test_stacks_are_looked_at_side_by_side() -> None:
    account = Account()
    account.detects("Orders")
    account.detects("Shared")
    account.status("Orders", "DETECTION_IN_PROGRESS")
    account.status("Shared", "DETECTION_COMPLETE", StackDriftStatus="IN_SYNC")
    account.status("Orders", "DETECTION_COMPLETE", StackDriftStatus="IN_SYNC")
    assert account.run("Orders", "Shared") == {"Orders": "IN_SYNC", "Shared": "IN_SYNC"}
    assert account.slept == [10]


def test_a_stack_that_cannot_be_looked_at_is_a_message_and_others_are_looked_at() -> None:
    account = Account()
    account.formation.add_client_error("detect_stack_drift", "ValidationError", "Stack is in UPDATE_IN_PROGRESS")
    account.detects("Shared")
    account.status("Shared", "DETECTION_COMPLETE", StackDriftStatus="IN_SYNC")
    message = "An error occurred (ValidationError) when calling the DetectStackDrift operation: "
    account.takes("Orders", NOT_CHECKED, f"{message}Stack is in UPDATE_IN_PROGRESS")
    assert account.run("Orders", "Shared") == {"Orders": NOT_CHECKED, "Shared": "IN_SYNC"}


def test_a_failed_detection_says_why() -> None:
    account = Account()
    account.detects("Orders")
    reason = "Failed to detect drift on resource [Topic]"
    account.status("Orders", "DETECTION_FAILED", StackDriftStatus="UNKNOWN", DetectionStatusReason=reason)
    account.takes("Orders", NOT_CHECKED, reason)
    assert account.run("Orders") == {"Orders": NOT_CHECKED}


def test_drift_is_reported_although_some_resource_could_not_be_read() -> None:
    account = Account()
    account.detects("Orders")
    account.status("Orders", "DETECTION_FAILED", StackDriftStatus="DRIFTED")
    account.drifts("Orders", [drift("Key", StackResourceDriftStatus="DELETED")])
    account.takes("Orders", DRIFTED, "Key (AWS::DynamoDB::GlobalTable) was deleted")
    assert account.run("Orders") == {"Orders": DRIFTED}


def test_what_is_not_complete_in_time_is_a_message() -> None:
    account = Account()
    account.detects("Orders")
    account.takes("Orders", NOT_CHECKED, "the detection did not complete in time")
    assert account.run("Orders", remaining=60_000) == {"Orders": NOT_CHECKED}


def test_an_event_that_is_not_taken_fails_the_run() -> None:
    account = Account()
    account.detects("Orders")
    account.takes("Orders", NOT_CHECKED, "the detection did not complete in time", failed=1)
    with pytest.raises(RuntimeError, match="event about the drift of Orders"):
        account.run("Orders", remaining=0)


def test_a_message_stays_short() -> None:
    long = {**DIFFERENCE, "PropertyPath": "/x" * 500}
    text = in_words([drift(f"Table{number}", PropertyDifferences=[long] * 50) for number in range(500)])
    assert "and 480 more resources" in text
    assert "and 40 more" in text
    # EventBridge takes 256 KB.
    assert len(text) < 64 * 1024


def test_the_log_has_a_line_for_each_stack(capsys: pytest.CaptureFixture[str]) -> None:
    account = Account()
    account.detects("Orders")
    account.status("Orders", "DETECTION_COMPLETE", StackDriftStatus="IN_SYNC")
    account.run("Orders")
    assert json.loads(capsys.readouterr().out) == {"stack": "Orders", "status": "IN_SYNC", "detail": ""}
