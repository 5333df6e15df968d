"""A company demands for how long items of a classification are kept at most, and its tables say how they comply."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, Duration, Environment, Stack

from examples.item_retention import app_with_longest_retention
from secure_ddb import (
    DataClassification,
    InvalidArgumentError,
    ItemRetention,
    Lifecycle,
    TableControls,
    TableDefaults,
    UnlimitedRetention,
)
from tests.orders import OWNERSHIP, PK, orders
from tests.table_controls.declared import table_of_app
from tests.template import Template

HERE = Environment(account="111122223333", region="eu-central-1")
YEAR = ItemRetention(longest=Duration.days(365), stated_by="DPO-7")
FOR_EVER = UnlimitedRetention(reason="prices, of no person", approved_by="DPO-8")


def test_the_example_says_how_long_items_are_kept() -> None:
    assembly = app_with_longest_retention().synth()
    tables = [
        each["Metadata"]["SecureTable"]["settings"]["item_retention"]
        for each in assembly.get_stack_by_name("Retention").template["Resources"].values()
        if each["Type"] == "AWS::DynamoDB::GlobalTable"
    ]
    assert tables == [
        "at most 180 days, by delete_at",
        "no end: kept by law as long as the person lives (approved by DPO-8)",
    ]


def stack(longest: dict[DataClassification, Duration] | None = None) -> Stack:
    app = App()
    if longest is not None:
        TableDefaults(longest_item_retention=longest).apply_to(app)
    return Stack(app, "Test", env=HERE)


def table(stack: Stack, **arguments: Any) -> dict[str, Any]:
    """Return the resource of a table."""
    orders(stack, **arguments)
    app: Any = stack.node.root
    return Template(app.synth().get_stack_by_name("Test").template).only("AWS::DynamoDB::GlobalTable")


def test_a_table_that_says_nothing_is_as_before() -> None:
    assert table(stack()) == table(stack({DataClassification.RESTRICTED: Duration.days(1)}))
    assert "Metadata" not in table(stack(), time_to_live_attribute="delete_at")


def test_the_evidence_has_the_retention_and_claims_what_the_application_writes() -> None:
    made = table(stack(), time_to_live_attribute="delete_at", item_retention=YEAR)
    assert made["Properties"]["TimeToLiveSpecification"] == {"AttributeName": "delete_at", "Enabled": True}
    assert made["Metadata"]["SecureTable"] == {
        "settings": {"item_retention": "at most 365 days, by delete_at"},
        "claims": {
            "item_retention": "the application writes delete_at to each item, at most 365 days ahead (stated by DPO-7)"
        },
    }


def test_a_table_of_a_demanded_classification_complies_or_says_why_not() -> None:
    longest = {DataClassification.CONFIDENTIAL: Duration.days(365)}
    assert table(stack(longest), time_to_live_attribute="delete_at", item_retention=YEAR)
    made = table(stack(longest), item_retention=FOR_EVER)
    said = "no end: prices, of no person (approved by DPO-8)"
    assert made["Metadata"]["SecureTable"]["settings"] == {"item_retention": said}


def test_a_table_that_goes_away_with_its_stack_needs_none() -> None:
    longest = {DataClassification.INTERNAL: Duration.days(1)}
    gone = Lifecycle.ephemeral(reason="tests")
    made = table(stack(longest), classification=DataClassification.INTERNAL, lifecycle=gone)
    assert made["Metadata"]["SecureTable"] == {"ephemeral": "tests"}


@pytest.mark.parametrize(
    ("longest", "arguments", "said"),
    [
        (
            364,
            {"time_to_live_attribute": "delete_at", "item_retention": YEAR},
            "item_retention.longest is '365 days'; allowed: 364 days or less for CONFIDENTIAL, by the TableDefaults",
        ),
        (
            364,
            {"time_to_live_attribute": "delete_at"},
            "item_retention is None; allowed: an ItemRetention of 364 days or less for CONFIDENTIAL",
        ),
        (None, {"item_retention": YEAR}, "time_to_live_attribute is None; allowed: the attribute with the time"),
        (None, {"item_retention": FOR_EVER}, "ItemRetention or None: no retention is required for CONFIDENTIAL"),
        (None, {"item_retention": Duration.days(1)}, "allowed: ItemRetention, UnlimitedRetention or None"),
    ],
)
def test_what_does_not_comply_is_refused(longest: int | None, arguments: dict[str, Any], said: str) -> None:
    demanded = {DataClassification.CONFIDENTIAL: Duration.days(longest)} if longest else None
    with pytest.raises(InvalidArgumentError) as raised:
        table(stack(demanded), **arguments)
    assert said in str(raised.value)


def test_of_several_scopes_the_shortest_holds() -> None:
    inner = stack({DataClassification.CONFIDENTIAL: Duration.days(30)})
    less = {DataClassification.CONFIDENTIAL: Duration.days(60), DataClassification.INTERNAL: Duration.days(7)}
    TableDefaults(longest_item_retention=less).apply_to(inner)
    found = TableDefaults.of(inner).longest_item_retention
    assert found is not None
    assert {each.name: days.to_days() for each, days in found.items()} == {"CONFIDENTIAL": 30, "INTERNAL": 7}


def test_of_a_table_that_is_declared_elsewhere_it_is_not_verifiable() -> None:
    here = stack({DataClassification.CONFIDENTIAL: Duration.days(30)})
    TableControls(here, "Controls", table=table_of_app(here), partition_key=PK, ownership=OWNERSHIP)
    app: Any = here.node.root
    template = Template(app.synth().get_stack_by_name("Test").template)
    stated = template.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]
    assert "for how long items are kept: the table is declared elsewhere" in stated["not_verifiable"]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: ItemRetention(longest=Duration.hours(5), stated_by="DPO-7"), "a whole number of days"),
        (lambda: ItemRetention(longest=Duration.days(0), stated_by="DPO-7"), "1 day or more"),
        (lambda: ItemRetention(longest=365, stated_by="DPO-7"), "item_retention.longest is 365"),  # type: ignore[arg-type]
        (lambda: ItemRetention(longest=Duration.days(1), stated_by=" "), "item_retention.stated_by"),
        (lambda: UnlimitedRetention(reason="", approved_by="DPO-7"), "item_retention.reason"),
        (lambda: UnlimitedRetention(reason="prices", approved_by=""), "item_retention.approved_by"),
        (lambda: TableDefaults(longest_item_retention=365), "a dict of DataClassification to Duration"),  # type: ignore[arg-type]
        (
            lambda: TableDefaults(longest_item_retention={"restricted": Duration.days(1)}),  # type: ignore[dict-item]
            "longest_item_retention key",
        ),
        (
            lambda: TableDefaults(longest_item_retention={DataClassification.PUBLIC: Duration.days(0)}),
            "longest_item_retention[PUBLIC] is '0 days'; allowed: 1 day or more",
        ),
    ],
)
def test_other_values_are_refused(make: Any, said: str) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        make()
    assert said in str(raised.value)
