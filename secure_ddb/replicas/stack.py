"""The stack that holds the resources of replicas in a further Region."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from weakref import WeakKeyDictionary

from aws_cdk import Environment, Stack

from secure_ddb.context import outermost_stack
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from constructs import Construct, IConstruct

# Stack of tables to the stacks of their replicas by Region.
_stacks: WeakKeyDictionary[Stack, dict[str, Stack]] = WeakKeyDictionary()


def replica_stack(scope: IConstruct, region: str) -> Stack:
    """Return the stack in a Region for the replicas of all tables of the stack around `scope`; make it for the first.

    It is deployed before the stack of the tables, which needs its keys.
    """
    tables = outermost_stack(scope)
    stacks = _stacks.setdefault(tables, {})
    if region not in stacks:
        parent = cast("Construct", tables.node.scope)
        account = None if is_token(tables.account) else tables.account
        stacks[region] = Stack(
            parent,
            f"{tables.node.id}-{region}",
            env=Environment(account=account, region=region),
            description=f"What the tables of {tables.stack_name} have in {region}",
            termination_protection=tables.termination_protection,
        )
        tables.add_stack_dependency(stacks[region], f"its tables are encrypted with keys in {region} there")
    return stacks[region]
