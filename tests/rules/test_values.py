"""What values of a template stand for."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.cloudformation.template import Template
from secure_ddb.cloudformation.values import ABSENT, as_bool, as_list, as_number, at, is_unknown, resolve
from secure_ddb.landscape.assembly import Assembly

ACCOUNT, REGION = "111122223333", "eu-central-1"
TABLE_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
BODY: dict[str, Any] = {
    "Parameters": {"Stage": {"Type": "String", "Default": "prod"}},
    "Mappings": {"Regions": {"eu-central-1": {"name": "Frankfurt"}}},
    "Conditions": {
        "Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, REGION]},
        "There": {"Fn::Not": [{"Condition": "Here"}]},
        "Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "Both": {"Fn::And": [{"Condition": "Here"}, {"Condition": "Prod"}]},
        "Either": {"Fn::Or": [{"Condition": "Here"}, {"Condition": "Prod"}]},
    },
    "Resources": {
        "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "orders"}},
        "Key": {"Type": "AWS::KMS::Key"},
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Group": {"Type": "AWS::Logs::LogGroup"},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"Path": "/app/"}},
        "Custom": {"Type": "Custom::Thing"},
        "Gone": {"Type": "AWS::SNS::Topic", "Condition": "There"},
    },
    "Outputs": {
        "KeyArn": {"Value": {"Fn::GetAtt": ["Key", "Arn"]}, "Export": {"Name": {"Fn::Sub": "${AWS::StackName}:Key"}}}
    },
}


def template(body: dict[str, Any] | None = None, **about: Any) -> Template:
    given = {"name": "App/Data", "stack_name": "Data", "account": ACCOUNT, "region": REGION, **about}
    return Template(**given, body=body or BODY)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", "text"),
        (35, 35),
        ({"a": [{"Ref": "AWS::Region"}]}, {"a": [REGION]}),
        ({"Ref": "AWS::AccountId"}, ACCOUNT),
        ({"Ref": "AWS::Partition"}, "aws"),
        ({"Ref": "Table"}, "orders"),
        ({"Fn::GetAtt": ["Table", "Arn"]}, TABLE_ARN),
        ({"Fn::GetAtt": "Table.Arn"}, TABLE_ARN),
        ({"Fn::Sub": "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Table}"}, TABLE_ARN),
        ({"Fn::Sub": ["${Name}/index/*", {"Name": {"Fn::GetAtt": "Table.Arn"}}]}, f"{TABLE_ARN}/index/*"),
        ({"Fn::Sub": "${!aws:username}"}, "${aws:username}"),
        ({"Fn::Join": ["", ["arn:aws:s3:::", {"Ref": "Bucket"}]]}, "arn:aws:s3:::${App-Data.Bucket}"),
        ({"Fn::GetAtt": ["Bucket", "Arn"]}, "arn:aws:s3:::${App-Data.Bucket}"),
        ({"Ref": "Topic"}, f"arn:aws:sns:{REGION}:{ACCOUNT}:${{App-Data.Topic}}"),
        ({"Fn::GetAtt": ["Topic", "TopicName"]}, "${App-Data.Topic}"),
        ({"Ref": "Key"}, "${App-Data.Key}"),
        ({"Ref": "Group"}, "Data-Group-${App-Data.Group}"),
        ({"Fn::GetAtt": ["Role", "Arn"]}, f"arn:aws:iam::{ACCOUNT}:role/app/${{App-Data.Role}}"),
        ({"Fn::Select": [4, {"Fn::Split": [":", {"Fn::GetAtt": ["Table", "Arn"]}]}]}, ACCOUNT),
        ({"Fn::FindInMap": ["Regions", {"Ref": "AWS::Region"}, "name"]}, "Frankfurt"),
        ({"Fn::If": ["Here", 1, 2]}, 1),
        ({"Fn::If": ["There", 1, 2]}, 2),
        ({"Fn::If": ["Either", 1, 2]}, 1),
        ({"Fn::If": ["Prod", "same", "same"]}, "same"),
        ({"a": {"Ref": "AWS::NoValue"}, "b": 1}, {"b": 1}),
        ([{"Ref": "AWS::NoValue"}, 1], [1]),
        ({"a": {"Ref": "Nothing"}}, {}),
        ({"a": {"Fn::Join": ["", ["arn:", {"Fn::GetAtt": ["Nothing", "Arn"]}]]}}, {}),
        ({"a": {"Fn::If": ["There", 1, {"Ref": "AWS::NoValue"}]}}, {}),
        pytest.param({"Ref": "Gone"}, ABSENT, id="what is not there"),
    ],
    ids=str,
)
def test_value_stands_for(value: Any, expected: Any) -> None:
    assert resolve(value, template()) == expected


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "Stage"},
        {"Fn::Sub": "arn:aws:s3:::${Stage}"},
        {"Fn::If": ["Prod", 1, 2]},
        {"Fn::If": ["Both", 1, 2]},
        {"Fn::If": ["Prod", 1, {"Ref": "AWS::NoValue"}]},
        {"Fn::ImportValue": "elsewhere"},
        {"Fn::GetStackOutput": {"StackName": "other", "OutputName": "x"}},
        {"Fn::GetAtt": ["Custom", "Arn"]},
        {"Fn::FindInMap": ["Regions", {"Ref": "Stage"}, "name"]},
        {"Fn::Select": [{"Ref": "Stage"}, ["a", "b"]]},
        {"Fn::Transform": {"Name": "x"}},
        {"Ref": "AWS::StackId"},
        "{{resolve:ssm:/name}}",
    ],
    ids=str,
)
def test_value_that_only_the_deployment_knows(value: Any) -> None:
    assert is_unknown(resolve(value, template()))


def test_same_unknown_value_equals_itself_and_no_other() -> None:
    first, again = (resolve({"Fn::Sub": "x-${Stage}"}, template()) for _ in range(2))
    assert first == again != resolve({"Fn::Sub": "x-${Stage}"}, template(name="Other"))


def test_without_an_environment_account_and_region_stay_open_but_equal() -> None:
    agnostic = template(account="", region="")
    assert resolve({"Ref": "AWS::AccountId"}, agnostic) == "${AWS.AccountId}"
    assert resolve({"Fn::GetAtt": ["Table", "Arn"]}, agnostic) == resolve(
        {"Fn::Sub": "arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/orders"}, agnostic
    )


def test_exported_values_are_those_of_the_same_account_and_region() -> None:
    imported = {"Fn::ImportValue": "Data:Key"}
    user = template({"Resources": {}}, name="App/User", stack_name="User")
    far = template({"Resources": {}}, name="App/Far", stack_name="Far", region="us-east-1")
    data = template()
    Assembly([data, user, far])
    assert resolve(imported, user) == data.resources["Key"].arn
    assert is_unknown(resolve(imported, far))


def test_output_of_another_stack_by_its_name() -> None:
    user, data = template({"Resources": {}}, name="App/User", stack_name="User"), template()
    Assembly([data, user])
    argument = {"StackName": "Data", "OutputName": "KeyArn", "Region": REGION}
    assert resolve({"Fn::GetStackOutput": argument}, user) == data.resources["Key"].arn


def test_what_cdk_hands_to_another_region() -> None:
    name = "/cdk/exports/Far/Key"
    writer = {
        "Type": "Custom::CrossRegionExportWriter",
        "Properties": {"WriterProps": {"exports": {name: {"Ref": "Key"}}}},
    }
    near = template({"Resources": {"Key": {"Type": "AWS::KMS::Key"}, "Writer": writer}}, name="Near")
    far = template(
        {"Resources": {"Reader": {"Type": "Custom::CrossRegionExportReader"}}}, name="Far", region="us-east-1"
    )
    Assembly([near, far])
    assert resolve({"Fn::GetAtt": ["Reader", name]}, far) == near.resources["Key"].ref
    assert is_unknown(resolve({"Fn::GetAtt": ["Reader", "/cdk/exports/Far/Other"]}, far))


def test_nested_stacks_get_and_give_values() -> None:
    nested = Template(
        name="App/Data/Nested",
        body={
            "Parameters": {"KeyArn": {"Type": "String"}, "Other": {"Type": "String"}},
            "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": {"Ref": "KeyArn"}}}},
            "Outputs": {"Topic": {"Value": {"Ref": "Topic"}}},
        },
    )
    stack = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"Parameters": {"KeyArn": {"Fn::GetAtt": ["Key", "Arn"]}}},
    }
    parent = template({"Resources": {"Key": {"Type": "AWS::KMS::Key"}, "Nested": stack}}, nested={"Nested": nested})
    assembly = Assembly([parent])
    topic = nested.resources["Topic"]
    assert topic.properties["KmsMasterKeyId"] == parent.resources["Key"].arn
    assert resolve({"Fn::GetAtt": ["Nested", "Outputs.Topic"]}, parent) == topic.ref
    assert (topic.account, topic.region) == (ACCOUNT, REGION)
    assert is_unknown(resolve({"Ref": "Other"}, nested))
    assert assembly.of_type("AWS::SNS::Topic") == [topic]


def test_names_that_two_regions_share_mean_the_nearer_one() -> None:
    here, there = template(), template(name="There", region="us-east-1")
    assembly = Assembly([here, there])
    for each in (here, there):
        assert assembly.find("orders", each.resources["Key"], "AWS::DynamoDB::Table") is each.resources["Table"]
    assert assembly.find(TABLE_ARN, there.resources["Key"], "AWS::DynamoDB::Table") is here.resources["Table"]
    assert assembly.find("orders", here.resources["Key"], "AWS::SNS::Topic") is None


def test_how_cloudformation_writes_plain_values() -> None:
    assert [as_bool(value) for value in (True, "true", "True", False, "false", None, 1)] == [True] * 3 + [False] * 4
    assert [as_number(value) for value in (7, "7", "x", None, True)] == [7, 7.0, None, None, None]
    assert [as_list(value) for value in (None, "a", ["a"])] == [[], ["a"], ["a"]]
    assert at({"a": {"b": 1}}, "a", "b") == 1
    assert at({"a": None}, "a", "b") is None
    assert at("${?p}", "a", "b") == "${?p}"
