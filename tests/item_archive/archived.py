"""Tables whose items are copied to Amazon S3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk.aws_iam import AccountRootPrincipal, Role

from secure_ddb import DataClassification, ExpiredItems, TableExports
from tests.orders import INSIDE, OWNERSHIP, orders

if TYPE_CHECKING:
    from aws_cdk import Stack


def exporting(stack: Stack) -> None:
    """A restricted table with exports, inside of a perimeter."""
    table = orders(stack, classification=DataClassification.RESTRICTED, perimeter=INSIDE)
    TableExports(
        stack,
        "Exports",
        tables={"orders": table},
        retention=Duration.days(90),
        readers=[Role(stack, "Analysts", assumed_by=AccountRootPrincipal())],
        ownership=OWNERSHIP,
    )


def keeping(stack: Stack) -> None:
    """A restricted table whose expired items are kept, inside of a perimeter."""
    table = orders(
        stack, classification=DataClassification.RESTRICTED, perimeter=INSIDE, time_to_live_attribute="expires"
    )
    ExpiredItems(
        stack,
        "Expired",
        tables={"orders": table},
        retention=Duration.days(90),
        readers=[Role(stack, "Analysts", assumed_by=AccountRootPrincipal())],
        ownership=OWNERSHIP,
    )
