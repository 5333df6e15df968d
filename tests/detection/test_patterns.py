"""Each rule's pattern against events of the services, reported ones and others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from secure_ddb import DetectionSettings
from secure_ddb.detection.api_calls import API_CALL
from secure_ddb.detection.audit_calls import AuditNames, audit_changed
from secure_ddb.detection.handler.watch.counted import DENIED, line
from tests.detection.reference import SUBJECTS, WATCH_ROLE, Sample, matches, reported, samples

# The quota that an account starts with.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
LONGEST_PATTERN = 2048
# The longest names of a function and a stack; CloudFormation makes the log group's name of the stack's.
FUNCTION, LOG_GROUP = "f" * 64, "g" * 200


def name(value: object) -> str:
    return f"{value.subject}-{value.title}" if isinstance(value, Sample) else str(value)


@pytest.mark.parametrize("sample", samples(), ids=name)
def test_rule_reports_what_it_should(sample: Sample) -> None:
    assert matches(SUBJECTS[sample.subject].pattern, sample.event) is sample.is_reported


@pytest.mark.parametrize("sample", [each for each in samples() if each.is_reported], ids=name)
def test_one_rule_reports_an_event_unless_it_was_denied(sample: Sample) -> None:
    reporting = {each.name for each in SUBJECTS.values() if matches(each.pattern, sample.event)}
    denied = str(sample.event["detail"].get("errorCode", "")).startswith("AccessDenied")
    assert reporting - {"AccessDenied"} <= {sample.subject} or denied
    assert ("AccessDenied" in reporting) is denied


@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_rule_has_events_that_it_reports_and_others(subject: str) -> None:
    assert {each.is_reported for each in samples() if each.subject == subject} == {True, False}


@pytest.mark.parametrize("sample", samples(), ids=name)
def test_each_event_says_which_page_it_comes_from(sample: Sample) -> None:
    assert sample.page.startswith("https://docs.aws.amazon.com/")
    assert sample.event["account"] == "111122223333"


def test_every_call_and_every_type_that_a_pattern_names_is_in_an_event() -> None:
    shown = {each.event["detail"].get("eventName", each.event["detail-type"]) for each in samples() if each.is_reported}
    named = {text for each in SUBJECTS.values() for text in _named(each.pattern)}
    assert named - shown == {
        # Of the same kind as others of their rule.
        "AddPermission20150331v2",
        "DeleteAlias20150331",
        "DeleteBackupVault",
        "DeleteBackupVaultAccessPolicy",
        "DeleteEventDataStore",
        "DeleteLogStream",
        "DeleteRetentionPolicy",
        "DeleteSubscriptionFilter",
        "DeleteTableReplica",
        "DisableKinesisStreamingDestination",
        "DisassociateKmsKey",
        "DisassociateRecoveryPoint",
        "PutBackupVaultLockConfiguration",
        "PutDataProtectionPolicy",
        "PutSubscriptionFilter",
        "RestoreTableFromAwsBackup",
        "UpdateAlias20150331",
        "UpdateEventDataStore",
        "UpdateGlobalTableSettings",
        "UpdateRecoveryPointLifecycle",
    }


def _named(pattern: object) -> set[str]:
    if isinstance(pattern, list):
        return set().union(*map(_named, pattern))
    if not isinstance(pattern, dict):
        return set()
    found = {*pattern.get("eventName", ()), *pattern.get("detail-type", ())} - {API_CALL}
    return found.union(*map(_named, pattern.values()))


@pytest.mark.parametrize("subject", SUBJECTS)
def test_pattern_is_no_longer_than_an_account_allows(subject: str) -> None:
    roles = [f"{number}{'r' * 63}" for number in range(10)]
    names = AuditNames(function=FUNCTION, log_group=LOG_GROUP)
    longest = reported(DetectionSettings(expected_denials=roles), names, "w" * 64)
    assert len(json.dumps(longest[subject].pattern)) <= LONGEST_PATTERN


def test_findings_count_from_the_severity_that_was_chosen() -> None:
    high = reported(DetectionSettings(guard_duty_severity=7))
    found = [each.event for each in samples() if each.subject == "GuardDutyFinding"]
    severities = [event["detail"]["severity"] for event in found if matches(high["GuardDutyFinding"].pattern, event)]
    assert severities == [8, 9.5]


def test_denials_of_an_expected_role_are_not_reported() -> None:
    quiet = reported(DetectionSettings(expected_denials=["operators"]))["AccessDenied"]
    assert not matches(quiet.pattern, denied("operators"))
    assert matches(quiet.pattern, denied("operators2"))


def test_denials_of_the_watch_function_itself_are_not_reported() -> None:
    assert not matches(SUBJECTS["AccessDenied"].pattern, denied(WATCH_ROLE))


def test_denials_of_another_account_are_always_reported() -> None:
    event = denied("operators")
    # All that the record of the account whose key or table it is has of them.
    event["detail"]["userIdentity"] = {
        "type": "AWSAccount",
        "principalId": "AROAEXAMPLE:m",
        "accountId": "444455556666",
    }
    for roles in ([], ["operators"]):
        assert matches(reported(DetectionSettings(expected_denials=roles))["AccessDenied"].pattern, event)
    assert json.loads(line(DENIED, event))["denied"]["who"] == "AWSAccount 444455556666"


def denied(role: str) -> Any:
    event = next(each.event for each in samples() if each.subject == "AccessDenied")
    return json.loads(json.dumps(event).replace("assumed-role/operators/", f"assumed-role/{role}/"))


def test_function_of_another_name_that_begins_alike_is_not_meant_by_its_name() -> None:
    subject = audit_changed(AuditNames(function="audit", log_group="log"))
    call = {"eventName": "DeleteFunction20150331", "requestParameters": {"functionName": "audit2"}}
    event = {"source": "aws.lambda", "detail-type": API_CALL, "detail": call}
    assert not matches(subject.pattern, event)
