"""Puts an adoption together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from secure_ddb.adoption.differences import differences
from secure_ddb.adoption.existing import AdoptionError
from secure_ddb.adoption.model import Adoption
from secure_ddb.adoption.stack_code import logical_id, stack_code, stack_name
from secure_ddb.adoption.stages import stages
from secure_ddb.adoption.steps import steps

if TYPE_CHECKING:
    from secure_ddb.adoption.existing import ExistingTable

# https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
_STACK = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")


def adopt(table: ExistingTable, *, stack: str = "", new_key: bool = False) -> Adoption:
    """Return how an existing table becomes a `SecureTable`.

    Args:
        table: The table.
        stack: Name of the new stack; made of the table's unless given.
        new_key: Whether to make a new key although the table has one of the customer's.

    Raises:
        AdoptionError: The stack cannot have that name, or declares the table now.
    """
    stack = stack or stack_name(table)
    if not _STACK.fullmatch(stack):
        raise AdoptionError(f"--stack is {stack}; allowed: a letter, then letters, digits and hyphens, 128 at most")
    if stack == table.stack:
        raise AdoptionError(f"--stack is {stack}, which declares the table now; allowed: the name of a new stack")
    named = logical_id()
    found = stages(table, named)
    return Adoption(
        table=table,
        stack=stack,
        logical_id=named,
        code=stack_code(table, stack, new_key=new_key),
        differences=tuple(differences(table, new_key=new_key)),
        stages=tuple(found),
        steps=tuple(steps(table, stack, named, found, new_key=new_key)),
    )
