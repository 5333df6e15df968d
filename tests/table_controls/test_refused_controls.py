"""What `TableControls` refuse, each time with the argument, its value and what is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnParameter, Stack
from aws_cdk.aws_dynamodb import ReplicaTableProps, StreamViewType, Table, TableEncryptionV2, TableV2
from aws_cdk.aws_ec2 import GatewayVpcEndpoint
from aws_cdk.aws_kms import Key

from secure_ddb import (
    BackupSettings,
    DataClassification,
    EncryptionSettings,
    ExistingEndpoints,
    InvalidArgumentError,
    SecureTable,
    SharedResources,
    TableDefaults,
)
from tests.orders import OWNERSHIP, PK, WAIVER
from tests.refusals import HERE, a_stack
from tests.table_controls.declared import controls, table_of_app, table_of_terraform

if TYPE_CHECKING:
    from collections.abc import Callable

OTHER_STREAM = "arn:aws:dynamodb:eu-central-1:111122223333:table/carts/stream/2026-01-01T00:00:00.000"


def replicated(stack: Stack) -> TableV2:
    # Replicas of a table with a key of its own need keys of theirs.
    return table_of_app(
        stack,
        encryption=TableEncryptionV2.customer_managed_key(
            Key(stack, "K"), replica_key_arns={"eu-west-1": "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"}
        ),
        replicas=[ReplicaTableProps(region="eu-west-1")],
    )


# What is around what; the argument that the error names; a part of what it says.
REFUSED: dict[str, tuple[Callable[[Stack], Any], str, str]] = {
    "no table": (lambda _: "orders", "table", "an aws_dynamodb.ITableV2"),
    "a table of the older type": (lambda stack: Table(stack, "T", partition_key=PK), "table", "from_table_attributes"),
    "an imported SecureTable": (
        lambda stack: SecureTable.from_attributes(
            stack,
            "Imported",
            table_name="orders",
            encryption_key=Key.from_key_arn(stack, "K", "arn:aws:kms:eu-central-1:111122223333:key/1234abcd"),
            partition_key=PK,
        ),
        "table",
        "an aws_dynamodb.ITableV2",
    ),
    "the table of a SecureTable": (
        lambda stack: SecureTable(stack, "S", partition_key=PK, ownership=OWNERSHIP).table,
        "table",
        "a table without controls",
    ),
    "a replica": (lambda stack: replicated(stack).replica("eu-west-1"), "table", "one in Region eu-central-1"),
    "a table with replicas": (replicated, "table", "a table of one Region"),
    "the ARN of a replica": (
        lambda stack: table_of_terraform(
            stack, table_arn="arn:aws:dynamodb:eu-west-1:111122223333:table/orders", table_stream_arn=None
        ),
        "table",
        "one in Region eu-central-1, as the table",
    ),
    "a table of another account": (
        lambda stack: table_of_terraform(
            stack, table_arn="arn:aws:dynamodb:eu-central-1:444455556666:table/orders", table_stream_arn=None
        ),
        "table",
        "one in account 111122223333",
    ),
    "a table without a key": (
        lambda stack: table_of_app(stack, encryption=TableEncryptionV2.dynamo_owned_key()),
        "table.encryption_key",
        "a customer managed key",
    ),
    "an import without a key": (
        lambda stack: table_of_terraform(stack, encryption_key=None),
        "table.encryption_key",
        "from_table_attributes(encryption_key=...)",
    ),
    "a key of another Region": (
        lambda stack: table_of_terraform(
            stack,
            encryption_key=Key.from_key_arn(stack, "K", "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"),
        ),
        "table.encryption_key",
        "one in Region eu-central-1",
    ),
    "an import without a stream": (
        lambda stack: table_of_terraform(stack, table_stream_arn=None),
        "table.table_stream_arn",
        "or audit=Waiver(...)",
    ),
    "the stream of another table": (
        lambda stack: table_of_terraform(stack, table_stream_arn=OTHER_STREAM),
        "table.table_stream_arn",
        "table/orders/stream/LABEL",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_no_controls_are_put_around(what: str) -> None:
    table, argument, allowed = REFUSED[what]
    stack = a_stack()
    with pytest.raises(InvalidArgumentError) as raised:
        controls(stack, table(stack))
    assert raised.value.argument == argument
    assert allowed in raised.value.allowed
    assert stack.node.try_find_child("OrdersControls") is None


def test_a_second_pair_of_controls_is_refused() -> None:
    stack = a_stack()
    table = table_of_app(stack)
    controls(stack, table)
    with pytest.raises(InvalidArgumentError, match="TableControls are made once"):
        controls(Stack(stack, "Another", env=HERE), table)


def test_a_table_that_is_imported_twice_has_one_pair() -> None:
    app = App()
    first, second = (Stack(app, name, env=HERE) for name in ("First", "Second"))
    table = table_of_terraform(first)
    # What was refused is not around it.
    with pytest.raises(InvalidArgumentError):
        controls(first, table, ownership=None)
    controls(first, table)
    with pytest.raises(InvalidArgumentError, match="First/OrdersControls are around it"):
        controls(second, table_of_terraform(second))


def endpoints(stack: Stack) -> ExistingEndpoints:
    endpoint = GatewayVpcEndpoint.from_gateway_vpc_endpoint_id(stack, "Endpoint", "vpce-0123456789abcdef0")
    return ExistingEndpoints(data_plane=endpoint)


# Arguments; the one that the error names; a part of what it says.
CHOICES: dict[str, tuple[Callable[[Stack], dict[str, Any]], str, str]] = {
    "point-in-time recovery": (
        lambda _: {"backup": BackupSettings(recovery_period_in_days=20)},
        "backup.recovery_period_in_days",
        "point-in-time recovery is where the table is declared",
    ),
    "a key for nothing": (
        lambda stack: {
            "encryption": EncryptionSettings(),
            "shared_resources": SharedResources(stack, "Shared", ownership=OWNERSHIP),
        },
        "encryption",
        "nothing is made that needs a key",
    ),
    "no owner": (lambda _: {"ownership": None}, "ownership", "an Ownership"),
    "less than the classification demands": (
        lambda _: {"classification": DataClassification.RESTRICTED, "backup": BackupSettings()},
        "backup.daily_retention",
        "for RESTRICTED",
    ),
    "no key": (lambda _: {"partition_key": None}, "partition_key", "an aws_dynamodb.Attribute"),
}


@pytest.mark.parametrize("what", CHOICES)
def test_a_choice_is_refused(what: str) -> None:
    arguments, argument, allowed = CHOICES[what]
    stack = a_stack()
    with pytest.raises(InvalidArgumentError) as raised:
        controls(stack, table_of_app(stack), **arguments(stack))
    assert raised.value.argument == argument
    assert allowed in raised.value.allowed


@pytest.mark.parametrize(
    "arguments",
    [
        lambda stack: {"endpoints": endpoints(stack)},
        lambda stack: {"shared_resources": SharedResources(stack, "Shared", ownership=OWNERSHIP)},
    ],
)
def test_policies_cannot_name_a_table_whose_name_is_known_only_at_deployment(
    arguments: Callable[[Stack], dict[str, Any]],
) -> None:
    stack = a_stack()
    with pytest.raises(InvalidArgumentError, match="known only at deployment"):
        controls(stack, table_of_app(stack, table_name=None), **arguments(stack))


def test_a_name_that_only_the_deployment_knows_is_no_harm_without_them() -> None:
    stack = a_stack()
    controls(stack, table_of_app(stack, table_name=None))
    another = a_stack()
    name = CfnParameter(another, "Name").value_as_string
    arn = f"arn:aws:dynamodb:eu-central-1:111122223333:table/{name}"
    controls(another, table_of_terraform(another, table_arn=arn, table_stream_arn=f"{arn}/stream/latest"))


def test_the_least_classification_of_the_app_holds() -> None:
    app = App()
    TableDefaults(least_classification=DataClassification.RESTRICTED).apply_to(app)
    stack = Stack(app, "Test", env=HERE)
    with pytest.raises(InvalidArgumentError, match="RESTRICTED or more sensitive"):
        controls(stack, table_of_app(stack))


def test_a_table_without_a_stream_takes_a_waiver() -> None:
    stack = a_stack()
    made = controls(stack, table_of_terraform(stack, table_stream_arn=None), audit=WAIVER)
    assert not any(alarm.node.id.startswith("Audit") for alarm in made.alarms)


def test_a_stream_of_keys_is_a_finding_of_the_rules_and_no_error() -> None:
    # CDK does not tell what the stream of a TableV2 shows: tests/rules/test_table_controls_rules.py.
    stack = a_stack()
    controls(stack, table_of_app(stack, dynamo_stream=StreamViewType.KEYS_ONLY))
