"""An opt-out is a value with a reason, an approver and an end; it shows, and past its date making it fails."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk.aws_kms import Key

from secure_ddb import InvalidArgumentError, NotCreatedError, SecureTable, Waiver
from secure_ddb.waivers import waiver
from tests.orders import OWNERSHIP, PK, WAIVER

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack
    from constructs import IConstruct

    from tests.template import Template

TABLE = "AWS::DynamoDB::GlobalTable"
RULE = "AwsSolutions::AwsSolutions-KMS5"
# Part of the table, what the summary calls it, and what asks for it.
PARTS = [
    ("backup", "AWS Backup (BAK-2)", ("backup_vault", "backup_plan")),
    ("audit", "Audit trail (AUD-1)", ("audit_function", "audit_log_group")),
    ("alarms", "Alarms (MON-1)", ("alarm_topic",)),
]


def make(**values: object) -> Waiver:
    function: Callable[..., Waiver] = Waiver
    return function(**{**vars(WAIVER), **values})


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> date:
    """Let it be one minute before midnight UTC on the 31st of December 2026."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Clock:
            return cls(2026, 12, 31, 23, 59, tzinfo=UTC).astimezone(tz)

    monkeypatch.setattr(waiver, "datetime", Clock)
    return date(2026, 12, 31)


def test_a_waiver_holds_on_its_last_day(today: date) -> None:
    assert make(expires=today).expires == today


def test_past_its_date_making_a_waiver_fails(today: date) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        make(expires=today - timedelta(days=1))
    assert raised.value.argument == "waiver.expires"
    assert raised.value.value == "2026-12-30"
    assert raised.value.allowed == "today (2026-12-31) or later: renew or remove it"


@pytest.mark.parametrize("expires", ["2099-12-31", None, 4102358400, datetime(2099, 12, 31, tzinfo=UTC), date])
def test_an_end_that_is_no_date_is_refused(expires: object) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        make(expires=expires)
    assert raised.value.argument == "waiver.expires"
    assert raised.value.allowed == "a datetime.date"


@pytest.mark.parametrize("argument", ["reason", "approved_by"])
@pytest.mark.parametrize("value", ["", " ", "\n\t"])
def test_a_waiver_that_explains_nothing_is_refused(argument: str, value: str) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        make(**{argument: value})
    assert raised.value.argument == f"waiver.{argument}"
    assert raised.value.value == value
    assert raised.value.allowed == "a text that a security reviewer can act on"


@pytest.mark.parametrize("argument", ["reason", "approved_by"])
@pytest.mark.parametrize("value", [None, 142, ["SEC-142"]])
def test_a_waiver_of_other_types_is_refused(argument: str, value: object) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        make(**{argument: value})
    assert raised.value.argument == f"waiver.{argument}"
    assert raised.value.allowed == "str"


def test_a_waiver_says_reason_approver_and_end_in_one_line() -> None:
    assert str(WAIVER) == "rebuilt nightly from S3 (approved by SEC-142, expires 2099-12-31)"


def test_waivers_show_in_the_template(template: Callable[[str], Template]) -> None:
    evidence = template("waived").only(TABLE)["Metadata"]["SecureTable"]
    assert evidence == {"waivers": {guarantee: WAIVER.stated.as_metadata() for _, guarantee, _ in PARTS}}


def test_waived_parts_are_left_out_and_nothing_else(template: Callable[[str], Template]) -> None:
    kinds = {resource["Type"] for resource in template("waived").resources.values()}
    assert kinds == {"AWS::KMS::Key", "AWS::KMS::Alias", TABLE}


@pytest.mark.parametrize(("part", "guarantee", "properties"), PARTS)
def test_one_waiver_leaves_out_one_part(stack: Stack, part: str, guarantee: str, properties: tuple[str, ...]) -> None:
    arguments: dict[str, Any] = {part: WAIVER}
    table = SecureTable(stack, "Orders", partition_key=PK, ownership=OWNERSHIP, **arguments)
    resource: Any = table.table.node.default_child
    assert resource.get_metadata("SecureTable") == {"waivers": {guarantee: WAIVER.stated.as_metadata()}}
    for name in properties:
        with pytest.raises(NotCreatedError, match=rf"{name} does not exist: a waiver .* left it out"):
            getattr(table, name)
    for other, _, names in PARTS:
        assert other == part or all(getattr(table, name) for name in names)


def test_waived_alarms_are_none(stack: Stack) -> None:
    table = SecureTable(stack, "Orders", partition_key=PK, ownership=OWNERSHIP, alarms=WAIVER)
    assert table.alarms == ()


def acknowledged(construct: IConstruct) -> dict[str, str]:
    """Return the rules that are acknowledged on a construct, and why."""
    found = [entry.data for entry in construct.node.metadata if entry.type == "aws:cdk:acknowledged-rules"]
    return {rule: reason for rules in found for rule, reason in rules.items()}


def test_acknowledged_rules_end_on_exactly_the_construct(stack: Stack) -> None:
    key, other = Key(stack, "Key"), Key(stack, "Other")
    WAIVER.acknowledge(key, RULE, "HIPAA.Security::HIPAA.Security-KMSBackingKeyRotationEnabled")
    assert acknowledged(key) == {
        RULE: str(WAIVER),
        "HIPAA.Security::HIPAA.Security-KMSBackingKeyRotationEnabled": str(WAIVER),
    }
    assert not acknowledged(other)
    assert not acknowledged(stack)


@pytest.mark.parametrize("rule", ["", "AwsSolutions-KMS5", "AwsSolutions:KMS5", "AwsSolutions-IAM5[Resource::*]"])
def test_a_bare_rule_is_refused_because_its_finding_would_vanish_from_the_report(stack: Stack, rule: str) -> None:
    key = Key(stack, "Key")
    with pytest.raises(InvalidArgumentError) as raised:
        WAIVER.acknowledge(key, RULE, rule)
    assert raised.value.argument == "rule"
    assert raised.value.value == rule
    assert raised.value.allowed == "Pack::Rule, such as AwsSolutions::AwsSolutions-DDB3"
    assert not acknowledged(key)
