"""The table that most tests make, and what each table is given."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_dynamodb import Attribute, AttributeType

from secure_ddb import Ownership, PerimeterSettings, SecureTable, Waiver

if TYPE_CHECKING:
    from aws_cdk import Stack

OWNERSHIP = Ownership(owner="payments@example.com", cost_center="CC-1042", application="orders", environment="prod")
WAIVER = Waiver(reason="rebuilt nightly from S3", approved_by="SEC-142", expires=date(2099, 12, 31))
PK = Attribute(name="pk", type=AttributeType.STRING)
SK = Attribute(name="sk", type=AttributeType.STRING)
INSIDE = PerimeterSettings(corporate_cidrs=["203.0.113.0/24"])


def orders(stack: Stack, **arguments: Any) -> SecureTable:
    """Return a table with what each has to have."""
    return SecureTable(stack, "Orders", **{"partition_key": PK, "ownership": OWNERSHIP, **arguments})
