"""Grants that are limited to attributes (IAM-2), to partition keys (IAM-3), or to both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack
from aws_cdk.aws_dynamodb import GlobalSecondaryIndexPropsV2
from aws_cdk.aws_iam import ManagedPolicy

from secure_ddb import InvalidArgumentError, LeadingKeys
from secure_ddb.access.actions import PARTIQL
from tests.access.granted import granted
from tests.orders import PK, SK
from tests.refusals import key, table
from tests.template import as_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.template import Template

BY_SHIPPED, BY_STATUS, BY_TOTAL = (f"<table>/index/by-{name}" for name in ("shipped", "status", "total"))
KEYS = ["customer", "order"]
STATUS = ["${aws:PrincipalTag/status}"]
TENANT, USER, NAMED = ["${aws:PrincipalTag/customer}"], ["${www.amazon.com:user_id}"], ["alice", "bob"]
BY_KEY = {"dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:Query"}
LISTED = {"dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"}
WRITE = {"dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}
UPDATE = {"dynamodb:UpdateItem"}
ATTRIBUTES, LEADING_KEYS = "dynamodb:Attributes", "dynamodb:LeadingKeys"

# Role to what it is granted: actions, resources, leading keys and attributes of each statement.
Expected = tuple[set[str], tuple[str, ...], list[str] | None, list[str] | None]
EXPECTED: dict[str, list[Expected]] = {
    "StatusReader": [(LISTED, ("<table>", BY_STATUS), None, [*KEYS, "status"])],
    "StatusWriter": [(UPDATE, ("<table>",), None, [*KEYS, "status"])],
    "StatusEditor": [
        (LISTED, ("<table>", BY_STATUS), None, [*KEYS, "status"]),
        (UPDATE, ("<table>",), None, [*KEYS, "status"]),
    ],
    "TenantReader": [(BY_KEY, ("<table>", BY_SHIPPED, BY_TOTAL), TENANT, None)],
    "UserWriter": [(WRITE, ("<table>",), USER, None)],
    "NamedEditor": [
        (BY_KEY, ("<table>", BY_SHIPPED, BY_TOTAL), NAMED, None),
        (WRITE, ("<table>",), NAMED, None),
    ],
    "OpenOrdersReader": [({"dynamodb:Query"}, (BY_STATUS,), STATUS, None)],
    "OpenOrdersTotalReader": [({"dynamodb:Query"}, (BY_STATUS,), STATUS, [*KEYS, "status", "total"])],
    "TenantTotalReader": [(LISTED, ("<table>", BY_TOTAL), TENANT, [*KEYS, "total"])],
    "TenantTotalWriter": [(UPDATE, ("<table>",), TENANT, [*KEYS, "total"])],
    "TenantTotalEditor": [
        (LISTED, ("<table>", BY_TOTAL), TENANT, [*KEYS, "total"]),
        (UPDATE, ("<table>",), TENANT, [*KEYS, "total"]),
    ],
}
LIMITED = [(role, number) for role, statements in EXPECTED.items() for number in range(len(statements))]
ATTRIBUTES_ONLY = [(role, number) for role, number in LIMITED if EXPECTED[role][number][3]]
TENANTS = LeadingKeys.principal_tag("tenant")


@pytest.fixture
def narrow(template: Callable[[str], Template]) -> Template:
    return template("narrow_grants")


def condition(template: Template, role: str, number: int) -> dict[str, Any]:
    return granted(template, role)[number].condition


@pytest.mark.parametrize("role", EXPECTED)
def test_narrow_grant_names_these_actions_on_these_resources(narrow: Template, role: str) -> None:
    found = [(statement.actions, statement.resources) for statement in granted(narrow, role)]
    assert found == [(actions, resources) for actions, resources, _, _ in EXPECTED[role]]
    assert {statement.effect for statement in granted(narrow, role)} == {"Allow"}


@pytest.mark.parametrize(("role", "number"), LIMITED)
def test_every_statement_holds_to_all_limits_of_its_grant(narrow: Template, role: str, number: int) -> None:
    _, _, leading_keys, attributes = EXPECTED[role][number]
    limits = {LEADING_KEYS: leading_keys, ATTRIBUTES: attributes}
    expected = {name: values for name, values in limits.items() if values is not None}
    assert condition(narrow, role, number)["ForAllValues:StringEquals"] == expected


@pytest.mark.parametrize(("role", "number"), LIMITED)
def test_request_without_the_key_of_a_limit_is_not_allowed(narrow: Template, role: str, number: int) -> None:
    limits = condition(narrow, role, number)
    assert limits["Null"] == dict.fromkeys(limits["ForAllValues:StringEquals"], "false")


@pytest.mark.parametrize("role", EXPECTED)
def test_no_narrow_grant_lets_a_scan_or_partiql_pass(narrow: Template, role: str) -> None:
    assert not {action for statement in granted(narrow, role) for action in statement.actions} & {
        "dynamodb:Scan",
        *PARTIQL,
    }


@pytest.mark.parametrize(("role", "number"), ATTRIBUTES_ONLY)
def test_requests_have_to_list_attributes_and_updates_return_no_others(
    narrow: Template, role: str, number: int
) -> None:
    returned = {"dynamodb:ReturnValues": ["NONE", "UPDATED_OLD", "UPDATED_NEW"]}
    expected = returned if EXPECTED[role][number][0] == UPDATE else {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}
    assert condition(narrow, role, number)["StringEqualsIfExists"] == expected


@pytest.mark.parametrize(("role", "number"), LIMITED)
def test_nothing_else_is_asked_of_a_request(narrow: Template, role: str, number: int) -> None:
    operators = {"ForAllValues:StringEquals", "Null"}
    if (role, number) in ATTRIBUTES_ONLY:
        operators.add("StringEqualsIfExists")
    assert condition(narrow, role, number).keys() == operators


@pytest.mark.parametrize("role", EXPECTED)
def test_narrow_grant_comes_with_the_key_s_use_for_this_table(narrow: Template, role: str) -> None:
    use, description = granted(narrow, role, "kms")
    assert use.condition["StringEquals"].keys() == {
        "kms:ViaService",
        "kms:EncryptionContext:aws:dynamodb:subscriberId",
        "kms:EncryptionContext:aws:dynamodb:tableName",
    }
    assert ("kms:Encrypt" in use.actions) == any(actions & WRITE for actions, _, _, _ in EXPECTED[role])
    assert description.actions == {"kms:DescribeKey"}


@pytest.mark.parametrize("role", [*EXPECTED, "AllReader", "AllWriter"])
def test_no_grant_allows_anything_by_a_pattern(narrow: Template, role: str) -> None:
    for statement in [*granted(narrow, role), *granted(narrow, role, "kms")]:
        assert not [text for text in (*statement.actions, *statement.resources) if "*" in text]


def read_statement(made: Any, **limits: Any) -> dict[str, Any]:
    stack = Stack.of(made)
    policy = ManagedPolicy(stack, "Policy")
    made.grant_read_data(policy, **limits)
    statement: dict[str, Any] = stack.resolve(policy.document)["Statement"][0]
    return statement


def index(name: str, **keys: Any) -> GlobalSecondaryIndexPropsV2:
    return GlobalSecondaryIndexPropsV2(index_name=name, **keys)


def test_index_with_the_table_s_partition_key_among_others_is_left_out() -> None:
    made = table(
        global_secondary_indexes=[
            index("one", partition_keys=[PK]),
            index("two", partition_keys=[PK, SK]),
            index("sort", partition_key=SK, sort_key=PK),
        ]
    )
    resources = [str(arn) for arn in as_list(read_statement(made, leading_keys=TENANTS)["Resource"])]
    assert len(resources) == 2
    assert "/index/one" in resources[1]


@pytest.mark.parametrize("missing", ["", "a", "b", "c", "d"])
def test_index_is_queried_where_all_its_key_attributes_are_listed(missing: str) -> None:
    keys = {"partition_keys": [key("a"), key("b")], "sort_keys": [key("c"), key("d")]}
    made = table(global_secondary_indexes=[index("many", **keys)])
    statement = read_statement(made, attributes=[name for name in "abcd" if name != missing])
    assert ("/index/many" in str(statement["Resource"])) == (not missing)


def test_key_attributes_that_are_listed_stand_once() -> None:
    limits = read_statement(table(sort_key=SK), attributes=["total", "pk"])["Condition"]["ForAllValues:StringEquals"]
    assert limits == {ATTRIBUTES: ["pk", "sk", "total"]}


def test_grant_of_an_index_lists_its_key_attributes() -> None:
    made = table(sort_key=SK, global_secondary_indexes=[index("one", partition_key=key("a"), sort_keys=[key("b"), PK])])
    limits = read_statement(made, index="one", attributes=["c"], leading_keys=TENANTS)["Condition"]
    assert limits["ForAllValues:StringEquals"][ATTRIBUTES] == ["pk", "sk", "a", "b", "c"]


NO_INDEX: list[tuple[dict[str, Any], str, str]] = [
    ({"index": "three", "leading_keys": TENANTS}, "index", "one, two"),
    ({"index": 5, "leading_keys": TENANTS}, "index", "one, two"),
    ({"index": "", "leading_keys": TENANTS}, "index", "one, two"),
    ({"index": "two", "leading_keys": TENANTS}, "index", "whose partition key is one attribute"),
    ({"index": "one"}, "leading_keys", "values of the partition key of the index"),
    ({"index": "one", "attributes": ["a"]}, "leading_keys", "values of the partition key of the index"),
]


@pytest.mark.parametrize(("limits", "argument", "allowed"), NO_INDEX)
def test_grant_of_an_index_that_could_not_be_limited_is_refused(
    limits: dict[str, Any], argument: str, allowed: str
) -> None:
    keys = [index("one", partition_key=key("a")), index("two", partition_keys=[key("a"), key("b")])]
    made = table(global_secondary_indexes=keys)
    policy = ManagedPolicy(Stack.of(made), "Policy")
    with pytest.raises(InvalidArgumentError) as raised:
        made.grant_read_data(policy, **limits)
    assert raised.value.argument == argument
    assert allowed in raised.value.allowed
    assert policy.document.is_empty


def test_grant_of_an_index_of_a_table_without_any_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="index is 'one'; allowed: None: the table has no index"):
        read_statement(table(), index="one", leading_keys=TENANTS)


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"attributes": []}, "attributes", "at least one attribute name"),
    ({"attributes": "status"}, "attributes", "a list of attribute names"),
    ({"attributes": 5}, "attributes", "a list of attribute names"),
    ({"attributes": {"status": 1}}, "attributes", "a list of attribute names"),
    ({"attributes": ["status", None]}, "attributes[1]", "str"),
    ({"attributes": ["status", ""]}, "attributes[1]", "1 to 65535 bytes"),
    ({"attributes": ["status", "status"]}, "attributes[1]", "stand once"),
    ({"attributes": ["*"]}, "attributes[0]", "without ${, * and ?"),
    ({"attributes": ["${aws:userid}"]}, "attributes[0]", "without ${, * and ?"),
    ({"attributes": ["ł"]}, "attributes[0]", "U+0020 to U+00FF"),
    ({"leading_keys": ["alice"]}, "leading_keys", "LeadingKeys.values()"),
    ({"leading_keys": "${aws:PrincipalTag/tenant}"}, "leading_keys", "LeadingKeys.principal_tag()"),
    ({"leading_keys": []}, "leading_keys", "LeadingKeys.web_identity()"),
]


@pytest.mark.parametrize("grant", ["grant_read_data", "grant_write_data", "grant_read_write_data"])
@pytest.mark.parametrize(("limits", "argument", "allowed"), REFUSED)
def test_limits_that_cannot_be_right_are_refused(
    grant: str, limits: dict[str, Any], argument: str, allowed: str
) -> None:
    made = table()
    policy = ManagedPolicy(Stack.of(made), "Policy")
    with pytest.raises(InvalidArgumentError) as raised:
        getattr(made, grant)(policy, **limits)
    assert raised.value.argument == argument
    assert allowed in raised.value.allowed
    assert policy.document.is_empty


def test_key_attribute_that_iam_would_read_otherwise_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match=r"'a\*'; allowed: attribute names that are known"):
        read_statement(table(partition_key=key("a*")), attributes=["status"])
