"""What errors show of a value: never an address, which tells nobody anything."""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk.aws_dynamodb import Billing
from aws_cdk.aws_ec2 import Subnet, SubnetSelection
from aws_cdk.aws_iam import Role, ServicePrincipal
from aws_cdk.aws_kms import Key
from aws_cdk.aws_lambda import Code, Function, Runtime, StartingPosition
from aws_cdk.aws_lambda_event_sources import DynamoEventSource

from secure_ddb import (
    AlarmSettings,
    AuditSettings,
    BackupSettings,
    EncryptionSettings,
    NotCreatedError,
    PerimeterSettings,
    SecureTable,
    SharedResources,
    TableTrail,
)
from secure_ddb.errors import InvalidArgumentError, shown
from tests.orders import WAIVER
from tests.refusals import ARN, a_role, a_stack, grant, table

if TYPE_CHECKING:
    from collections.abc import Callable


class Plain:
    def method(self) -> None: ...


SHOWN: list[tuple[Callable[[], object], str]] = [
    (lambda: Key(a_stack(), "K"), "Key 'Test/K'"),
    (lambda: Key.from_key_arn(a_stack(), "K", ARN), "an imported IKey 'Test/K'"),
    (lambda: [Role(a_stack(), "R", assumed_by=ServicePrincipal("lambda.amazonaws.com"))], "[Role]"),
    (App, "App"),
    (lambda: Duration.days(3), "Duration.days(3)"),
    (Billing.on_demand, "Billing"),
    (
        lambda: SubnetSelection(subnets=[Subnet.from_subnet_id(Stack(), "S", "subnet-1")]),
        "SubnetSelection(subnets=[an imported resource])",
    ),
    (BackupSettings, "BackupSettings()"),
    (
        lambda: BackupSettings(daily_retention=Duration.days(40), recovery_period_in_days=7),
        "BackupSettings(recovery_period_in_days=7, daily_retention=Duration.days(40))",
    ),
    (lambda: AuditSettings(reads=TableTrail()), "AuditSettings(reads=TableTrail())"),
    (lambda: AlarmSettings(latency=Duration.millis(5)), "AlarmSettings(latency=Duration.millis(5))"),
    (
        lambda: PerimeterSettings(exempt_roles=[a_role("admin")]),
        "PerimeterSettings(exempt_roles=[an imported resource])",
    ),
    (lambda: EncryptionSettings(key=Key(a_stack(), "K")), "EncryptionSettings(key=Key 'Test/K')"),
    (Plain, "Plain"),
    (lambda: Plain().method, "<bound method Plain.method of Plain>"),
    (lambda: a_stack, "function a_stack"),
    (lambda: lambda: None, "function <lambda>"),
    (lambda: partial(a_role, "admin"), "functools.partial(function a_role, 'admin')"),
    (lambda: {"a": [object()]}, "{'a': [object]}"),
    (lambda: Plain, repr(Plain)),
    (lambda: "<b at 0xAF>", "'<b at 0xAF>'"),
]


@pytest.mark.parametrize(("value", "expected"), SHOWN)
def test_values_are_shown_without_an_address(value: Callable[[], object], expected: str) -> None:
    assert shown(value()) == expected


@pytest.mark.parametrize(
    "argument", ["partition_key", "ownership", "lifecycle", "encryption", "backup", "audit", "alarms", "perimeter"]
)
@pytest.mark.parametrize("value", [Plain(), a_stack, BackupSettings(), [Duration.days(1)], Billing.on_demand()])
def test_no_error_of_a_table_shows_an_address(argument: str, value: Any) -> None:
    if argument == "backup" and isinstance(value, BackupSettings):
        return
    with pytest.raises(InvalidArgumentError) as raised:
        table(**{argument: value})
    assert " at 0x" not in str(raised.value)


def test_defaults_read_in_signatures_as_they_are_written() -> None:
    for construct in (SecureTable, SharedResources):
        assert " at 0x" not in str(inspect.signature(construct.__init__))
    signature = inspect.signature(SharedResources.__init__)
    assert repr(signature.parameters["encryption"].default) == "EncryptionSettings()"
    assert repr(signature.parameters["alarms"].default) == "AlarmSettings()"


def test_role_of_another_account_is_refused_with_advice() -> None:
    role = Role.from_role_arn(a_stack(), "Role", "arn:aws:iam::444455556666:role/other")
    with pytest.raises(InvalidArgumentError, match="make one there that account 444455556666 may assume"):
        grant("read", role)


@pytest.mark.parametrize("name", ["grant", "grant_stream", "metric", "table_stream_arn"])
def test_attribute_of_tablev2_leads_to_the_table_inside(name: str) -> None:
    made: Any = table()
    with pytest.raises(AttributeError, match=f"^SecureTable has no '{name}'; its `table` has$"):
        getattr(made, name)
    assert hasattr(made.table, name)


@pytest.mark.parametrize(
    ("name", "instead"),
    {
        "add_global_secondary_index": r"pass the index to SecureTable\(global_secondary_indexes=",
        "add_local_secondary_index": r"pass the index to SecureTable\(local_secondary_indexes=",
        "add_replica": r"pass the Region to SecureTable\(replicas=",
        "grant_full_access": "use grant_read_write_data",
    }.items(),
)
def test_what_would_leave_out_alarms_grants_or_limits_is_refused_with_a_reason(name: str, instead: str) -> None:
    made: Any = table()
    with pytest.raises(AttributeError, match=f"^SecureTable has no '{name}'; {instead}"):
        getattr(made, name)


def test_cdk_says_this_of_a_table_that_is_no_itable() -> None:
    """docs/stream-consumers.md quotes it, because jsii does not check the type of what is passed as an interface."""
    made: Any = table()
    function = Function(
        Stack.of(made),
        "Indexer",
        runtime=Runtime.PYTHON_3_14,
        handler="index.handler",
        code=Code.from_inline("def handler(event, context): ..."),
    )
    source = DynamoEventSource(made, starting_position=StartingPosition.LATEST)
    with pytest.raises(RuntimeError, match="DynamoDB Streams must be enabled on the table Test/Orders"):
        function.add_event_source(source)


def test_other_missing_attributes_have_the_error_of_python() -> None:
    made: Any = table(backup=WAIVER)
    with pytest.raises(AttributeError, match=r"^'SecureTable' object has no attribute 'nothing'$"):
        _ = made.nothing
    with pytest.raises(NotCreatedError, match=r"^backup_vault does not exist: a waiver"):
        _ = made.backup_vault
