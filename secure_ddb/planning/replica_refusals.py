"""Changes of a global table's Regions that are refused in one update.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.values import at, is_unknown
from secure_ddb.planning.model import Cause
from secure_ddb.planning.refused import by_member, refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.planning.model import Finding

_DEVELOPER_GUIDE = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide"
_POLICIES = f"{_DEVELOPER_GUIDE}/rbac-considerations.html"
_CONSISTENCY = f"{_DEVELOPER_GUIDE}/GlobalTables.html"
_STRONG = f"{_DEVELOPER_GUIDE}/V2globaltables_HowItWorks.html"
_PROTECTION = (
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
    "aws-properties-dynamodb-globaltable-replicaspecification.html"
)
_STRONG_REGIONS = 3
_NEW_TABLE = (
    "Or make a new table in all its Regions at once, with another logical id and name, and load the items into it."
)


# Its replicas cannot be added one by one.
_STEPS_TOGETHER = (
    "Add all replicas together, without ResourcePolicy (of a SecureTable, each with without_policies), nothing else.",
    "Add their ResourcePolicy (of a SecureTable, take without_policies out), and deploy.",
)


def replica_refusals(old: Resource, new: Resource) -> Iterator[Finding]:
    """Yield what is refused of the changes of a table's Regions."""
    before, after = replicas_of(old), replicas_of(new)
    if new.template.region in before and new.template.region not in after:
        yield refused(
            new,
            Cause.REPLICAS,
            f"The update is refused: the replica in {new.template.region}, the stack's own Region, cannot be removed.",
            "A stack with a global table has a replica in its own Region.",
            "Keep that replica. To leave the Region, import the table into a stack in another Region.",
        )
    if _consistency(old) == "STRONG" and len(_places(old)) > 1:
        yield from _changes_of_strong(old, new)
    elif _consistency(new) == "STRONG":
        yield from _becomes_strong(old, new)
    else:
        yield from _one_at_a_time(old, new)
    yield from _protected(old, new)
    yield from policies_of_added(new, before)


def replicas_of(table: Resource) -> dict[str, Any]:
    """Return the replicas of a global table: Region to replica."""
    return by_member(table.properties.get("Replicas"), "Region")


def _consistency(table: Resource) -> str:
    return str(table.properties.get("MultiRegionConsistency", "EVENTUAL"))


def _places(table: Resource) -> set[str]:
    """Return the Regions of the replicas and of the witness."""
    return {*replicas_of(table), *by_member(table.properties.get("GlobalTableWitnesses"), "Region")}


def _said(before: set[str], after: set[str]) -> str:
    gone = [f"{each} is removed" for each in sorted(before - after)]
    return ", ".join([*gone, *(f"{each} is added" for each in sorted(after - before))])


def _one_at_a_time(old: Resource, new: Resource) -> Iterator[Finding]:
    before, after = replicas_of(old), replicas_of(new)
    changed = {*before} ^ {*after}
    if len(changed) > 1:
        yield refused(
            new,
            Cause.REPLICAS,
            "The update is refused: it adds or removes more than 1 of the table's replicas.",
            f"In this update {_said({*before}, {*after})}.",
            *(
                f"Remove the replica in {each}, and nothing else. Wait until the table is ACTIVE."
                for each in before
                if each not in after
            ),
            *(step for each in after if each not in before for step in _steps_to_add(each)),
            certain=not is_unknown([*before, *after]),
        )


def _steps_to_add(region: str) -> Sequence[str]:
    return (
        f"Add the replica in {region} without ResourcePolicy (of a SecureTable, with without_policies), nothing else.",
        "Wait until it is ACTIVE, which takes hours for a large table.",
        f"Add the ResourcePolicy of the replica in {region} (of a SecureTable, take without_policies out), and deploy.",
    )


def _becomes_strong(old: Resource, new: Resource) -> Iterator[Finding]:
    before, after = _places(old), _places(new)
    certain = not is_unknown([*before, *after])
    if len(before) > 1:
        yield _other_consistency(old, new)
    elif 1 < len(after) != _STRONG_REGIONS:
        yield refused(
            new,
            Cause.REPLICAS,
            "The update is refused: a strongly consistent table is in three Regions, or in two and a witness.",
            f"In this update {_said(before, after)}.",
            "Add two replicas, or one replica and a witness, in one deployment.",
            certain=certain,
            source=_STRONG,
        )
    elif len(after) > 1:
        yield refused(
            new,
            Cause.REPLICAS,
            "The update is refused unless the table is empty: only a table without items becomes strongly consistent.",
            f"In this update {_said(before, after)}.",
            "If the table has items, keep it as it is.",
            _NEW_TABLE,
            certain=False,
            source=_STRONG,
        )


def _changes_of_strong(old: Resource, new: Resource) -> Iterator[Finding]:
    before, after = _places(old), _places(new)
    if len(after) <= 1:  # the one change of its Regions that such a table takes
        return
    if _consistency(new) != "STRONG":
        yield _other_consistency(old, new)
    elif before != after:
        yield refused(
            new,
            Cause.REPLICAS,
            "The update is refused: the Regions of a strongly consistent table cannot change one by one.",
            f"In this update {_said(before, after)}.",
            "Keep its replicas and its witness.",
            "Or remove all but that of the stack's own Region in one deployment; with items in it, that is for good.",
            _NEW_TABLE,
            certain=not is_unknown([*before, *after]),
            source=_STRONG,
        )


def _other_consistency(old: Resource, new: Resource) -> Finding:
    before, after = _consistency(old), _consistency(new)
    return refused(
        new,
        Cause.CONSISTENCY,
        "The update is refused: the consistency of a table with replicas cannot change.",
        f"MultiRegionConsistency changes from {before} to {after}.",
        "Keep it as it is.",
        _NEW_TABLE,
        certain=not is_unknown([before, after]),
        source=_CONSISTENCY,
    )


def _protected(old: Resource, new: Resource) -> Iterator[Finding]:
    after = replicas_of(new)
    for region, replica in replicas_of(old).items():
        gone = region not in after and region != new.template.region
        protected = at(replica, "DeletionProtectionEnabled")
        if gone and str(protected).lower() != "false" and protected is not None:
            yield refused(
                new,
                Cause.REPLICAS,
                f"The update is refused: it removes the replica in {region}, which is protected against deletion.",
                "The deployed template sets DeletionProtectionEnabled for it.",
                f"aws dynamodb update-table --table-name TABLE --region {region} --no-deletion-protection-enabled",
                "Deploy this update, and nothing else with it. What the stack of that Region has made stays.",
                # Somebody may have turned it off already.
                certain=False,
                source=_PROTECTION,
            )


def policies_of_added(new: Resource, before: dict[str, Any]) -> Iterator[Finding]:
    """Yield each replica that is added together with a policy; `before` has the replicas that are there."""
    for region, replica in replicas_of(new).items():
        policies = (at(replica, "ResourcePolicy"), at(at(replica, "ReplicaStreamSpecification"), "ResourcePolicy"))
        if region not in before and region != new.template.region and policies != (None, None):
            yield refused(
                new,
                Cause.REPLICA_POLICY,
                f"The update is refused: it adds the replica in {region} together with its resource policy.",
                "CloudFormation cannot do both in one update in a Region other than the stack's own. Between the two "
                "deployments only IAM policies protect the replica.",
                *(_STEPS_TOGETHER if _consistency(new) == "STRONG" else _steps_to_add(region)),
                certain=bool(before) and not is_unknown([*before, region]),
                source=_POLICIES,
            )
