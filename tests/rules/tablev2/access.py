"""Policies and grants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Fn, RemovalPolicy
from aws_cdk.aws_dynamodb import ReplicaTableProps, StreamViewType, TableEncryptionV2, TableV2
from aws_cdk.aws_iam import AccountRootPrincipal, PolicyDocument, PolicyStatement, ServicePrincipal, User
from aws_cdk.aws_kms import Key

from tests.rules.tablev2.making import ACCOUNT, BARE, KEY_OF_CDK, REPLICATED, Example, stack, table
from tests.rules.tablev2.replicas import KEYS, replicas

if TYPE_CHECKING:
    from constructs import Construct

STREAM_ACTIONS = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]


def for_account(*actions: str, resources: list[str] | None = None) -> PolicyStatement:
    return PolicyStatement(actions=list(actions), principals=[AccountRootPrincipal()], resources=resources or ["*"])


def policy(*actions: str) -> PolicyDocument:
    return PolicyDocument(statements=[for_account(*actions)])


def with_policy(scope: Construct) -> None:
    table(stack(scope), resource_policy=policy("dynamodb:GetItem"), removal_policy=RemovalPolicy.DESTROY)


def with_added_statements(scope: Construct) -> None:
    made = table(stack(scope))
    made.add_to_resource_policy(for_account("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"))
    made.add_to_resource_policy(
        PolicyStatement(
            actions=["dynamodb:Query"], principals=[ServicePrincipal("lambda.amazonaws.com")], resources=["*"]
        )
    )


def with_statement_on_named_resources(scope: Construct) -> None:
    arn = "arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/orders"
    made = table(stack(scope), table_name="orders")
    made.add_to_resource_policy(for_account("dynamodb:GetItem", resources=[Fn.sub(arn), Fn.sub(f"{arn}/index/*")]))


def granted_to_account(scope: Construct) -> None:
    table(stack(scope)).grant_read_data(AccountRootPrincipal())


def granted_to_user(scope: Construct) -> None:
    home = stack(scope)
    table(home).grant_read_data(User(home, "User"))


def granted_by_reference(scope: Construct) -> None:
    home = stack(scope)
    made = TableV2.from_table_arn(home, "Table", f"arn:aws:dynamodb:us-west-2:{ACCOUNT}:table/orders")
    made.grant_read_write_data(User(home, "User"))


def granted_on_all_replicas(scope: Construct) -> None:
    home = stack(scope)
    made = table(home, encryption=TableEncryptionV2.customer_managed_key(Key(home, "Key"), KEYS), replicas=replicas())
    user = User(home, "User")
    made.grant_read_data(user)
    made.replica("us-east-2").grant_read_data(user)


def granted_from_another_stack(scope: Construct) -> None:
    made = table(stack(scope), replicas=replicas())
    home = stack(scope, "Elsewhere", "us-east-1")
    made.replica("us-east-1").grant_write_data(User(home, "User"))


def with_stream_policies(scope: Construct) -> None:
    table(
        stack(scope),
        dynamo_stream=StreamViewType.NEW_AND_OLD_IMAGES,
        stream_resource_policy=policy(*STREAM_ACTIONS),
        replicas=[ReplicaTableProps(region="us-east-1", stream_resource_policy=policy(*STREAM_ACTIONS))],
    )


def with_added_stream_statement(scope: Construct) -> None:
    made = table(stack(scope), dynamo_stream=StreamViewType.NEW_AND_OLD_IMAGES)
    made.add_to_stream_resource_policy(for_account(*STREAM_ACTIONS))


EXAMPLES = {
    "policy": Example(with_policy, BARE | {"BAK4"}),
    "policy with added statements": Example(with_added_statements),
    "policy on named resources": Example(with_statement_on_named_resources),
    "grant to the account": Example(granted_to_account),
    # A user where there should be a role.
    "grant to a user": Example(granted_to_user, BARE | {"IAM1"}),
    "grant on an imported table": Example(granted_by_reference, frozenset({"IAM1"})),
    # Of keys elsewhere nobody can tell.
    "grants on replicas with keys": Example(granted_on_all_replicas, REPLICATED - {"ENC1"} | KEY_OF_CDK | {"IAM1"}),
    "grant from another stack": Example(granted_from_another_stack, REPLICATED | {"IAM1"}),
    "policies of streams": Example(with_stream_policies, REPLICATED),
    "policy of a stream with an added statement": Example(with_added_stream_statement, BARE - {"AUD1"}),
}
