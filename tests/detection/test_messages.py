"""What people read: what happened, to what, by whom, when, and what to do."""

from __future__ import annotations

import re

import pytest

from secure_ddb.detection.message import LONGEST_TEMPLATE, template, variables
from tests.detection.reference import SUBJECTS as ALL
from tests.detection.reference import Sample, message, samples, value_at

# Of events that are counted, the watch function tells: test_counted_requests.py.
SUBJECTS = {name: each for name, each in ALL.items() if not each.is_counted}
REPORTED = [each for each in samples() if each.is_reported and each.subject in SUBJECTS]
# Who did it stands in the records of CloudTrail only.
BY_ITSELF = {"BackupJobFailed", "GuardDutyFinding", "HealthEvent", "KeyLost", "MacieFinding", "SecurityHubFinding"}
WHAT = {
    # Of a call that failed, no more than the mapping is known.
    "AuditChanged": "orders|SharedAudit|a1b2c3d4-5678",
    "BackupChanged": "orders|83fcb8ee|aws.backup|Region Setting",
    "BackupJobFailed": "orders|DynamoDB|vault",
    "EndpointChanged": "vpce-0a1b2c3d4e5f60718",
    "GuardDutyFinding": "AnomalousBehavior",
    "HealthEvent": "AWS_",
    "KeyChanged": "1234abcd-12ab-34cd-56ef-1234567890ab",
    "KeyLost": "1234abcd-12ab-34cd-56ef-1234567890ab",
    "MacieFinding": "SensitiveData",
    "SecurityHubFinding": "DynamoDB tables",
    "TableChanged": "orders",
    "TableCopied": "orders|6f7fc1f8",
    "TrailChanged": "organization|eventdatastore",
}


def lines(text: str) -> dict[str, str]:
    """Return the lines of a message but for the first, each without its quotes."""
    found = [line.removeprefix('"').removesuffix('"').partition(": ") for line in text.splitlines()]
    return {name: value for name, separator, value in found if separator}


@pytest.mark.parametrize("sample", REPORTED, ids=lambda each: f"{each.subject}-{each.title}")
def test_message_says_what_where_when_and_what_to_do(sample: Sample) -> None:
    text = message(sample.subject, sample.event)
    said = lines(text)
    assert re.search(WHAT[sample.subject], said["What"]), said
    assert said["When"] == "2026-03-02T09:14:03Z, account 111122223333, Region eu-central-1"
    assert said["What to do"].endswith(".")
    assert said["Runbook"] == f"docs/detection.md of secure_ddb, #{SUBJECTS[sample.subject].anchor}"
    assert not re.search(r"<[\w-]+>", text)


@pytest.mark.parametrize(
    "sample", [each for each in REPORTED if "eventName" in each.event["detail"]], ids=lambda each: each.title
)
def test_message_about_a_call_says_which_and_by_whom(sample: Sample) -> None:
    said = lines(message(sample.subject, sample.event))
    assert sample.title in said["What"]
    assert "arn:aws:sts::111122223333:assumed-role/operators/alice" in said["Who"]
    assert "192.0.2.10" in said["Who"]


def test_only_what_services_report_by_themselves_does_not_say_who() -> None:
    assert {name for name, each in SUBJECTS.items() if "Who" not in each.fields} == BY_ITSELF


def test_message_about_a_failed_call_says_that_it_failed() -> None:
    protected = next(
        each for each in REPORTED if "errorCode" in each.event["detail"] and each.subject == "TableChanged"
    )
    said = lines(message("TableChanged", protected.event))
    assert said["Error, if it failed"].startswith("ValidationException Resource cannot be deleted")


@pytest.mark.parametrize("subject", SUBJECTS)
def test_template_is_within_the_limits(subject: str) -> None:
    # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html
    text = template(SUBJECTS[subject], f"https://example.com/{'x' * 500}")
    assert len(text) <= LONGEST_TEMPLATE
    assert len(variables(SUBJECTS[subject])) <= 100
    assert all(re.fullmatch(r"[a-z-]+", name) and not name.startswith("aws") for name in variables(SUBJECTS[subject]))
    # Each line is a text by itself: EventBridge refuses a template of several lines that are none.
    assert all(re.fullmatch(r'"[^"\\]+"', line) for line in text.splitlines())


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_path_of_a_subject_is_used(subject: str) -> None:
    used = set(variables(SUBJECTS[subject])) - {"time", "account", "region"}
    unused = set(SUBJECTS[subject].paths) - used
    assert unused <= {"error", "event", "reason"}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_path_is_in_some_event(subject: str) -> None:
    """A path that no event has may be misspelt."""
    seen = {
        name
        for sample in REPORTED
        if sample.subject == subject
        for name in variables(SUBJECTS[subject])
        if value_at(sample.event, variables(SUBJECTS[subject])[name]) is not None
    }
    missing = set(variables(SUBJECTS[subject])) - seen
    assert missing <= {"created", "error", "plan", "reason", "restored", "service"}, missing


def test_runbook_of_the_company_is_linked() -> None:
    sample = next(each for each in REPORTED if each.subject == "KeyChanged")
    said = lines(message("KeyChanged", sample.event, "https://wiki.example.com/dynamodb"))
    assert said["Runbook"] == "https://wiki.example.com/dynamodb#key-changed"
