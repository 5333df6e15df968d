"""The stack that holds the resources of replicas in a further Region."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from weakref import WeakKeyDictionary

from aws_cdk import Environment, PermissionsBoundary, Stack

from secure_ddb.context import outermost_stack
from secure_ddb.errors import reject
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from constructs import Construct, IConstruct

# Where CDK keeps `Stack(permissions_boundary=...)`.
# https://docs.aws.amazon.com/cdk/v2/guide/customize-permissions-boundaries.html
_BOUNDARY = "@aws-cdk/core:permissionsBoundary"
# Stack of tables to the stacks of their replicas by Region.
_stacks: WeakKeyDictionary[Stack, dict[str, Stack]] = WeakKeyDictionary()


def replica_stack(scope: IConstruct, region: str) -> Stack:
    """Return the stack in a Region for the replicas of all tables of the stack around `scope`; make it for the first.

    It is deployed before the stack of the tables, which needs its keys. Its name is made of that stack's name, which
    tells deployments of one app apart.

    Raises:
        InvalidArgumentError: The stack of the tables has a synthesizer of its own, which no other stack can share.
    """
    tables = outermost_stack(scope)
    stacks = _stacks.setdefault(tables, {})
    if region not in stacks:
        parent = cast("Construct", tables.node.scope)
        account = None if is_token(tables.account) else tables.account
        stacks[region] = stack = Stack(
            parent,
            f"{tables.node.id}-{region}",
            env=Environment(account=account, region=region),
            stack_name=f"{tables.stack_name}-{region}",
            permissions_boundary=_boundary_of(tables),
            tags=tables.tags.tag_values() or None,
            description=f"What the tables of {tables.stack_name} have in {region}",
            termination_protection=tables.termination_protection,
        )
        own, default = (each.synthesizer.bootstrap_qualifier for each in (tables, stack))
        if own != default:
            allowed = f"{default}, as in {region}: App(default_stack_synthesizer=...) sets it for the stack there, too"
            reject("qualifier of the stack's synthesizer", own, allowed)
        tables.add_stack_dependency(stack, f"its tables are encrypted with keys in {region} there")
    return stacks[region]


def _boundary_of(tables: Stack) -> PermissionsBoundary | None:
    """Return the permissions boundary that `Stack(permissions_boundary=...)` gives the roles of the tables' stack."""
    chosen = tables.node.try_get_context(_BOUNDARY)
    if not isinstance(chosen, dict):
        return None
    if "arn" in chosen:
        return PermissionsBoundary.from_arn(chosen["arn"])
    return PermissionsBoundary.from_name(chosen["name"])
