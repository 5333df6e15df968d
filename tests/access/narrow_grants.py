"""A table with a role for each kind of grant."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from aws_cdk.aws_dynamodb import Attribute, AttributeType, GlobalSecondaryIndexPropsV2, LocalSecondaryIndexProps
from aws_cdk.aws_iam import ManagedPolicy, Role, ServicePrincipal

from secure_ddb import LeadingKeys, SecureTable
from tests.orders import OWNERSHIP

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack


def narrow_grants(stack: Stack) -> None:
    """A role for each kind of grant; `by-status` is the index that other keys than the table's lead."""
    text = {
        name: Attribute(name=name, type=AttributeType.STRING)
        for name in ("customer", "order", "status", "shipped", "total")
    }
    table = SecureTable(
        stack,
        "Orders",
        partition_key=text["customer"],
        sort_key=text["order"],
        ownership=OWNERSHIP,
        global_secondary_indexes=[
            GlobalSecondaryIndexPropsV2(
                index_name="by-shipped", partition_key=text["customer"], sort_key=text["shipped"]
            ),
            GlobalSecondaryIndexPropsV2(index_name="by-status", partition_key=text["status"]),
        ],
        local_secondary_indexes=[LocalSecondaryIndexProps(index_name="by-total", sort_key=text["total"])],
    )
    tenant = LeadingKeys.principal_tag("customer")
    user = LeadingKeys.web_identity("www.amazon.com:user_id")
    named = LeadingKeys.values(["alice", "bob"])
    read, write, read_write = table.grant_read_data, table.grant_write_data, table.grant_read_write_data
    grants: dict[str, Callable[[ManagedPolicy], object]] = {
        "AllReader": read,
        "AllWriter": write,
        "StatusReader": partial(read, attributes=["status"]),
        "StatusWriter": partial(write, attributes=["status"]),
        "StatusEditor": partial(read_write, attributes=["status"]),
        "TenantReader": partial(read, leading_keys=tenant),
        "UserWriter": partial(write, leading_keys=user),
        "NamedEditor": partial(read_write, leading_keys=named),
        "TenantTotalReader": partial(read, attributes=["total"], leading_keys=tenant),
        "TenantTotalWriter": partial(write, attributes=["total"], leading_keys=tenant),
        "TenantTotalEditor": partial(read_write, attributes=["total"], leading_keys=tenant),
        "OpenOrdersReader": partial(read, index="by-status", leading_keys=LeadingKeys.principal_tag("status")),
        "OpenOrdersTotalReader": partial(
            read, index="by-status", attributes=["total"], leading_keys=LeadingKeys.principal_tag("status")
        ),
        "Operator": table.grant_control_plane,
    }
    for name, grant in grants.items():
        role = Role(stack, name, assumed_by=ServicePrincipal("lambda.amazonaws.com"))
        grant(ManagedPolicy(stack, f"{name}Policy", roles=[role]))
