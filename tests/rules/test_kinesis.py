"""Changes that go to a Kinesis stream instead of the table's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.rules.rule import Verdict
from tests.rules.handwritten import body, judgements, verdicts

if TYPE_CHECKING:
    from tests.rules.handwritten.making import Body

CASE = Path(__file__).parent / "good_cases" / "changes-in-kinesis.json"
MAY = "SecureDdb-AUD9"


@pytest.fixture
def content() -> Body:
    found: Body = json.loads(CASE.read_text(encoding="utf-8"))
    return found


@pytest.fixture
def resources(content: Body) -> dict[str, Any]:
    """Return the properties of each resource, to change."""
    return {name: resource.get("Properties", {}) for name, resource in content["Resources"].items()}


def test_the_function_has_to_have_records_pushed(content: Body, resources: dict[str, Any]) -> None:
    resources["RolePolicy"]["PolicyDocument"]["Statement"][0]["Action"] = "kinesis:DescribeStreamConsumer"
    assert verdicts(content, MAY) == {Verdict.MET, Verdict.NOT_MET}


def test_without_a_registered_consumer_it_has_to_ask_for_records(content: Body, resources: dict[str, Any]) -> None:
    resources["Mapping"]["EventSourceArn"] = {"Fn::GetAtt": ["Changes", "Arn"]}
    assert verdicts(content, MAY) == {Verdict.MET, Verdict.NOT_MET}
    resources["RolePolicy"]["PolicyDocument"]["Statement"][1]["Action"] = ["kinesis:Get*"]
    assert verdicts(content, MAY) == {Verdict.MET}


def test_the_policy_of_aws_lets_it_do_both(content: Body, resources: dict[str, Any]) -> None:
    del resources["RolePolicy"]["PolicyDocument"]["Statement"][:2]
    assert verdicts(content, MAY) == {Verdict.MET, Verdict.NOT_MET}
    resources["Role"]["ManagedPolicyArns"] = [
        "arn:aws:iam::aws:policy/service-role/AWSLambdaKinesisExecutionRole",
    ]
    assert verdicts(content, MAY) == {Verdict.MET}


def test_the_function_has_to_decrypt_through_kinesis(content: Body, resources: dict[str, Any]) -> None:
    through = resources["Key"]["KeyPolicy"]["Statement"][1]["Condition"]["StringEquals"]["kms:ViaService"]
    through.remove("kinesis.eu-central-1.amazonaws.com")
    found = [each.detail for each in judgements(content, MAY) if each.verdict is Verdict.NOT_MET]
    assert found == ["cannot decrypt the stream"]


def test_a_reader_that_misses_records_is_found(content: Body, resources: dict[str, Any]) -> None:
    resources["Mapping"]["StartingPosition"] = "LATEST"
    assert verdicts(content, "SecureDdb-AUD2") == {Verdict.NOT_MET}


def test_without_a_reader_nothing_shows_the_changes(content: Body) -> None:
    del content["Resources"]["Mapping"]
    assert verdicts(content, "SecureDdb-AUD1") == {Verdict.NOT_MET}
    assert verdicts(content, "SecureDdb-AUD2") == {Verdict.NOT_MET}


def test_a_reader_beside_that_of_the_table_s_own_stream_is_there_for_something_else() -> None:
    content = body()
    content["Resources"]["Analytics"] = {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {
            "EventSourceArn": {"Fn::GetAtt": ["Changes", "Arn"]},
            "FunctionName": "analytics",
            "StartingPosition": "LATEST",
        },
    }
    found = judgements(content)
    assert {each.verdict for each in found} == {Verdict.MET, Verdict.MANUAL, Verdict.NOT_VERIFIABLE}
    # Only that nobody sees what its function may do.
    unseen = [each.detail for each in found if each.verdict is Verdict.NOT_VERIFIABLE]
    assert unseen == ["the function is not in the app, so its permissions cannot be checked"]


@pytest.mark.parametrize("allowed", ["kinesis:Get*", "kinesis:DescribeStream"])
def test_a_reader_beside_needs_permissions_as_well(allowed: str) -> None:
    content = body()
    statement = {"Effect": "Allow", "Action": allowed, "Resource": {"Fn::GetAtt": ["Changes", "Arn"]}}
    policy = {"PolicyName": "Read", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    content["Resources"] |= {
        "Analytics": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": {"Fn::GetAtt": ["Changes", "Arn"]},
                "FunctionName": {"Ref": "Analyst"},
                "StartingPosition": "LATEST",
            },
        },
        "Analyst": {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Fn::GetAtt": ["AnalystRole", "Arn"]}}},
        "AnalystRole": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
                "Policies": [policy],
            },
        },
    }
    details = {each.detail for each in judgements(content, "SecureDdb-AUD29") if each.verdict is Verdict.NOT_MET}
    assert ("cannot read the stream" in details) is (allowed == "kinesis:DescribeStream")
