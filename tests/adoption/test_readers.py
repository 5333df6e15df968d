"""The readers of templates, Terraform plans and accounts agree on a table, and guess nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
import yaml
from cfnlint.api import lint_all
from moto import mock_aws

from secure_ddb.adoption.as_global_table import global_table_properties
from secure_ddb.adoption.existing import AdoptionError, Capacity, KeyOwner, Origin
from secure_ddb.adoption.from_account import table_in_account
from secure_ddb.adoption.from_terraform import is_terraform, table_in_terraform
from secure_ddb.cli.adopt_account import BotoAccount, connect
from tests.adoption.adopted import ACCOUNT, KEY, REGION, read

EXAMPLES = Path(__file__).parents[2] / "examples" / "adopt"
TEMPLATE = (EXAMPLES / "orders.yaml").read_text(encoding="utf-8")
PLAN: dict[str, Any] = json.loads((EXAMPLES / "plan.json").read_text(encoding="utf-8"))
GLOBAL = """
Resources:
  Carts:
    Type: AWS::DynamoDB::GlobalTable
    DeletionPolicy: Retain
    Properties:
      TableName: carts
      AttributeDefinitions:
        - {AttributeName: cart, AttributeType: S}
        - {AttributeName: day, AttributeType: N}
      KeySchema: [{AttributeName: cart, KeyType: HASH}]
      BillingMode: PROVISIONED
      WriteProvisionedThroughputSettings:
        WriteCapacityAutoScalingSettings:
          MinCapacity: 2
          MaxCapacity: 20
          TargetTrackingScalingPolicyConfiguration: {TargetValue: 60}
      GlobalSecondaryIndexes:
        - IndexName: by-day
          KeySchema: [{AttributeName: day, KeyType: HASH}]
          Projection: {ProjectionType: KEYS_ONLY}
          WriteProvisionedThroughputSettings:
            WriteCapacityAutoScalingSettings:
              MinCapacity: 1
              MaxCapacity: 10
              TargetTrackingScalingPolicyConfiguration: {TargetValue: 70}
      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
      SSESpecification: {SSEEnabled: true, SSEType: KMS}
      Replicas:
        - Region: eu-central-1
          SSESpecification:
            KMSMasterKeyId: arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
          DeletionProtectionEnabled: true
          PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 7}
          ContributorInsightsSpecification: {Enabled: true, Mode: THROTTLED_KEYS}
          ReadProvisionedThroughputSettings: {ReadCapacityUnits: 9}
          GlobalSecondaryIndexes:
            - IndexName: by-day
              ReadProvisionedThroughputSettings: {ReadCapacityUnits: 3}
              ContributorInsightsSpecification: {Enabled: true, Mode: ACCESSED_AND_THROTTLED_KEYS}
          TableClass: STANDARD_INFREQUENT_ACCESS
          Tags: [{Key: team, Value: carts}]
        - Region: eu-west-1
          TableClass: STANDARD_INFREQUENT_ACCESS
        - Region: us-east-1
