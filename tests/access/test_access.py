"""Grants give what is needed of the table and its key, and no more (IAM-1), and to roles only (CS-5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnParameter, Environment, Stack
from aws_cdk.aws_iam import (
    CompositePrincipal,
    Group,
    LazyRole,
    ManagedPolicy,
    Policy,
    PrincipalWithConditions,
    Role,
    ServicePrincipal,
    SessionTagsPrincipal,
    UnknownPrincipal,
    User,
)
from aws_cdk.aws_lambda import Code, Function, Runtime
from constructs import Construct

from secure_ddb import InvalidArgumentError, SecureTable
from secure_ddb.access.actions import PARTIQL, READ_DATA, WRITE_DATA
from tests.access.granted import Granted, granted
from tests.orders import OWNERSHIP, PK
from tests.refusals import a_stack, table
from tests.template import Template, as_list

if TYPE_CHECKING:
    from collections.abc import Callable

INDEXES = ("<table>/index/by-status", "<table>/index/by-date")
READ = Granted("Allow", set(READ_DATA), ("<table>", *INDEXES), {})
WRITE = Granted("Allow", set(WRITE_DATA), ("<table>",), {})
DECRYPT = {"kms:Decrypt"}
ENCRYPT = {*DECRYPT, "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"}
LAMBDA = ServicePrincipal("lambda.amazonaws.com")
GRANTS = ("grant_read_data", "grant_write_data", "grant_read_write_data", "grant_control_plane", "grant_audit")


def a_role(stack: Construct) -> Role:
    return Role(stack, "Role", assumed_by=LAMBDA)


REFUSED: dict[str, Callable[[Construct], Any]] = {
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
    "function of an unknown role": lambda stack: Function.from_function_arn(
        stack, "Function", "arn:aws:lambda:eu-central-1:111122223333:function:some"
    ),
    "unknown principal": lambda stack: UnknownPrincipal(resource=a_role(stack)),
    "service": lambda _: LAMBDA,
    "services": lambda _: CompositePrincipal(LAMBDA),
}
ROLE_ARN = "arn:aws:iam::111122223333:role/some"
# CDK says of most of these grants that they succeeded, and adds nothing to the template.
DROPPED: dict[str, Callable[[Construct], Any]] = {
    "imported as immutable": lambda stack: Role.from_role_arn(stack, "Role", ROLE_ARN, mutable=False),
    "imported as immutable, by name": lambda stack: Role.from_role_name(stack, "Role", "some", mutable=False),
    "imported as immutable, with grants to resources": lambda stack: Role.from_role_arn(
        stack, "Role", ROLE_ARN, mutable=False, add_grants_to_resources=True
    ),
    "without policy updates": lambda stack: a_role(stack).without_policy_updates(),
    "function with an immutable role": lambda stack: Function.from_function_attributes(
        stack,
        "Function",
        function_arn="arn:aws:lambda:eu-central-1:111122223333:function:some",
        role=Role.from_role_arn(stack, "Role", ROLE_ARN, mutable=False),
    ),
    "imported in a stack of another account": lambda _: Role.from_role_arn(
        Stack(App(), "There", env=Environment(account="444455556666", region="eu-central-1")), "Role", ROLE_ARN
    ),
}
CUSTOMIZED: dict[str, Callable[[Construct], Any]] = {
    "role": a_role,
    "imported role": lambda stack: Role.from_role_arn(stack, "Role", ROLE_ARN),
    "lazy role": lambda stack: LazyRole(stack, "Role", assumed_by=LAMBDA),
    "managed policy": lambda stack: ManagedPolicy(stack, "Policy"),
}
ACCEPTED: dict[str, Callable[[Construct], Any]] = {
    "role": a_role,
    "role by ARN": lambda stack: Role.from_role_arn(stack, "Role", ROLE_ARN),
    "role by ARN, with path": lambda stack: Role.from_role_arn(
        stack, "Role", "arn:aws:iam::111122223333:role/team/other"
    ),
    "role by an ARN that is known at deployment": lambda stack: Role.from_role_arn(
        stack, "Role", CfnParameter(stack, "Arn").value_as_string
    ),
    "role by name": lambda stack: Role.from_role_name(stack, "Role", "some"),
    "role with a default policy name": lambda stack: Role.from_role_arn(
        stack, "Role", ROLE_ARN, default_policy_name="Orders"
    ),
    "lazy role": lambda stack: LazyRole(stack, "Role", assumed_by=LAMBDA),
    "function": lambda stack: Function(
        stack, "Function", runtime=Runtime.PYTHON_3_13, handler="index.handler", code=Code.from_inline("handler = None")
    ),
    "imported function with its role": lambda stack: Function.from_function_attributes(
        stack,
        "Function",
        function_arn="arn:aws:lambda:eu-central-1:111122223333:function:some",
        role=Role.from_role_arn(stack, "Role", ROLE_ARN),
    ),
    "managed policy of a role": lambda stack: ManagedPolicy(stack, "Policy", roles=[a_role(stack)]),
    "managed policy of an immutable role": lambda stack: ManagedPolicy(
        stack, "Policy", roles=[Role.from_role_arn(stack, "Role", ROLE_ARN, mutable=False)]
    ),
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
    with pytest.raises(InvalidArgumentError, match=r"^grantee is an imported IUser 'Default/User'; allowed: a role"):
        table().grant_read_data(REFUSED["user by ARN"](Stack()))


def test_refused_grantee_is_given_nothing() -> None:
    made = table()
    user = User(Stack.of(made), "User")
    with pytest.raises(InvalidArgumentError):
        made.grant_read_data(user)
    assert user.node.try_find_child("DefaultPolicy") is None


@pytest.mark.parametrize("grant", GRANTS)
@pytest.mark.parametrize("kind", DROPPED)
def test_grants_that_cdk_drops_are_refused(kind: str, grant: str) -> None:
    made = table()
    grantee = DROPPED[kind](Stack.of(made))
    with pytest.raises(InvalidArgumentError, match=r"imported with mutable=True .* or grant to a ManagedPolicy\("):
        getattr(made, grant)(grantee)


@pytest.mark.parametrize("prevents_synthesis", [True, False])
@pytest.mark.parametrize("kind", CUSTOMIZED)
def test_grants_that_are_in_a_report_only_are_refused(kind: str, *, prevents_synthesis: bool) -> None:
    made = table()
    scope = Construct(Stack.of(made), "Roles")
    Role.customize_roles(scope, prevent_synthesis=prevents_synthesis)
    grantee = CUSTOMIZED[kind](scope)
    if kind == "managed policy" and not prevents_synthesis:
        # It is in the report and in the template.
        made.grant_read_data(grantee)
        return
    with pytest.raises(InvalidArgumentError, match=r"outside of Role\.customize_roles\(\)"):
        made.grant_read_data(grantee)


def test_inline_policy_that_no_role_has_is_refused() -> None:
    made = table()
    policy = Policy(Stack.of(made), "Policy")
    with pytest.raises(InvalidArgumentError, match="attached to a role already"):
        made.grant_read_data(policy)
    policy.attach_to_role(a_role(Stack.of(made)))
    assert made.grant_read_data(policy).success


def test_account_of_a_role_has_to_be_known_to_the_stack() -> None:
    stack = a_stack(Environment(region="eu-central-1"))
    made = SecureTable(stack, "Orders", partition_key=PK, ownership=OWNERSHIP)
    role = Role.from_role_arn(stack, "Role", ROLE_ARN)
    with pytest.raises(InvalidArgumentError, match=r"of account 111122223333.*Role\.from_role_name"):
        made.grant_read_data(role)
    assert role.node.children == []
    assert made.grant_read_data(Role.from_role_name(stack, "ByName", "some")).success


def test_role_that_the_cli_has_yet_to_look_up_is_no_reason_to_stop() -> None:
    # Until then CDK returns one of an account that is not the stack's.
    made = table()
    assert made.grant_read_data(Role.from_lookup(Stack.of(made), "Role", role_name="some"))


def test_what_is_granted_is_in_the_template() -> None:
    stack = a_stack()
    made = SecureTable(stack, "Orders", partition_key=PK, ownership=OWNERSHIP)
    scopes = {kind: Construct(stack, f"Grantee{number:02}") for number, kind in enumerate(ACCEPTED)}
    for kind, scope in scopes.items():
        grantee = ACCEPTED[kind](scope)
        for grant in GRANTS:
            assert getattr(made, grant)(grantee).success
    written = Template(stack.node.root.synth().get_stack_by_name("Test").template)  # type: ignore[attr-defined]
    found = {kind: _statements_below(written, scope.node.id) for kind, scope in scopes.items()}
    actions = [sorted(as_list(statement.get("Action", []))) for statement in found["role"]]
    assert sorted(READ_DATA) in actions
    assert sorted(WRITE_DATA) in actions
    assert {statement["Effect"] for statement in found["role"]} == {"Allow", "Deny"}
    assert [kind for kind, statements in found.items() if statements != found["role"]] == []


def _statements_below(template: Template, prefix: str) -> list[dict[str, Any]]:
    """Return the statements of the policies below a construct, in the order in which they were added."""
    return [
        statement
        for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
        for name, resource in template.of_type(kind).items()
        if name.startswith(prefix) and (resource["Properties"].get("Roles") or kind == "AWS::IAM::ManagedPolicy")
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
    ]
