"""The finding that an update is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from secure_ddb.cloudformation.kinds import GLOBAL_TABLE, KEY, TABLE
from secure_ddb.cloudformation.values import as_list, at
from secure_ddb.planning.model import Effect, Finding, place_of

if TYPE_CHECKING:
    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.planning.model import Cause

_REFERENCE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference"
_SOURCES: Final = {
    TABLE: f"{_REFERENCE}/aws-resource-dynamodb-table.html",
    GLOBAL_TABLE: f"{_REFERENCE}/aws-resource-dynamodb-globaltable.html",
    KEY: f"{_REFERENCE}/aws-resource-kms-key.html",
}


def refused(
    new: Resource, cause: Cause, what: str, why: str, *steps: str, certain: bool = True, source: str = ""
) -> Finding:
    """Return the finding; its source is the page of the resource type, unless another one says it."""
    return Finding(
        effect=Effect.REFUSED,
        certain=certain,
        cause=cause,
        **place_of(new),
        what=what,
        why=why,
        steps=steps,
        source=source or _SOURCES[new.type],
    )


def by_member(value: object, name: str) -> dict[str, Any]:
    """Return the objects of a list by one of their members."""
    return {str(at(each, name)): each for each in as_list(value)}
