"""What can be said of a perimeter, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from secure_ddb import (
    AuditSettings,
    DataClassification,
    InvalidArgumentError,
    PerimeterMode,
    PerimeterSettings,
    SecureTable,
    TableTrail,
    Waiver,
)
from tests.orders import OWNERSHIP, PK, WAIVER
from tests.refusals import a_role, too_many_roles

if TYPE_CHECKING:
    from aws_cdk import Stack

CIDRS = ["203.0.113.0/24"]
READS = AuditSettings(reads=TableTrail())


def table(
    stack: Stack,
    perimeter: PerimeterSettings | Waiver | None,
    classification: DataClassification = DataClassification.CONFIDENTIAL,
    audit: AuditSettings | Waiver = READS,
) -> SecureTable:
    return SecureTable(
        stack,
        "Orders",
        partition_key=PK,
        ownership=OWNERSHIP,
        classification=classification,
        audit=audit,
        perimeter=perimeter,
    )


@pytest.mark.parametrize("pattern", ["*", "app-*", "a?"])
def test_a_pattern_of_roles_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidArgumentError, match=r"^perimeter.exempt_roles\[0\] is .*allowed: one role"):
        PerimeterSettings(exempt_roles=[a_role(pattern)])


def test_what_is_no_role_is_refused() -> None:
    with pytest.raises(
        InvalidArgumentError, match=r"^perimeter.exempt_roles\[0\] is 'break-glass'; allowed: an aws_iam"
    ):
        PerimeterSettings(exempt_roles=["break-glass"])  # type: ignore[list-item]


@pytest.mark.parametrize(
    "block",
    [
        "",
        "203.0.113.7",
        "203.0.113.7/24",
        "0.0.0.0/0",
        "::/0",
        "10.1.0.0/16",
        "192.168.0.0/24",
        "8.0.0.0/5",
        "fd00::/8",
        7,
    ],
)
def test_what_is_no_block_of_public_addresses_is_refused(block: str) -> None:
    with pytest.raises(InvalidArgumentError, match=r"^perimeter.corporate_cidrs\[1\] is .*a CIDR block of public"):
        PerimeterSettings(corporate_cidrs=[*CIDRS, block])


@pytest.mark.parametrize("block", ["203.0.113.0/24", "203.0.113.7/32", "2001:db8::/32"])
def test_blocks_of_public_addresses_are_accepted(block: str) -> None:
    assert PerimeterSettings(corporate_cidrs=[block]).corporate_cidrs == [block]


@pytest.mark.parametrize("audit", [AuditSettings(), WAIVER])
def test_without_a_trail_there_is_nothing_to_observe(stack: Stack, audit: AuditSettings | Waiver) -> None:
    observed = PerimeterSettings(mode=PerimeterMode.OBSERVE, corporate_cidrs=CIDRS)
    with pytest.raises(
        InvalidArgumentError, match=r"^perimeter.mode is 'OBSERVE'; allowed: audit=AuditSettings\(reads="
    ):
        table(stack, observed, audit=audit)
    assert stack.node.children == []


def test_restricted_data_is_only_observed_with_approval(stack: Stack) -> None:
    observed = PerimeterSettings(mode=PerimeterMode.OBSERVE, corporate_cidrs=CIDRS)
    with pytest.raises(
        InvalidArgumentError, match=r"PerimeterMode.ENFORCE for RESTRICTED, or perimeter.observe_approval"
    ):
        table(stack, observed, DataClassification.RESTRICTED)
    approved = PerimeterSettings(mode=PerimeterMode.OBSERVE, corporate_cidrs=CIDRS, observe_approval=WAIVER)
    resource = table(stack, approved, DataClassification.RESTRICTED).table.node.default_child
    assert resource.get_metadata("SecureTable")["waivers"] == {"Perimeter (NET-4)": WAIVER.stated.as_metadata()}  # type: ignore[union-attr]


def test_restricted_data_goes_without_a_perimeter_by_a_waiver_only(stack: Stack) -> None:
    with pytest.raises(InvalidArgumentError, match=r"^perimeter is 'ENFORCE and nothing inside'; allowed: endpoints,"):
        table(stack, None, DataClassification.RESTRICTED)
    resource = table(stack, WAIVER, DataClassification.RESTRICTED).table.node.default_child
    assert resource.get_metadata("SecureTable")["waivers"] == {"Perimeter (NET-4)": WAIVER.stated.as_metadata()}  # type: ignore[union-attr]


def test_what_was_chosen_shows(stack: Stack) -> None:
    settings = PerimeterSettings(
        organization_id="o-abcde12345", exempt_roles=[a_role("break-glass")], corporate_cidrs=CIDRS
    )
    resource = table(stack, settings).table.node.default_child
    shown = resource.get_metadata("SecureTable")["settings"]["perimeter"]  # type: ignore[union-attr]
    assert shown == "enforce; organization o-abcde12345; exempt roles: 1; from 203.0.113.0/24"


@pytest.mark.parametrize("mode", list(PerimeterMode))
def test_a_perimeter_with_too_much_in_it_leaves_nothing_behind(stack: Stack, mode: PerimeterMode) -> None:
    crowded = PerimeterSettings(mode=mode, exempt_roles=too_many_roles())
    with pytest.raises(InvalidArgumentError, match=r"at most .* fewer perimeter\.exempt_roles"):
        table(stack, crowded)
    assert stack.node.children == []
