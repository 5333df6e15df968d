"""Changes that DynamoDB or AWS KMS refuses in one update, although no schema says so.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from secure_ddb.cloudformation.kinds import GLOBAL_TABLE, KEY, TABLE
from secure_ddb.cloudformation.values import as_list, at, is_unknown
from secure_ddb.planning.changes import values_differ
from secure_ddb.planning.model import Cause, Effect, Finding, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource

_REFERENCE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference"
_SOURCES: Final = {
    TABLE: f"{_REFERENCE}/aws-resource-dynamodb-table.html",
    GLOBAL_TABLE: f"{_REFERENCE}/aws-resource-dynamodb-globaltable.html",
    KEY: f"{_REFERENCE}/aws-resource-kms-key.html",
}
_POLICIES = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html"
# The properties of a key where the template does not name them.
_KEY_DEFAULTS: Final = {
    "KeySpec": "SYMMETRIC_DEFAULT",
    "KeyUsage": "ENCRYPT_DECRYPT",
    "MultiRegion": False,
    "Origin": "AWS_KMS",
}
# With strong consistency all replicas come and go together.
_MOST_REPLICAS = {"STRONG": 3}


def refusals(old: Resource, new: Resource) -> Iterator[Finding]:
    """Yield each change of a resource that is refused in one update."""
    if old.type != new.type:
        return
    if old.type in {TABLE, GLOBAL_TABLE}:
        yield from _indexes(old, new)
    if old.type == GLOBAL_TABLE:
        yield from _replicas(old, new)
        yield from _policies_of_replicas(old, new)
        yield from _stream(old, new)
    if old.type == KEY:
        yield from _key(old, new)


def refusals_of_new(table: Resource) -> Iterator[Finding]:
    """Yield the refusals for a global table that the deployment creates.

    AWS says it of a stack's update. That it holds for its creation, too, is likely and not documented.
    """
    yield from _policies_of_added(table, {})


def _refused(new: Resource, cause: Cause, what: str, why: str, *steps: str, certain: bool = True) -> Finding:
    return Finding(
        effect=Effect.REFUSED,
        certain=certain,
        cause=cause,
        **place_of(new),
        what=what,
        why=why,
        steps=steps,
        source=_POLICIES if cause is Cause.REPLICA_POLICY else _SOURCES[new.type],
    )


def _by(value: object, name: str) -> dict[str, Any]:
    """Return the objects of a list by one of their members."""
    return {str(at(each, name)): each for each in as_list(value)}


def _indexes(old: Resource, new: Resource) -> Iterator[Finding]:
    name = "GlobalSecondaryIndexes"
    before, after = (_by(each.properties.get(name), "IndexName") for each in (old, new))
    gone = [f"{each} is deleted" for each in before if each not in after]
    added = [f"{each} is created" for each in after if each not in before]
    changed = [each for each in before if each in after and _index_differs(before[each], after[each])]
    # No index can be changed: it is deleted and created again.
    if len(gone) + len(added) + 2 * len(changed) <= 1:
        return
    details = ", ".join([*gone, *added, *(f"{each} gets other keys or another projection" for each in changed)])
    yield _refused(
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


def _regions(table: Resource) -> dict[str, Any]:
    return _by(table.properties.get("Replicas"), "Region")


def _replicas(old: Resource, new: Resource) -> Iterator[Finding]:
    before, after = _regions(old), _regions(new)
    gone = [each for each in before if each not in after]
    added = [each for each in after if each not in before]
    certain = not is_unknown([*before, *after])
    if new.template.region in gone:
        yield _refused(
            new,
            Cause.REPLICAS,
            f"The update is refused: the replica in {new.template.region}, the stack's own Region, cannot be removed.",
            "A stack with a global table has a replica in its own Region.",
            "Keep that replica. To leave the Region, import the table into a stack in another Region.",
        )
    most = _MOST_REPLICAS.get(str(new.properties.get("MultiRegionConsistency")), 1)
    if len(gone) + len(added) > most:
        details = [*(f"{each} is removed" for each in gone), *(f"{each} is added" for each in added)]
        yield _refused(
            new,
            Cause.REPLICAS,
            f"The update is refused: it adds or removes more than {most} of the table's replicas.",
            f"In this update {', '.join(details)}.",
            "Add or remove one replica in each deployment, and change nothing else with it.",
            "Wait until it is done, which takes hours for a large table, before the next one.",
            certain=certain,
        )


def _policies_of_replicas(old: Resource, new: Resource) -> Iterator[Finding]:
    yield from _policies_of_added(new, _regions(old))


def _policies_of_added(new: Resource, before: dict[str, Any]) -> Iterator[Finding]:
    for region, replica in _regions(new).items():
        if region not in before and region != new.template.region and at(replica, "ResourcePolicy") is not None:
            yield _refused(
                new,
                Cause.REPLICA_POLICY,
                f"The update is refused: it adds the replica in {region} together with its resource policy.",
                "CloudFormation cannot do both in one update in a Region other than the stack's own.",
                "Add the replica without ResourcePolicy (of a SecureTable, with without_policies), and deploy.",
                "Add its ResourcePolicy, and deploy again. Until then only IAM policies protect the replica.",
                certain=bool(before) and not is_unknown([*before, region]),
            )


def _stream(old: Resource, new: Resource) -> Iterator[Finding]:
    before, after = (each.properties.get("StreamSpecification") for each in (old, new))
    differs = values_differ(before, after)
    replicas = max(len(_regions(old)), len(_regions(new)))
    if differs is False or replicas == 1 or new.properties.get("MultiRegionConsistency") == "STRONG":
        return
    yield _refused(
        new,
        Cause.STREAM,
        "The update is refused: the stream's settings can change only while the table has one replica.",
        f"StreamSpecification changes, and the table has {replicas} replicas before or after the update.",
        "If the replicas are new, change the stream first and deploy. Then add one replica in each deployment.",
        "If they exist, keep the stream's settings, or remove the replicas one by one and add them again.",
        certain=bool(differs) and len(_regions(old)) > 1,
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
        yield _refused(
            new,
            Cause.IMMUTABLE,
            f"The update is refused: {' and '.join(details)} of a key cannot change.",
            "CloudFormation does not replace a key for it, to prevent its loss by mistake.",
            "Add a second key with the new value under another logical id, and keep the old one in the template.",
            "Let the table use the new key. Keep the old one until the last backup that it encrypts has expired.",
            certain=certain,
        )