"""


def test_a_template_and_a_plan_of_the_same_table_agree() -> None:
    of_template = read(TEMPLATE)
    of_plan = table_in_terraform(PLAN, "plan.json")
    assert of_plan.place == "plan.json: aws_dynamodb_table.orders"
    same: dict[str, Any] = {"place": "", "address": "", "references": (), "retained": True, "declared_as": ""}
    assert replace(of_plan, **same, origin=Origin.UNKNOWN) == replace(of_template, **same, origin=Origin.UNKNOWN)


def test_autoscaling_beside_the_table_is_read() -> None:
    table = read(TEMPLATE)
    assert table.throughput.write == Capacity(least=5, most=50, target=75)
    assert table.throughput.read == Capacity(least=10, most=10)
    (index,) = table.global_indexes
    assert index.throughput.read == Capacity(least=2, most=8, target=70)
    assert index.throughput.write == Capacity(least=3, most=3)


def test_what_refers_to_the_table_is_named() -> None:
    assert read(TEMPLATE).references == (
        "WriteTarget",
        "IndexReadTarget",
        "Indexer",
        "IndexerPolicy",
        "the output TableName",
    )


def test_a_global_table_is_read_and_written_without_a_difference() -> None:
    properties = yaml.safe_load(GLOBAL)["Resources"]["Carts"]["Properties"]
    table = read(GLOBAL)
    assert table.retained
    assert table.replica_regions == ("eu-west-1", "us-east-1")
    assert global_table_properties(table) == properties


@pytest.mark.parametrize("text", [TEMPLATE, GLOBAL])
def test_a_table_is_written_as_the_schema_demands(text: str) -> None:
    properties = global_table_properties(read(text))
    body = {"Resources": {"T": {"Type": "AWS::DynamoDB::GlobalTable", "Properties": properties}}}
    assert [str(match) for match in lint_all(json.dumps(body)) if match.rule.id.startswith("E")] == []


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    monkeypatch.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
    # Moto has none of these; tests/e2e asks the emulator for them.
    monkeypatch.setattr(BotoAccount, "kinesis", lambda *_: [])
    monkeypatch.setattr(BotoAccount, "insights", lambda *_: {})
    monkeypatch.setattr(BotoAccount, "policy", lambda *_: None)


@pytest.mark.usefixtures("credentials")
def test_an_account_agrees_with_the_template_of_its_table() -> None:
    properties = yaml.safe_load(TEMPLATE)["Resources"]["Orders"]["Properties"]
    with mock_aws():
        tables, scaling = (boto3.client(name, region_name=REGION) for name in ("dynamodb", "application-autoscaling"))
        create = {
            name: value
            for name, value in properties.items()
            if name in {"TableName", "AttributeDefinitions", "KeySchema", "BillingMode", "ProvisionedThroughput"}
            or name in {"GlobalSecondaryIndexes", "Tags", "TableClass"}
        }
        tables.create_table(**create, StreamSpecification={"StreamEnabled": True, **properties["StreamSpecification"]})
        tables.update_time_to_live(TableName="orders", TimeToLiveSpecification=properties["TimeToLiveSpecification"])
        _register(scaling, "WriteTarget")
        found = table_in_account(connect(REGION, None), "orders")
    expected = read(TEMPLATE)
    same: dict[str, Any] = {
        "place": "",
        "address": "",
        "references": (),
        "retained": True,
        "declared_as": "",
        "table_class": "",
    }
    # Moto's answers have no table class, and its autoscaling takes no indexes.
    (index,) = expected.global_indexes
    fixed = replace(index, throughput=replace(index.throughput, read=Capacity(least=2, most=2)))
    expected = replace(expected, global_indexes=(fixed,))
    assert replace(found, **same) == replace(expected, **same, origin=Origin.UNKNOWN)


def _register(scaling: Any, target: str) -> None:
    resources = yaml.safe_load(TEMPLATE)["Resources"]
    properties = resources[target]["Properties"]
    where = {
        "ServiceNamespace": "dynamodb",
        "ResourceId": properties["ResourceId"]["Fn::Sub"].replace("${Orders}", "orders"),
        "ScalableDimension": properties["ScalableDimension"],
    }
    scaling.register_scalable_target(
        **where, MinCapacity=properties["MinCapacity"], MaxCapacity=properties["MaxCapacity"]
    )
    policy = resources.get(target.replace("Target", "Policy"))
    if policy:
        tracking = policy["Properties"]["TargetTrackingScalingPolicyConfiguration"]
        scaling.put_scaling_policy(
            **where,
            PolicyName=target,
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=tracking,
        )


class Answers:
    """An account with one table; each answer can be another one."""

    def __init__(self, **table: Any) -> None:
        self.table = {
            "TableName": "orders",
            "TableArn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders",
            "TableStatus": "ACTIVE",
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
            **table,
        }
        self.manager: str | None = "CUSTOMER"

    def describe_table(self, _name: str) -> dict[str, Any]:
        return self.table

    def tags(self, _arn: str) -> list[dict[str, str]]:
        return [
            {"Key": "aws:cloudformation:stack-name", "Value": "Shop"},
            {"Key": "aws:cloudformation:logical-id", "Value": "Orders"},
            {"Key": "team", "Value": "orders"},
        ]

    def continuous_backups(self, _name: str) -> dict[str, Any]:
        recovery = {"PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": 14}
        return {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery}

    def time_to_live(self, _name: str) -> dict[str, Any]:
        return {"TimeToLiveStatus": "DISABLED"}

    def insights(self, _name: str, index: str) -> dict[str, Any]:
        on = {"ContributorInsightsStatus": "ENABLED", "ContributorInsightsMode": "THROTTLED_KEYS"}
        return on if not index else {"ContributorInsightsStatus": "DISABLED"}

    def policy(self, arn: str) -> str | None:
        return None if "/stream/" in arn else json.dumps({"Version": "2012-10-17", "Statement": []})

    def kinesis(self, _name: str) -> list[Any]:
        return [{"StreamArn": "gone", "DestinationStatus": "DISABLED"}]

    def key_manager(self, _key: str) -> str | None:
        return self.manager

    def scalable_targets(self, _resource_ids: list[str]) -> list[Any]:
        return []

    def scaling_policies(self, _resource_id: str) -> list[Any]:
        return []


def test_an_account_tells_the_stack_and_what_is_on() -> None:
    table = table_in_account(Answers(DeletionProtectionEnabled=True), "orders")
    assert (table.stack, table.address, table.origin) == ("Shop", "Orders", Origin.CLOUDFORMATION)
    assert (table.region, table.account) == (REGION, ACCOUNT)
    assert (table.recovery_days, table.protected, table.insights) == (14, True, "THROTTLED_KEYS")
    assert (table.kinesis_stream, table.time_to_live, table.stream) == (None, None, None)
    assert table.policy == {"Version": "2012-10-17", "Statement": []}
    assert table.tags == (("team", "orders"),)


@pytest.mark.parametrize(
    ("manager", "owner", "arn"),
    [("CUSTOMER", KeyOwner.CUSTOMER, KEY), ("AWS", KeyOwner.AWS, None), (None, None, None)],
)
def test_whose_key_it_is_aws_kms_tells(manager: str | None, owner: KeyOwner | None, arn: str | None) -> None:
    account = Answers(SSEDescription={"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": KEY})
    account.manager = manager
    table = table_in_account(account, "orders")
    assert (table.key_owner, table.key_arn) == (owner, arn)
    assert [each.code for each in table.unknown] == (["encryption"] if owner is None else [])


def test_throughput_that_every_table_has_is_no_setting() -> None:
    usual = {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000, "Status": "ACTIVE"}
    assert table_in_account(Answers(WarmThroughput=usual), "orders").throughput.warm_reads is None
    grown = {**usual, "ReadUnitsPerSecond": 40_000}
    assert table_in_account(Answers(WarmThroughput=grown), "orders").throughput.warm_reads == 40_000


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"TableStatus": "ARCHIVED"}, "orders in eu-central-1 is ARCHIVED; allowed: a table that is ACTIVE"),
        ({"MultiRegionConsistency": "STRONG"}, "strong consistency cannot be taken over"),
    ],
)
def test_a_table_that_cannot_be_taken_over_is_refused(table: dict[str, Any], said: str) -> None:
    with pytest.raises(AdoptionError, match=said):
        table_in_account(Answers(**table), "orders")


UNKNOWN = {"Ref": "Anything"}
PARAMETERS = {"Parameters": {"Anything": {"Type": "String"}}}


def unknown_of(**properties: Any) -> list[tuple[str, str]]:
    table = {
        "TableName": "orders",
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        **properties,
    }
    body = {**PARAMETERS, "Resources": {"Orders": {"Type": "AWS::DynamoDB::Table", "Properties": table}}}
    return [(each.name, each.code) for each in read(json.dumps(body)).unknown]


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"TableClass": UNKNOWN}, ("TableClass", "table_class")),
        ({"Tags": [{"Key": "a", "Value": UNKNOWN}]}, ("the tag a", "Tags.of(self.table.table).add(...)")),
        (
            {"SSESpecification": {"SSEEnabled": True, "KMSMasterKeyId": UNKNOWN}},
            ("SSESpecification.KMSMasterKeyId", "encryption"),
        ),
        (
            {"SSESpecification": {"SSEEnabled": True, "KMSMasterKeyId": "alias/orders"}},
            ("the ARN of the key alias/orders", "encryption"),
        ),
        ({"StreamSpecification": {"StreamViewType": UNKNOWN}}, ("StreamSpecification.StreamViewType", "")),
        (
            {
                "BillingMode": "PROVISIONED",
                "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": UNKNOWN},
            },
            ("ProvisionedThroughput.WriteCapacityUnits", "billing"),
        ),
        (
            {"ResourcePolicy": {"PolicyDocument": {"Statement": [{"Resource": {"Fn::Sub": "${Anything}/*"}}]}}},
            ("ResourcePolicy.PolicyDocument", "self.table.table.add_to_resource_policy(...)"),
        ),
    ],
)
def test_what_only_the_deployment_knows_is_unknown(properties: dict[str, Any], expected: tuple[str, str]) -> None:
    assert unknown_of(**properties) == [expected]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"TableName": UNKNOWN}, "Orders: TableName is known only at deployment; give it with --name"),
        ({"TableName": None}, "Orders has no TableName; a table needs one"),
        ({"BillingMode": UNKNOWN}, "BillingMode is known only at deployment"),
        ({"KeySchema": UNKNOWN}, "AttributeName in the KeySchema of the table is known only at deployment"),
        ({"KeySchema": []}, "has 0 HASH attributes"),
        ({"AttributeDefinitions": []}, "has no AttributeType of pk"),
        ({"GlobalSecondaryIndexes": UNKNOWN}, "GlobalSecondaryIndexes is known only at deployment"),
        ({"TableName": "a b"}, "TableName is a b; allowed: 3 to 255 letters"),
    ],
)
def test_without_what_every_table_has_there_is_an_error(change: dict[str, Any], said: str) -> None:
    with pytest.raises(AdoptionError, match=said):
        unknown_of(**change)


def test_the_name_can_be_given() -> None:
    template = TEMPLATE.replace("TableName: orders\n", "TableName: !Sub '${AWS::StackName}-orders'\n")
    body = template.replace("!Sub ", "{Fn::Sub: ").replace("-orders'\n", "-orders'}\n")
    assert read(body, name="shop-orders").name == "shop-orders"
    with pytest.raises(AdoptionError, match="--name"):
        read(body)


def test_one_of_several_tables_is_named() -> None:
    body = {"Resources": {name: {"Type": "AWS::DynamoDB::Table"} for name in ("Orders", "Carts")}}
    with pytest.raises(AdoptionError, match=r"old\.yaml has 2 tables; name one with --resource: Orders, Carts"):
        read(json.dumps(body))
    with pytest.raises(AdoptionError, match=r"old\.yaml has no table Users; its tables: Orders, Carts"):
        read(json.dumps(body), logical_id="Users")
    with pytest.raises(AdoptionError, match=r"old\.yaml has no table: no resource of type AWS::DynamoDB::Table"):
        read(json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}))


def test_of_several_replicas_the_own_one_is_named() -> None:
    with pytest.raises(AdoptionError, match="replicas in eu-central-1, eu-west-1, us-east-1; name the Region"):
        read(GLOBAL, region="")


def test_a_table_that_is_only_planned_has_unknown_values() -> None:
    table = {
        "address": "module.shop.aws_dynamodb_table.orders[0]",
        "mode": "managed",
        "type": "aws_dynamodb_table",
        "values": {
            "name": "orders",
            "billing_mode": "PAY_PER_REQUEST",
            "hash_key": "pk",
            "attribute": [{"name": "pk", "type": "S"}],
        },
    }
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"child_modules": [{"resources": [table]}]}},
        "resource_changes": [
            {"address": table["address"], "change": {"after_unknown": {"tags_all": True, "arn": True}}}
        ],
    }
    assert is_terraform(plan)
    found = table_in_terraform(plan, "plan.json")
    assert (found.name, found.region) == ("orders", "")
    assert [each.name for each in found.unknown] == ["Tags"]
