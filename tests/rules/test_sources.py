"""Whether a statement is bound to one account: what counts, what does not, and what nobody can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.cloudformation.template import Template
from secure_ddb.iam.confused_deputy import bound_to_account, is_of_account
from secure_ddb.iam.policy import Statement
from tests.rules.handwritten.making import ACCOUNT, PARAMETER

if TYPE_CHECKING:
    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.three_valued import Truth

OTHER = "444455556666"
ORGANIZATION = "o-a1b2c3d4e5"
TYPES = {
    "Rule": "AWS::Events::Rule",
    "Consumer": "AWS::Kinesis::StreamConsumer",
    "Alias": "AWS::Lambda::Alias",
    "Bucket": "AWS::S3::Bucket",
    "Queue": "AWS::SQS::Queue",
    "Setting": "AWS::SSM::Parameter",
    "Custom": "Custom::Target",
    "CustomResource": "AWS::CloudFormation::CustomResource",
    "Module": "AWS::Company::Target::MODULE",
    "ThirdParty": "Company::Logs::Target",
    "Product": "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
}


def resource(account: str = ACCOUNT, **properties: Any) -> Resource:
    """Return a resource beside others of several types."""
    others = {name: {"Type": kind} for name, kind in TYPES.items()}
    here = {"Type": "AWS::Lambda::Permission", "Properties": properties}
    content = {"Parameters": {"Parameter": {"Type": "String"}}, "Resources": {**others, "Here": here}}
    return Template(name="Stack", account=account, region="eu-central-1", body=content).resources["Here"]


def bound(condition: dict[str, Any], account: str = ACCOUNT) -> Truth:
    """Tell whether a statement with a condition is bound to the account."""
    here = resource(account, Condition=condition)
    return bound_to_account(Statement(0, here.properties), here)


@pytest.mark.parametrize("kind", ["aws:SourceOrgID", "aws:PrincipalOrgID"])
@pytest.mark.parametrize(
    ("value", "answer"),
    [
        (ORGANIZATION, True),
        ("o-*", False),
        ("o-a1b2c3d4e?", False),
        ("*", False),
        ([ORGANIZATION, "o-*"], False),
        (PARAMETER, None),
        ({"Fn::Sub": "o-${Parameter}"}, None),
    ],
    ids=str,
)
def test_an_organization_has_one_name(kind: str, value: Any, answer: Truth) -> None:
    assert bound({"StringLike": {kind: value}}) is answer


@pytest.mark.parametrize("kind", ["aws:SourceOrgPaths", "aws:PrincipalOrgPaths"])
@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (f"{ORGANIZATION}/*", True),
        (f"{ORGANIZATION}/r-ab12/ou-ab12-*/*", True),
        ("o-*/*", False),
        ("o-*/r-ab12/", False),
    ],
)
def test_only_the_units_of_an_organization_may_be_any(kind: str, path: str, answer: Truth) -> None:
    assert bound({"ForAnyValue:StringLike": {kind: path}}) is answer


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        ({"Fn::GetAtt": ["Rule", "Arn"]}, True),
        ({"Fn::Sub": "${Rule.Arn}*"}, True),
        ({"Fn::GetAtt": "Alias.AliasArn"}, True),
        ({"Ref": "Consumer"}, True),
        ({"Fn::GetAtt": "Consumer.ConsumerARN"}, True),
        ({"Fn::GetAtt": "Queue.Arn"}, True),
        # A name is no ARN.
        ({"Ref": "Rule"}, None),
        ({"Fn::Sub": "${AWS::StackName}*"}, None),
        # Whatever they hold or return.
        ({"Fn::GetAtt": ["Setting", "Value"]}, None),
        ({"Ref": "Custom"}, None),
        ({"Fn::GetAtt": ["Custom", "Arn"]}, None),
        ({"Ref": "CustomResource"}, None),
        ({"Fn::GetAtt": ["Module", "Arn"]}, None),
        ({"Fn::GetAtt": ["Module", "Target.Arn"]}, None),
        ({"Fn::GetAtt": ["ThirdParty", "Arn"]}, None),
        ({"Fn::GetAtt": ["Product", "Outputs.TargetArn"]}, None),
        ("${Elsewhere.Rule.Arn}", None),
        ("${Stack.Gone.Arn}", None),
        (PARAMETER, None),
        ("Rule.Arn", False),
    ],
    ids=str,
)
@pytest.mark.parametrize("account", [ACCOUNT, ""], ids=["known", "unknown"])
def test_only_an_arn_of_what_aws_makes_in_the_stack_is_of_its_account(
    account: str, written: Any, answer: Truth
) -> None:
    here = resource(account, SourceArn=written)
    assert is_of_account(here.properties["SourceArn"], here) is answer


@pytest.mark.parametrize("account", [ACCOUNT, ""], ids=["known", "unknown"])
@pytest.mark.parametrize(
    "condition",
    [
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::uploads"}},
        {"ArnLike": {"aws:SourceArn": {"Fn::GetAtt": "Bucket.Arn"}}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:events:*:*:rule/*"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:events:*:11112222333?:rule/*"}},
        {"ArnLike": {"aws:SourceArn": "*"}},
        {"StringLike": {"aws:SourceAccount": "*"}},
    ],
    ids=str,
)
def test_no_account_and_any_account_bind_nobody_wherever_it_is_deployed(
    account: str, condition: dict[str, Any]
) -> None:
    assert bound(condition, account) is False


@pytest.mark.parametrize(("account", "answer"), [(ACCOUNT, False), ("", None)], ids=["known", "unknown"])
def test_another_account_may_turn_out_to_be_ours(account: str, answer: Truth) -> None:
    assert bound({"ArnLike": {"aws:SourceArn": f"arn:aws:events:eu-central-1:{OTHER}:rule/x"}}, account) is answer
    assert bound({"StringEquals": {"aws:SourceAccount": OTHER}}, account) is answer
