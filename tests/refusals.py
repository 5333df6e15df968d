"""Calls that are refused: who is called with what, and the check that the refusal is in this library's words."""

from __future__ import annotations

import inspect
import re
import traceback
from functools import cache
from types import FunctionType
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType, GlobalSecondaryIndexPropsV2, LocalSecondaryIndexProps
from aws_cdk.aws_ec2 import Subnet, SubnetSelection, Vpc
from aws_cdk.aws_iam import IRole, Role

from secure_ddb import (
    AcceptedAwsKeyMaterial,
    AlarmSettings,
    ArchiveSettings,
    AuditSettings,
    BackupSettings,
    DynamoDbEndpoints,
    EncryptionSettings,
    ExistingEndpoints,
    InvalidArgumentError,
    ItemRetention,
    Lifecycle,
    OrganizationTrail,
    Ownership,
    PerimeterSettings,
    SecureTable,
    TableTrail,
    UnlimitedRetention,
    Waiver,
)
from tests.orders import OWNERSHIP, PK, SK

if TYPE_CHECKING:
    from collections.abc import Callable

    # Who is called; the argument that the error names; what is given; how the error shows that; what it allows.
    Refusal = tuple[Callable[..., object], str, object, str, str]

PUBLIC: dict[Callable[..., object], str] = {
    DynamoDbEndpoints.__init__: "",
    SecureTable.__init__: "",
    ExistingEndpoints: "",
    Lifecycle.ephemeral: "",
    EncryptionSettings: "encryption.",
    AcceptedAwsKeyMaterial: "encryption.key_material.",
    BackupSettings: "backup.",
    AuditSettings: "audit.",
    OrganizationTrail: "audit.reads.",
    TableTrail: "audit.reads.",
    ArchiveSettings: "audit.archive.",
    AlarmSettings: "alarms.",
    PerimeterSettings: "perimeter.",
    Ownership: "ownership.",
    ItemRetention: "item_retention.",
    UnlimitedRetention: "item_retention.",
    Waiver: "waiver.",
}
PARAMETERS = {
    f"{prefix}{name}": parameter
    for function, prefix in PUBLIC.items()
    for name, parameter in inspect.signature(function).parameters.items()
    if name not in ("self", "scope", "id")
}
ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd"
HERE = Environment(account="111122223333", region="eu-central-1")


def a_stack(env: Environment = HERE) -> Stack:
    return Stack(App(), "Test", env=env)


def a_role(name: str) -> IRole:
    return Role.from_role_arn(a_stack(), "Role", f"arn:aws:iam::111122223333:role/{name}")


def too_many_roles() -> list[IRole]:
    """Return more roles than a policy can name."""
    stack = a_stack()
    return [
        Role.from_role_arn(stack, f"Role{number}", f"arn:aws:iam::111122223333:role/{'r' * 60}-{number}")
        for number in range(200)
    ]


def table(env: Environment = HERE, **arguments: object) -> SecureTable:
    make: Callable[..., SecureTable] = SecureTable
    return make(a_stack(env), "Orders", **{"partition_key": PK, "ownership": OWNERSHIP, **arguments})


def endpoints(env: Environment = HERE, **arguments: object) -> DynamoDbEndpoints:
    make: Callable[..., DynamoDbEndpoints] = DynamoDbEndpoints
    stack = a_stack(env)
    vpc = Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-1",
        availability_zones=["eu-central-1a"],
        isolated_subnet_ids=["subnet-1", "subnet-2"],
        isolated_subnet_names=["application", "operations"],
        isolated_subnet_route_table_ids=["rtb-1", "rtb-2"],
    )
    planes = {"data_plane_subnets": [group("application")], "control_plane_subnets": [group("operations")]}
    return make(stack, "Endpoints", **{"vpc": vpc, **planes, **arguments})


def group(name: str, zone: str = "eu-central-1a") -> SubnetSelection:
    return SubnetSelection(subnet_group_name=name, availability_zones=[zone])


def on_first_route_table() -> list[SubnetSelection]:
    subnet = Subnet.from_subnet_attributes(a_stack(), "Subnet", subnet_id="subnet-9", route_table_id="rtb-1")
    return [SubnetSelection(subnets=[subnet])]


@cache
def orders() -> SecureTable:
    return table()


def grant(what: str, grantee: object) -> None:
    getattr(orders(), f"grant_{what}_data")(grantee)


def key(name: str) -> Attribute:
    return Attribute(name=name, type=AttributeType.STRING)


def gsi(*names: str) -> list[GlobalSecondaryIndexPropsV2]:
    return [GlobalSecondaryIndexPropsV2(index_name=name, partition_key=SK) for name in names]


def lsi(*names: str) -> list[LocalSecondaryIndexProps]:
    return [LocalSecondaryIndexProps(index_name=name, sort_key=key("date")) for name in names]


def name_of(argument: str) -> str:
    """Return the keyword of an argument: `encryption.key` is `key`, and `sort_key.name` is `sort_key`."""
    return re.sub(r"\W.*", "", argument.rpartition(".")[2] if argument in PARAMETERS else argument)


def assert_refused(refusal: Refusal) -> None:
    """Make the call and look at the error, and at what Python prints of it."""
    maker, argument, value, shown, allowed = refusal
    given = value() if isinstance(value, FunctionType) else value
    with pytest.raises(InvalidArgumentError) as raised:
        maker(**{name_of(argument): given})
    error = raised.value
    message = str(error)
    assert error.argument == argument
    assert message.startswith(f"{argument} is ")
    assert shown in message.removeprefix(argument).partition("; allowed: ")[0]
    assert allowed in error.allowed
    assert message.endswith(f"; allowed: {error.allowed}")
    assert "jsii" not in message
    assert " at 0x" not in message
    printed = "".join(traceback.format_exception(error))
    assert not [sign for sign in ("jsii.errors", "@jsii/kernel", "JavaScript", "at Kernel") if sign in printed]
