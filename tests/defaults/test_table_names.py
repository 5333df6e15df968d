"""Every table has a name that is known at synth, so that an endpoint's policy names it without a reference."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Environment, NestedStack, Stack
from aws_cdk.aws_backup import CfnBackupVault
from constructs import Construct

from secure_ddb import DynamoDbEndpoints, SecureTable
from secure_ddb.tokens import is_token
from tests.network.networks import TABLE, endpoints, templates, vpc
from tests.orders import OWNERSHIP, PK
from tests.template import Template, walk

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Environment(account="111122223333", region="eu-central-1")
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
ALLOWED = re.compile(r"[a-zA-Z0-9_.-]{3,255}")


def table(scope: Construct, name: str = "Orders", through: DynamoDbEndpoints | None = None) -> SecureTable:
    return SecureTable(scope, name, partition_key=PK, ownership=OWNERSHIP, endpoints=through)


def stack_named(name: str, stack_name: str | None = None) -> Stack:
    return Stack(App(), name, stack_name=stack_name, env=HERE)


def names(stack: Stack) -> list[str]:
    """Return the names of all tables of the stack's app."""
    app = stack.node.root
    assert isinstance(app, App)
    found = [table for template in templates(app).values() for table in template.of_type(TABLE).values()]
    return [table["Properties"]["TableName"] for table in found]


def test_name_is_made_of_the_construct_and_its_stack_and_never_changes(minimal: Template) -> None:
    # Whoever has to change this line renames, and thereby replaces, the tables of all who deployed one.
    assert minimal.table()["TableName"] == "TestOrdersC225794E532EAABD"


def test_given_name_is_the_table_s_name(template: Callable[[str], Template]) -> None:
    assert template("everything").table()["TableName"] == "orders-prod"


def test_endpoints_do_not_rename_a_table(stack: Stack, minimal: Template) -> None:
    table(stack, through=endpoints(stack, vpc(stack)))
    assert names(stack) == [minimal.table()["TableName"]]


def test_everything_else_refers_to_the_table(stack: Stack, minimal: Template) -> None:
    assert is_token(table(stack).table_name)
    logical_id, name = minimal.named(TABLE, "Orders"), minimal.table()["TableName"]
    # The vault and the plan are named in the same way, and an alarm names the vault.
    others = {
        key: resource
        for key, resource in minimal.resources.items()
        if key != logical_id and not resource["Type"].startswith("AWS::Backup::") and "BackupMissing" not in key
    }
    assert {"Ref": logical_id} in list(walk(others))
    assert not [value for value in walk(others) if isinstance(value, str) and name in value]


@pytest.mark.parametrize(
    ("stack", "table_id"),
    [("S", "T"), ("Default", "T"), ("S" * 101, "T" * 100), ("Prod-eu", "Order.Items_2"), ("Orders", "Aufträge")],
)
def test_name_is_one_that_dynamodb_takes(stack: str, table_id: str) -> None:
    scope = stack_named(stack)
    table(scope, table_id)
    (name,) = names(scope)
    assert ALLOWED.fullmatch(name)


def test_name_of_a_table_that_lies_deep_is_not_too_long() -> None:
    scope = stack_named("S" * 101)
    table(Construct(Construct(scope, "Outer" * 20), "Inner" * 20), "T" * 100)
    (name,) = names(scope)
    assert len(name) == 255


def test_tables_of_an_app_have_different_names() -> None:
    stack = stack_named("Orders")
    for name in ("Orders", "Order-s", "Items"):
        table(stack, name)
    nested = NestedStack(stack, "Inner")
    table(nested)
    assert len(set(names(stack))) == 4


@pytest.mark.parametrize("nested", [False, True], ids=["stack", "nested stack"])
def test_two_deployments_of_an_app_have_tables_of_their_own(*, nested: bool) -> None:
    found = set()
    for stack_name in ("orders-dev", "orders-test"):
        stack = stack_named("Orders", stack_name)
        table(NestedStack(NestedStack(stack, "Outer"), "Inner") if nested else stack)
        found.update(names(stack))
    assert len(found) == 2
    assert all(ALLOWED.fullmatch(name) for name in found)


def test_vaults_of_nested_stacks_are_told_apart_likewise() -> None:
    found = set()
    for stack_name in ("orders-dev", "orders-test"):
        vault = table(NestedStack(stack_named("Orders", stack_name), "Inner")).backup_vault.node.default_child
        assert isinstance(vault, CfnBackupVault)
        found.add(vault.backup_vault_name)
    assert len(found) == 2
