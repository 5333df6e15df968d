"""Names in Parameter Store, which tables of other apps read at deployment."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, Environment, Stack

from secure_ddb import (
    DataClassification,
    InvalidArgumentError,
    SharedResources,
    publish_names,
    published_shared_resources,
)
from tests.orders import OWNERSHIP, WAIVER, orders
from tests.template import Template, text, walk

HERE = Environment(account="111122223333", region="eu-central-1")
OF_SHARED = {
    "key-arn",
    "audit-log-group-name",
    "alarm-topic-arn",
    "audit-alias-arn",
    "audit-role-arn",
    "audit-failure-bucket-arn",
    "backup-plan-id",
}


def a_stack() -> Stack:
    return Stack(App(), "Test", env=HERE)


def parameters(stack: Stack) -> dict[str, dict[str, Any]]:
    """Return the parameters of a stack: name to properties."""
    template = Template(App.of(stack).synth().get_stack_by_name("Test").template)  # type: ignore[union-attr]
    found = (each["Properties"] for each in template.of_type("AWS::SSM::Parameter").values())
    return {each["Name"]: each for each in found}


def test_names_of_a_table_are_published_with_its_tags() -> None:
    stack = a_stack()
    names = publish_names(orders(stack), "/tables/orders")
    found = parameters(stack)
    assert set(names) == {
        "table-name",
        "table-arn",
        "stream-arn",
        "key-arn",
        "audit-log-group-name",
        "alarm-topic-arn",
    }
    assert set(found) == set(names.values()) == {f"/tables/orders/{name}" for name in names}
    for each in found.values():
        assert (each["Type"], each["Tier"], each["Tags"]["Owner"]) == ("String", "Standard", OWNERSHIP.owner)
    assert text(found["/tables/orders/key-arn"]["Value"]).startswith("<OrdersKey")


def test_what_a_waiver_left_out_is_not_published() -> None:
    stack = a_stack()
    publish_names(orders(stack, audit=WAIVER, alarms=WAIVER), "/orders")
    assert set(parameters(stack)) == {
        f"/orders/{name}" for name in ("table-name", "table-arn", "stream-arn", "key-arn")
    }


def test_another_app_uses_what_shared_resources_publish() -> None:
    stack = a_stack()
    names = publish_names(SharedResources(stack, "Shared", ownership=OWNERSHIP), "/platform/shared")
    assert set(names) == OF_SHARED
    published = set(parameters(stack))

    other = a_stack()
    shared = published_shared_resources(other, "/platform/shared")
    orders(other, shared_resources=shared, table_name="orders")
    template = Template(App.of(other).synth().get_stack_by_name("Test").template)  # type: ignore[union-attr]
    read = {
        name: each["Default"]
        for name, each in template.body["Parameters"].items()
        if each["Type"] == "AWS::SSM::Parameter::Value<String>" and each["Default"].startswith("/platform")
    }
    assert set(read.values()) <= published
    assert len(read) == 5
    # Each of them is used.
    assert set(read) <= {each["Ref"] for each in walk(template.resources) if isinstance(each, dict) and "Ref" in each}
    assert not template.of_type("AWS::Lambda::Function")


def test_more_sensitive_tables_refuse_shared_resources_that_are_published() -> None:
    stack = a_stack()
    shared = published_shared_resources(stack, "/platform/shared", classification=DataClassification.INTERNAL)
    with pytest.raises(InvalidArgumentError, match="for INTERNAL"):
        orders(stack, shared_resources=shared)


@pytest.mark.parametrize(
    "prefix",
    ["", "orders", "/", "/orders/", "/orders table", "/aws/orders", "/SSM/orders", "/a" * 15, f"/{'a' * 900}", None],
)
def test_prefixes_that_parameter_store_refuses_are_refused(prefix: Any) -> None:
    stack = a_stack()
    with pytest.raises(InvalidArgumentError, match=r"^prefix is "):
        publish_names(orders(stack), prefix)
    with pytest.raises(InvalidArgumentError, match=r"^prefix is "):
        published_shared_resources(stack, prefix)


def test_only_tables_and_shared_resources_are_published() -> None:
    with pytest.raises(InvalidArgumentError, match=r"^of is .*; allowed: SecureTable or SharedResources$"):
        publish_names(a_stack(), "/orders")  # type: ignore[arg-type]
