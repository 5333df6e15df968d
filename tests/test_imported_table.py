"""A table of another stack, app or account is granted as the one that is made, statement by statement."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnParameter, Environment, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType, GlobalSecondaryIndexPropsV2, LocalSecondaryIndexProps
from aws_cdk.aws_iam import ManagedPolicy, Role, ServicePrincipal, User
from aws_cdk.aws_kms import IKey, Key

from secure_ddb import IdentityProviderMfa, ImportedTable, InvalidArgumentError, LeadingKeys, SecureTable
from tests.orders import OWNERSHIP, PK, SK
from tests.refusals import HERE, a_stack
from tests.template import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from secure_ddb.access.grant_methods import GrantMethods

KEY_ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd"
FOREIGN_KEY_ARN = "arn:aws:kms:eu-central-1:444455556666:key/1234abcd"
TABLE_ARN = "arn:<AWS::Partition>:dynamodb:eu-central-1:111122223333:table/orders"
STREAM_ARN = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders/stream/2026-01-01T00:00:00.000"
INDEXES: dict[str, Any] = {
    "global_secondary_indexes": [GlobalSecondaryIndexPropsV2(index_name="by-status", partition_key=SK)],
    "local_secondary_indexes": [
        LocalSecondaryIndexProps(index_name="by-date", sort_key=Attribute(name="date", type=AttributeType.NUMBER))
    ],
}
TENANT = LeadingKeys.principal_tag("tenant")
GRANTS: dict[str, Callable[[GrantMethods, ManagedPolicy], object]] = {
    "read": lambda table, policy: table.grant_read_data(policy),
    "write": lambda table, policy: table.grant_write_data(policy),
    "both": lambda table, policy: table.grant_read_write_data(policy),
    "some attributes": lambda table, policy: table.grant_read_write_data(policy, attributes=["total"]),
    "some items": lambda table, policy: table.grant_read_write_data(policy, leading_keys=TENANT),
    "manage": lambda table, policy: table.grant_control_plane(policy),
}


def a_key(stack: Stack, arn: str = KEY_ARN) -> IKey:
    return Key.from_key_arn(stack, "Key", arn)


def imported(stack: Stack, **arguments: Any) -> ImportedTable:
    given = {"table_name": "orders", "partition_key": PK, "sort_key": SK, **arguments}
    if "encryption_key" not in given:
        given["encryption_key"] = a_key(stack)
    return SecureTable.from_attributes(stack, "Orders", **given)


def statements(policy: ManagedPolicy) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = Stack.of(policy).resolve(policy.document)["Statement"]
    return found


def as_text(value: Any, names: dict[str, str]) -> Any:
    """Return a value of a template with each reference as text, by other names where there are some."""
    if isinstance(value, list):
        return [as_text(each, names) for each in value]
    if isinstance(value, dict) and not {"Ref", "Fn::GetAtt", "Fn::Join"} & value.keys():
        return {key: as_text(each, names) for key, each in value.items()}
    shown = text(value)
    for name, other in names.items():
        shown = shown.replace(name, other)
    return shown


@pytest.mark.parametrize("grant", GRANTS.values(), ids=GRANTS)
def test_grants_are_those_of_the_table_that_is_made(grant: Callable[[GrantMethods, ManagedPolicy], object]) -> None:
    here, elsewhere = a_stack(), a_stack()
    made = SecureTable(
        here, "Orders", partition_key=PK, sort_key=SK, ownership=OWNERSHIP, table_name="orders", **INDEXES
    )
    policies = []
    for table in (made, imported(elsewhere, **INDEXES)):
        policies.append(ManagedPolicy(Stack.of(table), "Policy"))
        grant(table, policies[-1])
    references = (made.table_arn, made.table_name, made.encryption_key.key_arn)
    names = dict(zip((text(here.resolve(each)) for each in references), (TABLE_ARN, "orders", KEY_ARN), strict=True))
    expected, found = (as_text(statements(policy), names) for policy in policies)
    assert found == expected


def test_arn_is_made_of_name_region_and_account() -> None:
    stack = a_stack()
    table = imported(stack)
    arn = ":dynamodb:eu-central-1:111122223333:table/orders"
    assert stack.resolve(table.table_arn) == {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, arn]]}
    assert stack.resolve(table.table.table_arn) == stack.resolve(table.table_arn)
    assert table.table_name == "orders"
    assert table.encryption_key.key_arn == KEY_ARN


def test_account_of_the_stack_may_be_known_only_at_deployment() -> None:
    stack = a_stack(Environment(region="eu-central-1"))
    policy = ManagedPolicy(stack, "Policy")
    imported(stack).grant_read_data(policy)
    conditions = statements(policy)[1]["Condition"]["StringEquals"]
    assert conditions["kms:EncryptionContext:aws:dynamodb:subscriberId"] == {"Ref": "AWS::AccountId"}


def test_name_may_be_known_only_at_deployment() -> None:
    stack = a_stack()
    policy = ManagedPolicy(stack, "Policy")
    table = imported(stack, table_name=CfnParameter(stack, "Name").value_as_string)
    assert table.grant_read_write_data(policy).success
    conditions = statements(policy)[-2]["Condition"]["StringEquals"]
    assert conditions["kms:EncryptionContext:aws:dynamodb:tableName"] == {"Ref": "Name"}


def test_table_of_another_account_is_granted_by_its_arn_to_roles_of_this_account() -> None:
    stack = a_stack()
    policy = ManagedPolicy(
        stack, "Policy", roles=[Role(stack, "Role", assumed_by=ServicePrincipal("ec2.amazonaws.com"))]
    )
    table = imported(stack, account="444455556666", encryption_key=a_key(stack, FOREIGN_KEY_ARN))
    table.grant_read_data(policy, leading_keys=TENANT)
    read, decrypt, _ = statements(policy)
    arn = ":dynamodb:eu-central-1:444455556666:table/orders"
    assert read["Resource"] == {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, arn]]}
    assert decrypt["Resource"] == FOREIGN_KEY_ARN
    assert decrypt["Condition"]["StringEquals"] == {
        "kms:ViaService": "dynamodb.eu-central-1.amazonaws.com",
        "kms:EncryptionContext:aws:dynamodb:subscriberId": "444455556666",
        "kms:EncryptionContext:aws:dynamodb:tableName": "orders",
    }


def test_table_of_another_account_is_not_managed_from_here() -> None:
    stack = a_stack()
    table = imported(stack, account="444455556666", encryption_key=a_key(stack, FOREIGN_KEY_ARN))
    with pytest.raises(InvalidArgumentError, match=r"account is '444455556666'; allowed: the stack's account"):
        table.grant_control_plane(ManagedPolicy(stack, "Policy"))


def test_claim_about_mfa_belongs_where_its_evidence_is() -> None:
    stack = a_stack()
    policy = ManagedPolicy(stack, "Policy", managed_policy_name="Manage")
    with pytest.raises(InvalidArgumentError, match="evidence of the app that makes the table"):
        imported(stack).grant_control_plane(policy, mfa=IdentityProviderMfa(permission_set="Ops", stated_by="SEC-1"))
    assert policy.document.is_empty


def test_only_roles_are_granted_anything() -> None:
    stack = a_stack()
    with pytest.raises(InvalidArgumentError, match=r"never IAM users or groups \(CS-5\)"):
        imported(stack).grant_read_data(User(stack, "User"))


def test_cdk_s_constructs_take_its_table() -> None:
    table = imported(a_stack(), stream_arn=STREAM_ARN).table
    assert table.table_stream_arn == STREAM_ARN
    assert table.encryption_key is not None


def test_nothing_is_made_of_it() -> None:
    app = App()
    stack = Stack(app, "Test", env=HERE)
    imported(stack, stream_arn=STREAM_ARN)
    assert "Resources" not in app.synth().get_stack_by_name("Test").template


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "name": ({"table_name": "no"}, "table_name is 'no'; allowed: 3 to 255 letters"),
    "no name": ({"table_name": None}, "table_name is None; allowed: str"),
    "partition key": ({"partition_key": "pk"}, "partition_key is 'pk'; allowed: an aws_dynamodb.Attribute"),
    "index": ({"global_secondary_indexes": ["by-status"]}, r"global_secondary_indexes\[0\] is 'by-status'"),
    "key": ({"encryption_key": KEY_ARN}, "encryption_key is .*; allowed: an aws_kms.IKey"),
    "stream of another table": (
        {"stream_arn": STREAM_ARN.replace("orders", "payments")},
        "stream_arn is .*; allowed: arn:aws:dynamodb:eu-central-1:ACCOUNT:table/orders/stream/LABEL",
    ),
    "streams": ({"stream_arn": f"{STREAM_ARN.rpartition('/')[0]}/*"}, "stream_arn is .*; allowed: arn:"),
    "account": ({"account": "production"}, "account is 'production'; allowed: the 12 digits"),
    "key of another account": ({"account": "444455556666"}, "encryption_key is 'in account 111122223333'"),
}


@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_right_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=f"^{message}"):
        imported(a_stack(), **arguments)


@pytest.mark.parametrize(
    ("arn", "message"),
    [
        ("arn:aws:kms:eu-west-1:111122223333:key/1234abcd", "encryption_key is 'in Region eu-west-1'"),
        (FOREIGN_KEY_ARN, "encryption_key is 'in account 444455556666'"),
    ],
)
def test_key_has_to_be_where_the_table_is(arn: str, message: str) -> None:
    stack = a_stack()
    with pytest.raises(InvalidArgumentError, match=message):
        imported(stack, encryption_key=a_key(stack, arn))


def test_alias_is_refused() -> None:
    stack = a_stack()
    alias = partial(Key.from_key_arn, stack, "Alias", "arn:aws:kms:eu-central-1:111122223333:alias/orders")
    with pytest.raises(InvalidArgumentError, match="a key itself, not an alias"):
        imported(stack, encryption_key=alias())
