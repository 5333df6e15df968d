"""Grants give what is needed of the table and its key, and no more (IAM-1), and to roles only (CS-5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.aws_iam import (
    CompositePrincipal,
    Group,
    ManagedPolicy,
    Policy,
    PrincipalWithConditions,
    Role,
    ServicePrincipal,
    SessionTagsPrincipal,
    User,
)
from aws_cdk.aws_lambda import Code, Function, Runtime

from secure_ddb import InvalidArgumentError, SecureTable
from secure_ddb.actions import PARTIQL, READ_DATA, WRITE_DATA
from tests.granted import Granted, granted
from tests.orders import OWNERSHIP, PK
from tests.refusals import table

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.template import Template

INDEXES = ("<table>/index/by-status", "<table>/index/by-date")
READ = Granted("Allow", set(READ_DATA), ("<table>", *INDEXES), {})
WRITE = Granted("Allow", set(WRITE_DATA), ("<table>",), {})
DECRYPT = {"kms:Decrypt"}
ENCRYPT = {*DECRYPT, "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"}
LAMBDA = ServicePrincipal("lambda.amazonaws.com")
GRANTS = ("grant_read_data", "grant_write_data", "grant_read_write_data", "grant_control_plane")


def a_role(stack: Stack) -> Role:
    return Role(stack, "Role", assumed_by=LAMBDA)


REFUSED: dict[str, Callable[[Stack], Any]] = {
    "user": lambda stack: User(stack, "User"),
    "user by ARN": lambda stack: User.from_user_arn(stack, "User", "arn:aws:iam::111122223333:user/someone"),
    "user by name": lambda stack: User.from_user_name(stack, "User", "someone"),
    "user by attributes": lambda stack: User.from_user_attributes(
        stack, "User", user_arn="arn:aws:iam::111122223333:user/someone"
    ),
    "group": lambda stack: Group(stack, "Group"),
    "group by ARN": lambda stack: Group.from_group_arn(stack, "Group", "arn:aws:iam::111122223333:group/some"),
    "group by name": lambda stack: Group.from_group_name(stack, "Group", "some"),
    "managed policy of a user": lambda stack: ManagedPolicy(stack, "Policy", users=[User(stack, "User")]),
    "managed policy of a role and a group": lambda stack: ManagedPolicy(
        stack, "Policy", roles=[a_role(stack)], groups=[Group(stack, "Group")]
    ),
    "inline policy of a user": lambda stack: Policy(stack, "Policy", users=[User(stack, "User")]),
    "user with session tags": lambda stack: SessionTagsPrincipal(User(stack, "User")),
    "user under conditions": lambda stack: PrincipalWithConditions(User(stack, "User"), {}),
    "role under conditions, which would get lost": lambda stack: PrincipalWithConditions(a_role(stack), {}),
    "service": lambda _: LAMBDA,
    "services": lambda _: CompositePrincipal(LAMBDA),
}
ACCEPTED: dict[str, Callable[[Stack], Any]] = {
    "role": a_role,
    "role by ARN": lambda stack: Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/some"),
    "role by name": lambda stack: Role.from_role_name(stack, "Role", "some"),
    "function": lambda stack: Function(
        stack, "Function", runtime=Runtime.PYTHON_3_13, handler="index.handler", code=Code.from_inline("handler = None")
    ),
    "managed policy of a role": lambda stack: ManagedPolicy(stack, "Policy", roles=[a_role(stack)]),
    "managed policy of nobody yet": lambda stack: ManagedPolicy(stack, "Policy"),
    "inline policy of a role": lambda stack: Policy(stack, "Policy", roles=[a_role(stack)]),
}


@pytest.fixture
def everything(template: Callable[[str], Template]) -> Template:
    return template("everything")


@pytest.mark.parametrize(
    ("role", "expected"),
    [("Reader", [READ]), ("Writer", [WRITE]), ("Both", [READ, WRITE])],
    ids=["reads", "writes", "both"],
)
def test_reads_name_the_table_and_each_index_and_writes_the_table_only(
    everything: Template, role: str, expected: list[Any]
) -> None:
    assert granted(everything, role) == expected


@pytest.mark.parametrize(("role", "actions"), [("Reader", DECRYPT), ("Writer", ENCRYPT), ("Both", ENCRYPT)])
def test_key_is_granted_through_dynamodb_and_for_this_table_only(
    everything: Template, role: str, actions: set[str]
) -> None:
    (table,) = everything.of_type("AWS::DynamoDB::GlobalTable")
    use, _ = granted(everything, role, "kms")
    condition = {
        "StringEquals": {
            "kms:ViaService": "dynamodb.eu-central-1.amazonaws.com",
            "kms:EncryptionContext:aws:dynamodb:subscriberId": "111122223333",
            "kms:EncryptionContext:aws:dynamodb:tableName": {"Ref": table},
        }
    }
    assert use == Granted("Allow", actions, ("<key>",), condition)


@pytest.mark.parametrize("role", ["Reader", "Writer", "Both"])
def test_key_s_description_is_granted_without_a_table_which_that_call_does_not_name(
    everything: Template, role: str
) -> None:
    _, description = granted(everything, role, "kms")
    condition = {"StringEquals": {"kms:ViaService": "dynamodb.eu-central-1.amazonaws.com"}}
    assert description == Granted("Allow", {"kms:DescribeKey"}, ("<key>",), condition)


def test_table_without_index_is_granted_alone() -> None:
    made = table()
    stack = Stack.of(made)
    policy = ManagedPolicy(stack, "Policy")
    made.grant_read_data(policy)
    assert stack.resolve(policy.document)["Statement"][0]["Resource"] == stack.resolve(made.table_arn)


def test_account_that_is_known_only_at_deployment_is_named_by_its_pseudo_parameter() -> None:
    stack = Stack(App(), "Test", env=Environment(region="eu-central-1"))
    policy = ManagedPolicy(stack, "Policy")
    SecureTable(stack, "Orders", partition_key=PK, ownership=OWNERSHIP).grant_read_data(policy)
    conditions = stack.resolve(policy.document)["Statement"][1]["Condition"]["StringEquals"]
    assert conditions["kms:EncryptionContext:aws:dynamodb:subscriberId"] == {"Ref": "AWS::AccountId"}


def test_no_grant_lets_partiql_or_management_pass() -> None:
    assert not {*READ_DATA, *WRITE_DATA} & {*PARTIQL, "dynamodb:DescribeTable", "dynamodb:UpdateTable"}


@pytest.mark.parametrize("grant", GRANTS)
@pytest.mark.parametrize("kind", REFUSED)
def test_only_roles_are_granted_anything(kind: str, grant: str) -> None:
    made = table()
    grantee = REFUSED[kind](Stack.of(made))
    with pytest.raises(InvalidArgumentError) as raised:
        getattr(made, grant)(grantee)
    assert raised.value.argument == "grantee"
    assert "a role" in raised.value.allowed
    assert "never IAM users or groups (CS-5)" in raised.value.allowed


def test_imported_user_is_named_as_what_it_is() -> None:
    with pytest.raises(InvalidArgumentError, match=r"^grantee is an imported IUser; allowed: a role"):
        table().grant_read_data(REFUSED["user by ARN"](Stack()))


def test_refused_grantee_is_given_nothing() -> None:
    made = table()
    user = User(Stack.of(made), "User")
    with pytest.raises(InvalidArgumentError):
        made.grant_read_data(user)
    assert user.node.try_find_child("DefaultPolicy") is None


@pytest.mark.parametrize("grant", GRANTS)
@pytest.mark.parametrize("kind", ACCEPTED)
def test_roles_and_what_they_have_are_granted(kind: str, grant: str) -> None:
    made = table()
    assert getattr(made, grant)(ACCEPTED[kind](Stack.of(made))).success
