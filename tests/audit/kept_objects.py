"""What the policy of a bucket has to say so that its objects stay as they were written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.template import as_list, text

if TYPE_CHECKING:
    from collections.abc import Iterable

REPLICATION = {"s3:Replicate*"}
HIDING = {"s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:PutObjectLegalHold", "s3:PutObjectRetention"}


def take_denials(found: dict[str, dict[str, Any]], bucket_arn: str) -> None:
    """Take the denials that are for everybody out of a policy's statements, after making sure that they are right."""
    for sid, actions in (("DenyReplication", REPLICATION), ("DenyHidingAndUnlocking", HIDING)):
        # A copy: other tests read the same template.
        statement = dict(found.pop(sid))
        assert set(as_list(statement.pop("Action"))) == actions
        assert text(statement.pop("Resource")) == f"{bucket_arn}/*"
        # No condition: not even the writer is exempt.
        assert statement == {"Sid": sid, "Effect": "Deny", "Principal": {"AWS": "*"}}


def denied_actions(statements: Iterable[dict[str, Any]]) -> set[str]:
    """Return the actions on objects that a policy denies to everybody."""
    denials = [each for each in statements if each["Effect"] == "Deny" and "Condition" not in each]
    return {action for each in denials for action in as_list(each["Action"])}
