"""Tags a table, and finds tags that IAM rejects because their keys differ from mandatory ones only in case."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, cast
from weakref import WeakKeyDictionary

import jsii
from aws_cdk import Stack
from constructs import IValidation

from secure_ddb.tags.ownership import add_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aws_cdk.aws_iam import CfnRole
    from constructs import Construct

    from secure_ddb.context import StackEnvironment, TableContext
    from secure_ddb.tags.tag_keys import TagKeys

# A table has both, one or, with waivers, neither. Both get the same tags.
_ROLES = ("AuditRole", "BackupRole")


@jsii.implements(IValidation)
class RoleTags:
    """Validates role tags after all tags are applied, those of the app included."""

    def __init__(self, stack: Stack, keys: TagKeys) -> None:
        """Look at no role yet."""
        self._stack = stack
        self._keys = keys
        self.tables: list[Construct] = []

    def validate(self) -> list[str]:
        """Return an error for each key that differs from a mandatory one only in case."""
        roles = list(filter(None, map(_role_of, self.tables)))
        # CloudFormation gives a stack's tags to its roles, too.
        tags = [self._stack.tags, *(role.tags for role in roles)] if roles else []
        found = dict.fromkeys(key for each in tags for key in each.tag_values())
        return list(conflicts(found, self._keys))


def conflicts(found: Iterable[str], keys: TagKeys) -> Iterator[str]:
    """Yield an error for each tag that differs from a mandatory one only in case.

    IAM ignores the case of the keys of a role's tags, and refuses a role with two that are equal but for it.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
    """
    mandatory = {key.lower(): key for key in astuple(keys)}
    for key in found:
        ours = mandatory.get(key.lower(), key)
        if ours != key:
            yield (
                f"Tag {key!r} differs only in case from the mandatory tag {ours!r}, and IAM refuses a role with both. "
                "Remove it, or choose this key with TagKeys(...).apply_to(app)."
            )


_checks: WeakKeyDictionary[StackEnvironment, RoleTags] = WeakKeyDictionary()


def tag_table(context: TableContext) -> None:
    """Add the mandatory tags, and fail the synth if a table's roles get tags that IAM rejects next to them."""
    table, environment, keys = context.scope, context.environment, context.environment.tag_keys
    add_tags(table, {**context.ownership.tags(keys), keys.data_classification: context.classification.value})
    # At synth, because tags may be added until then.
    check = _checks.get(environment)
    if check is None:
        stack = Stack.of(table)
        check = _checks[environment] = RoleTags(stack, keys)
        stack.node.add_validation(check)
    check.tables.append(table)


def _role_of(table: Construct) -> CfnRole | None:
    node = table.node
    role = next(filter(None, map(node.try_find_child, _ROLES)), None)
    return cast("CfnRole", role.node.default_child) if role else None
