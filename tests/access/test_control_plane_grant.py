"""Who manages the table does so with MFA and keeps out of the items (IAM-4, CS-10)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from aws_cdk import Stack
from aws_cdk.aws_iam import AccountRootPrincipal, ManagedPolicy, Role

from secure_ddb import IdentityProviderMfa, InvalidArgumentError
from secure_ddb.access.actions import CONTROL_PLANE, COPY_OF_ALL_ITEMS, DATA_PLANE, SEARCH_VECTORS, STREAM_POLICY
from tests.access.granted import Granted, granted
from tests.policies.deployments import deployment
from tests.refusals import table

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk.aws_iam import IGrantable

    from tests.template import Template

INSIGHTS = {"dynamodb:DescribeContributorInsights"}
GLOBAL_INDEXES = ("<table>/index/by-shipped", "<table>/index/by-status")
EVERYTHING = ("<tables>", "<tables>/*")
MANAGED = {*CONTROL_PLANE} - {"dynamodb:EnableKinesisStreamingDestination", "dynamodb:UpdateContributorInsights"}
# In an identity policy, without white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LONGEST_MANAGED_POLICY = 6144
WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


@pytest.fixture
def operator(template: Callable[[str], Template]) -> list[Granted]:
    return granted(template("narrow_grants"), "Operator")


def test_management_is_allowed_with_mfa_on_the_table_and_its_indexes_insights(operator: list[Granted]) -> None:
    assert [statement for statement in operator if statement.effect == "Allow"] == [
        Granted("Allow", MANAGED, ("<table>",), WITH_MFA),
        Granted("Allow", INSIGHTS, GLOBAL_INDEXES, WITH_MFA),
    ]


def test_management_is_denied_where_mfa_is_false_or_missing(operator: list[Granted]) -> None:
    denied = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    assert Granted("Deny", {"dynamodb:*"}, EVERYTHING, denied) in operator


def test_what_reaches_items_is_denied_whatever_else_allows_it(operator: list[Granted]) -> None:
    (denied,) = (one for one in operator if one.effect == "Deny" and not one.condition)
    assert denied.resources == EVERYTHING
    assert denied.but >= MANAGED
    assert not denied.but & {*DATA_PLANE, *SEARCH_VECTORS, *COPY_OF_ALL_ITEMS, *STREAM_POLICY}


@pytest.mark.parametrize(
    ("configuration", "role"),
    [
        ("narrow_grants", "Operator"),
        *(("federated_operators", f"{each}Operator") for each in ("Saml", "Oidc", "Center")),
    ],
)
def test_the_grant_leaves_room_in_a_policy(configuration: str, role: str) -> None:
    deployed = deployment(configuration).deployed
    (document,) = deployed.identity_policies(deployed.arn("AWS::IAM::Role", role))
    assert len(json.dumps(document, separators=(",", ":"))) < LONGEST_MANAGED_POLICY / 1.5


def test_no_use_of_the_key_is_granted(template: Callable[[str], Template]) -> None:
    assert granted(template("narrow_grants"), "Operator", "kms") == []


def test_table_without_index_has_no_statement_for_indexes() -> None:
    made = table()
    stack = Stack.of(made)
    policy = ManagedPolicy(stack, "Policy")
    made.grant_control_plane(policy)
    allowed = [one for one in stack.resolve(policy.document)["Statement"] if one["Effect"] == "Allow"]
    assert [one["Resource"] for one in allowed] == [stack.resolve(made.table_arn)]


def provider(name: str, stated_by: str = "SEC-151") -> IdentityProviderMfa:
    return IdentityProviderMfa(provider=f"arn:aws:iam::111122223333:oidc-provider/{name}", stated_by=stated_by)


def managed_policy(stack: Stack) -> IGrantable:
    return ManagedPolicy(stack, "Policy")


def role(stack: Stack) -> IGrantable:
    return Role(stack, "Role", assumed_by=AccountRootPrincipal())


@pytest.mark.parametrize("make", [managed_policy, role])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (None, provider("id.example.com")),
        (provider("id.example.com"), None),
        (provider("id.example.com"), provider("login.example.com")),
    ],
)
def test_two_forms_for_one_grantee_would_deny_everyone(
    make: Callable[[Stack], IGrantable], first: IdentityProviderMfa | None, second: IdentityProviderMfa | None
) -> None:
    made = table()
    grantee = make(Stack.of(made))
    made.grant_control_plane(grantee, mfa=first)
    with pytest.raises(InvalidArgumentError) as raised:
        made.grant_control_plane(grantee, mfa=second)
    assert (raised.value.argument, raised.value.value) == ("mfa", second)
    assert raised.value.allowed.endswith("one role or policy per value")


def test_role_that_is_imported_twice_is_one_grantee() -> None:
    made = table()
    stack = Stack.of(made)
    first, second = (Role.from_role_arn(stack, each, "arn:aws:iam::111122223333:role/Operator") for each in "AB")
    made.grant_control_plane(first)
    with pytest.raises(InvalidArgumentError, match="one role or policy per value"):
        made.grant_control_plane(second, mfa=provider("id.example.com"))


def test_same_form_again_and_another_one_for_another_grantee_are_accepted() -> None:
    made = table()
    stack = Stack.of(made)
    policy = ManagedPolicy(stack, "Policy")
    made.grant_control_plane(policy, mfa=provider("id.example.com"))
    made.grant_control_plane(policy, mfa=provider("id.example.com", stated_by="SEC-152"))
    made.grant_control_plane(ManagedPolicy(stack, "Other"))
    statements = stack.resolve(policy.document)["Statement"]
    assert [one["Effect"] for one in statements] == ["Allow", "Deny", "Deny"]
