"""Changes that DynamoDB or AWS KMS refuses in one update, although no schema says so.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secure_ddb.cloudformation.kinds import GLOBAL_TABLE, KEY, TABLE
from secure_ddb.cloudformation.values import at, is_unknown
from secure_ddb.planning.changes import values_differ
from secure_ddb.planning.model import Cause
from secure_ddb.planning.refused import by_member, refused
from secure_ddb.planning.replica_refusals import policies_of_added, replica_refusals, replicas_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.planning.model import Finding

# The properties of a key where the template does not name them.
_KEY_DEFAULTS: Final = {
    "KeySpec": "SYMMETRIC_DEFAULT",
    "KeyUsage": "ENCRYPT_DECRYPT",
    "MultiRegion": False,
    "Origin": "AWS_KMS",
}


def refusals(old: Resource, new: Resource) -> Iterator[Finding]:
    """Yield each change of a resource that is refused in one update."""
    if old.type != new.type:
        return
    if old.type in {TABLE, GLOBAL_TABLE}:
        yield from _indexes(old, new)
    if old.type == GLOBAL_TABLE:
        yield from replica_refusals(old, new)
        yield from _stream(old, new)
    if old.type == KEY:
        yield from _key(old, new)


def refusals_of_new(table: Resource) -> Iterator[Finding]:
    """Yield the refusals for a global table that the deployment creates.

    AWS says it of a stack's update. That it holds for its creation, too, is likely and not documented.
    """
    yield from policies_of_added(table, {})


def _indexes(old: Resource, new: Resource) -> Iterator[Finding]:
    name = "GlobalSecondaryIndexes"
    before, after = (by_member(each.properties.get(name), "IndexName") for each in (old, new))
    gone = [f"{each} is deleted" for each in before if each not in after]
    added = [f"{each} is created" for each in after if each not in before]
    changed = [each for each in before if each in after and _index_differs(before[each], after[each])]
    # No index can be changed: it is deleted and created again.
    if len(gone) + len(added) + 2 * len(changed) <= 1:
        return
    details = ", ".join([*gone, *added, *(f"{each} gets other keys or another projection" for each in changed)])
    yield refused(
        new,
        Cause.INDEXES,
        "DynamoDB refuses the update: it creates or deletes only one global index in an update.",
        f"In this update {details}.",
        "Deploy one index at a time, and nothing else with it.",
        "Wait after each until the index is ACTIVE: CloudFormation does not wait. "
        "aws dynamodb describe-table shows its IndexStatus.",
        *(("Replace an index by creating one with another name; delete the old one later.",) if changed else ()),
        certain=not is_unknown([old.properties.get(name), new.properties.get(name)]),
    )


def _index_differs(before: object, after: object) -> bool:
    return any(values_differ(at(before, name), at(after, name)) is True for name in ("KeySchema", "Projection"))


def _stream(old: Resource, new: Resource) -> Iterator[Finding]:
    before, after = (each.properties.get("StreamSpecification") for each in (old, new))
    differs = values_differ(before, after)
    replicas = max(len(replicas_of(old)), len(replicas_of(new)))
    if differs is False or replicas == 1 or new.properties.get("MultiRegionConsistency") == "STRONG":
        return
    yield refused(
        new,
        Cause.STREAM,
        "The update is refused: the stream's settings can change only while the table has one replica.",
        f"StreamSpecification changes, and the table has {replicas} replicas before or after the update.",
        "If the replicas are new, change the stream first and deploy. Then add one replica in each deployment.",
        "If they exist, keep the stream's settings, or remove the replicas one by one and add them again.",
        certain=bool(differs) and len(replicas_of(old)) > 1,
    )


def _key(old: Resource, new: Resource) -> Iterator[Finding]:
    details, certain = [], False
    for name, default in _KEY_DEFAULTS.items():
        before, after = (each.properties.get(name, default) for each in (old, new))
        differs = values_differ(before, after)
        if differs is not False:
            details.append(name)
            certain = certain or bool(differs)
    if details:
        yield refused(
            new,
            Cause.IMMUTABLE,
            f"The update is refused: {' and '.join(details)} of a key cannot change.",
            "CloudFormation does not replace a key for it, to prevent its loss by mistake.",
            "Add a second key with the new value under another logical id, and keep the old one in the template.",
            "Let the table use the new key. Keep the old one until the last backup that it encrypts has expired.",
            certain=certain,
        )
