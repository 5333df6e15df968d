"""One consumer of a table's stream has to record its changes; the others are judged by their permissions only."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.rules.rule import Verdict
from tests.rules.cases.making import KEY_STATEMENTS, MAPPING, Change, P
from tests.rules.handwritten import body, changed, judgements, verdicts
from tests.rules.handwritten.making import PARAMETER, ROOT, Body, grants

INDEX = f"IndexMapping/{P}"
ALL_RECORDS: list[Change] = [(f"{INDEX}/StartingPosition", "TRIM_HORIZON"), (f"{INDEX}/FilterCriteria", None)]
NO_AUDIT: Change = ("Mapping/Type", "AWS::CloudFormation::WaitConditionHandle")
OF_OTHERS = {"Index", "IndexRole", "IndexMapping"}
# What a SAM function may say of an event.
STREAM: Body = {"Stream": {"Fn::GetAtt": ["Table", "StreamArn"]}, "StartingPosition": "TRIM_HORIZON"}


def not_met(content: Body) -> set[str]:
    found = (each for each in RULES_OF_AUDIT if Verdict.NOT_MET in verdicts(content, f"SecureDdb-{each}"))
    return set(found)


RULES_OF_AUDIT = ("AUD2", "AUD3", "AUD4", "AUD5", "AUD9", "MON5", "MON6")


def test_other_consumer_has_findings_about_its_permissions_only() -> None:
    to_account = (f"{KEY_STATEMENTS}/1/Principal", ROOT)
    content = changed((f"IndexRole/{P}/Policies", []), (f"{INDEX}/Enabled", False), to_account)
    found = [each for each in judgements(content) if each.resource and each.resource.logical_id in OF_OTHERS]
    bad = [each for each in found if each.verdict is Verdict.NOT_MET]
    assert [each.detail for each in bad] == ["cannot read the stream", "cannot decrypt the stream"]


@pytest.mark.parametrize("more", [[], ALL_RECORDS], ids=["some records", "all records"])
def test_it_does_not_matter_which_consumer_comes_first(more: list[Change]) -> None:
    content = changed(*more)
    resources = content["Resources"]
    assert not not_met(content)
    content["Resources"] = {"IndexMapping": resources.pop("IndexMapping"), **resources}
    assert not not_met(content)


def test_only_consumer_has_to_record_changes() -> None:
    assert not_met(changed(NO_AUDIT)) == {"AUD2", "AUD3", "AUD4", "AUD5", "MON5", "MON6"}
    # One that takes every record and writes no log in the templates.
    assert not_met(changed(NO_AUDIT, *ALL_RECORDS)) == {"AUD3", "AUD4", "AUD5", "MON5", "MON6"}


def test_consumers_do_not_add_up_to_one_that_records_changes() -> None:
    filtered = (f"{MAPPING}/FilterCriteria", {"Filters": [{"Pattern": "{}"}]})
    assert not_met(changed(filtered, *ALL_RECORDS)) == {"AUD2"}
    assert not_met(changed((f"{MAPPING}/DestinationConfig", None), *ALL_RECORDS)) == {"AUD4"}
    without_log = changed((f"LogGroup/{P}/LogGroupName", "/other"), *ALL_RECORDS)
    assert "AUD5" in not_met(without_log)


def test_audit_function_of_the_library_is_the_one_that_is_judged() -> None:
    handler = (f"Function/{P}/Handler", "audit_trail.index.handler")
    log = {**body()["Resources"]["LogGroup"], P: {**body()["Resources"]["LogGroup"][P], "LogGroupName": "index"}}
    logged: list[Change] = [(f"Index/{P}/LoggingConfig", {"LogGroup": "index"}), ("IndexLog", log)]
    off = (f"{MAPPING}/Enabled", False)
    assert "AUD2" not in not_met(changed(off, *ALL_RECORDS, *logged, (f"LogGroup/{P}/LogGroupName", "/other")))
    assert "AUD2" in not_met(changed(handler, off, *ALL_RECORDS, *logged))


def test_consumer_of_another_table_is_none_of_this_one() -> None:
    other = {"Type": "AWS::DynamoDB::Table", P: {"StreamSpecification": {"StreamViewType": "KEYS_ONLY"}}}
    content = changed(("Other", other), (f"{INDEX}/EventSourceArn", {"Fn::GetAtt": ["Other", "StreamArn"]}))
    found = judgements(content, "SecureDdb-AUD2")
    assert {each.resource.logical_id: each.verdict for each in found if each.resource} == {
        "Table": Verdict.MET,
        "Other": Verdict.NOT_MET,
    }


def sam(*events: Body, **properties: Any) -> Body:
    """Return the template with one AWS SAM function in place of all consumers."""
    named = {f"Event{number}": {"Type": "DynamoDB", "Properties": event} for number, event in enumerate(events)}
    function = {"Type": "AWS::Serverless::Function", P: {"Events": named, **properties}}
    waiting = "AWS::CloudFormation::WaitConditionHandle"
    return changed(NO_AUDIT, ("IndexMapping/Type", waiting), ("Recorder", function))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (sam(STREAM), Verdict.MET),
        (sam({**STREAM, "Enabled": True}), Verdict.MET),
        (sam({**STREAM, "Enabled": False}), Verdict.NOT_MET),
        (sam({**STREAM, "StartingPosition": "LATEST"}), Verdict.NOT_MET),
        (sam({**STREAM, "FilterCriteria": {"Filters": [{"Pattern": "{}"}]}}), Verdict.NOT_MET),
        (sam({**STREAM, "StartingPosition": {"Ref": "Parameter"}}), Verdict.NOT_VERIFIABLE),
        (sam(STREAM, ReservedConcurrentExecutions=0), Verdict.NOT_MET),
        (sam({**STREAM, "Stream": {"Fn::GetAtt": ["Changes", "Arn"]}}), Verdict.NOT_MET),
        (sam(), Verdict.NOT_MET),
    ],
)
def test_sam_function_that_reads_the_stream_is_a_consumer(content: Body, expected: Verdict) -> None:
    assert verdicts(content, "SecureDdb-AUD2") == {expected}


def test_what_sam_makes_of_a_function_is_not_verifiable() -> None:
    found = judgements(sam(STREAM), "SecureDdb-AUD5")
    (of_function,) = (each for each in found if each.resource and each.resource.logical_id == "Recorder")
    assert of_function.verdict is Verdict.NOT_VERIFIABLE


def test_function_that_logs_is_judged_before_one_of_sam() -> None:
    content = sam(STREAM)
    content["Resources"]["Mapping"]["Type"] = "AWS::Lambda::EventSourceMapping"
    content["Resources"]["Mapping"][P]["Enabled"] = False
    assert verdicts(content, "SecureDdb-AUD2") == {Verdict.NOT_MET}


OF_AWS = "arn:aws:iam::aws:policy/service-role/AWSLambdaDynamoDBExecutionRole"


@pytest.mark.parametrize(("role", "rule"), [("AuditRole", "AUD9"), ("IndexRole", "AUD29")])
@pytest.mark.parametrize(
    ("action", "verdict"),
    [("dynamodb:GetRecords", Verdict.NOT_MET), (PARAMETER, Verdict.NOT_VERIFIABLE), ("s3:GetObject", Verdict.MET)],
)
def test_denial_stands_against_awss_own_policy(role: str, rule: str, action: Any, verdict: Verdict) -> None:
    denial = {"Type": "AWS::IAM::Policy", P: {"Roles": [{"Ref": role}], **grants(denying(action))}}
    content = changed((f"{role}/{P}/ManagedPolicyArns", [OF_AWS]), ("Denial", denial))
    reads = [each for each in judgements(content, f"SecureDdb-{rule}") if "read the stream" in each.detail]
    assert {each.verdict for each in reads} == {verdict}


def test_denial_of_the_log_stands_against_awss_own_policy() -> None:
    denial = {"Type": "AWS::IAM::Policy", P: {"Roles": [{"Ref": "AuditRole"}], **grants(denying("logs:PutLogEvents"))}}
    content = changed((f"AuditRole/{P}/ManagedPolicyArns", [OF_AWS]), ("Denial", denial))
    (log,) = (each for each in judgements(content, "SecureDdb-AUD9") if each.detail.endswith("write the log"))
    assert log.verdict is Verdict.NOT_MET


def denying(action: Any) -> Body:
    return {"Effect": "Deny", "Action": action, "Resource": "*"}
