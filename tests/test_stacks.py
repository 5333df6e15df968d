"""Stacks in which a table could not be deployed are refused, before anything is made in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import (
    App,
    BootstraplessSynthesizer,
    CliCredentialsStackSynthesizer,
    DefaultStackSynthesizer,
    Environment,
    LegacyStackSynthesizer,
    NestedStack,
    Stack,
)
from aws_cdk.aws_kms import Key
from botocore.session import Session  # type: ignore[import-untyped]

from secure_ddb import AuditSettings, EncryptionSettings, InvalidArgumentError, SecureTable
from secure_ddb.context import stack_environment
from tests.orders import OWNERSHIP, PK, WAIVER
from tests.refusals import HERE, a_stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import IStackSynthesizer

    from secure_ddb import Waiver

# Region to partition, as AWS's SDKs know them.
REGIONS = {
    region: partition
    for partition in Session().get_available_partitions()
    for region in Session().get_available_regions("dynamodb", partition)
}
SYNTHESIZERS: dict[str, Callable[[], IStackSynthesizer]] = {
    "default": DefaultStackSynthesizer,
    "qualified": lambda: DefaultStackSynthesizer(qualifier="company"),
    "command line": CliCredentialsStackSynthesizer,
    "legacy": LegacyStackSynthesizer,
}


def table(stack: Stack, audit: AuditSettings | Waiver | None = None, key: Key | None = None) -> SecureTable:
    return SecureTable(
        stack,
        "Orders",
        partition_key=PK,
        ownership=OWNERSHIP,
        audit=audit or AuditSettings(),
        encryption=EncryptionSettings(key=key),
    )


def test_every_partition_is_tried() -> None:
    assert {"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-eusc"} <= set(REGIONS.values())


@pytest.mark.parametrize("region", REGIONS)
def test_only_regions_of_the_partition_that_was_verified_are_accepted(region: str) -> None:
    stack = a_stack(Environment(region=region))
    if REGIONS[region] == "aws":
        assert stack_environment(stack).region == region
        return
    with pytest.raises(InvalidArgumentError, match=f"^env of the stack is '{region}'; allowed: a Region of "):
        stack_environment(stack)


def test_stack_that_names_another_partition_is_refused() -> None:
    class Elsewhere(Stack):
        partition = "aws-cn"

    with pytest.raises(InvalidArgumentError, match="partition of the stack is 'aws-cn'; allowed: aws"):
        table(Elsewhere(App(), "Test", env=HERE))


@pytest.mark.parametrize("name", ["aws", "AWS"])
def test_stack_name_that_makes_a_reserved_alias_is_refused(name: str) -> None:
    stack = Stack(App(), "Test", stack_name=name, env=HERE)
    for _ in range(2):
        with pytest.raises(InvalidArgumentError, match=f"^name of the stack is '{name}'; allowed: another one"):
            table(stack)
    assert stack.node.children == []


@pytest.mark.parametrize("name", ["aws-orders", "awsorders", "orders-aws"])
def test_stack_name_that_only_begins_alike_is_accepted(name: str) -> None:
    assert table(Stack(App(), "Test", stack_name=name, env=HERE))


def test_stack_name_does_not_matter_to_an_existing_key() -> None:
    app = App()
    key = Key(Stack(app, "Keys", env=HERE), "Key")
    assert table(Stack(app, "aws", env=HERE), key=key)


@pytest.mark.parametrize("nested", [False, True])
def test_synthesizer_without_assets_is_refused(*, nested: bool) -> None:
    outer = Stack(App(), "Test", env=HERE, synthesizer=BootstraplessSynthesizer())
    stack = NestedStack(outer, "Nested") if nested else outer
    before = len(stack.node.children)
    for _ in range(2):
        with pytest.raises(InvalidArgumentError) as raised:
            table(stack)
        assert str(raised.value) == (
            "synthesizer of the stack is 'BootstraplessSynthesizer'; allowed: one that takes the audit function's code "
            "as an asset, such as DefaultStackSynthesizer (Cannot add assets to a Stack that uses the "
            "BootstraplessSynthesizer)"
        )
        assert raised.value.__context__ is None
    assert len(stack.node.children) == before


def test_synthesizer_without_assets_does_without_an_audit_function() -> None:
    assert table(Stack(App(), "Test", env=HERE, synthesizer=BootstraplessSynthesizer()), audit=WAIVER)


@pytest.mark.parametrize("kind", SYNTHESIZERS)
def test_synthesizer_with_assets_is_accepted(kind: str) -> None:
    assert table(Stack(App(), "Test", env=HERE, synthesizer=SYNTHESIZERS[kind]()))
