"""Differences between a `SecureTable` and the existing table, in both directions."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from secure_ddb.adoption.kept_settings import kept_settings
from secure_ddb.adoption.key_differences import key_differences
from secure_ddb.adoption.mandatory_tags import PLACEHOLDER, mandatory_tags
from secure_ddb.adoption.model import Difference, Direction, listed
from secure_ddb.adoption.stream_differences import stream_differences
from secure_ddb.classification import DataClassification
from secure_ddb.counted import counted
from secure_ddb.tags.tag_keys import DEFAULT_TAG_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.adoption.existing import ExistingTable

_GUIDE = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide"
_GLOBAL_TABLE = (
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html"
)
_LONGEST_RECOVERY = 35
_TAGS = ("Replicas.Tags",)
_INSIGHTS = "ContributorInsightsSpecification"


def differences(table: ExistingTable, *, new_key: bool = False) -> list[Difference]:
    """Return the differences, first those that need a decision.

    Args:
        table: The table.
        new_key: Whether the code makes a new key although the table has one of the customer's.
    """
    found = chain(
        key_differences(table, new_key=new_key),
        stream_differences(table),
        _replicas(table),
        _recovery(table),
        _policy(table),
        _monitoring(table),
        _tags(table),
        kept_settings(table),
    )
    order = list(Direction)
    return sorted(found, key=lambda each: order.index(each.direction))


def _replicas(table: ExistingTable) -> Iterator[Difference]:
    if table.replicas:
        regions = ", ".join(table.replica_regions)
        yield Difference(
            direction=Direction.LOST,
            requirement="REP-1",
            what=f"A SecureTable has one Region. Its replicas in {regions} are deleted.",
            effect="Clients that use it must switch to this Region first. What was written there last and is not "
            "replicated yet is lost. If the replicas are needed, do not take the table over.",
            properties=("Replicas",),
            source=_GLOBAL_TABLE,
        )


def _recovery(table: ExistingTable) -> Iterator[Difference]:
    if table.recovery_days != _LONGEST_RECOVERY:
        before = f"not {counted(table.recovery_days, 'day')}" if table.recovery_days else "it is off now"
        yield Difference(
            direction=Direction.GAINED,
            requirement="BAK-1",
            what=f"Point-in-time recovery reaches back {_LONGEST_RECOVERY} days; {before}.",
            effect="It costs by the size of the table. Recovery begins with the deployment, not before.",
            properties=("Replicas.PointInTimeRecoverySpecification",),
            source=f"{_GUIDE}/Point-in-time-recovery.html",
        )
    if not table.protected:
        yield Difference(
            direction=Direction.GAINED,
            requirement="BAK-1",
            what="Deletion protection is on.",
            effect="Deletion protection must be turned off before the table can be deleted.",
            properties=("Replicas.DeletionProtectionEnabled",),
            source=f"{_GUIDE}/WorkingWithTables.Basics.html",
        )
    yield Difference(
        direction=Direction.GAINED,
        requirement="BAK-2",
        what="AWS Backup copies the table into a locked vault by a plan.",
        effect="A plan that selects the table already goes on, and both are paid. Take the table out of it.",
    )


def _policy(table: ExistingTable) -> Iterator[Difference]:
    yield Difference(
        direction=Direction.GAINED,
        requirement="ENC-3",
        what="The table's policy denies requests without TLS."
        + (" Its own statements are kept." if table.policy else ""),
        effect="Clients that were given an endpoint with http:// get AccessDeniedException.",
        properties=("Replicas.ResourcePolicy",),
        source=f"{_GUIDE}/rbac-considerations.html",
    )


def _monitoring(table: ExistingTable) -> Iterator[Difference]:
    yield Difference(
        direction=Direction.GAINED,
        requirement="MON-1",
        what="Alarms watch throttles, errors, latency, backups and the audit trail.",
        effect="They reach nobody until the topic has a subscriber.",
    )
    insights = {index.insights for index in table.global_indexes}
    properties = [f"Replicas.{_INSIGHTS}"] if table.insights is None else []
    wanted = table.insights or "THROTTLED_KEYS"
    properties += ["Replicas.GlobalSecondaryIndexes"] if insights - {wanted} else []
    if properties:
        yield Difference(
            # An index that shows all keys would show throttled ones only, or the other way round.
            direction=Direction.CHANGED if insights - {wanted, None} else Direction.GAINED,
            requirement="MON-2",
            what=f"Contributor Insights are on for the table and each index, for {wanted.replace('_', ' ').lower()}.",
            effect="CloudWatch shows such keys in clear, and charges for the events that it counts.",
            properties=tuple(properties),
            source=f"{_GUIDE}/contributorinsights_HowItWorks.html",
        )


def _tags(table: ExistingTable) -> Iterator[Difference]:
    tags = mandatory_tags(table)
    if tags.missing:
        missing = listed(tags.missing)
        yield Difference(
            direction=Direction.UNKNOWN,
            requirement="OPS-1",
            what=f"The table's tags do not tell its {missing.replace('_', ' ')}.",
            effect=f"Replace {PLACEHOLDER} in the code before you deploy it.",
            properties=_TAGS,
        )
    for key, mandatory in tags.renamed.items():
        yield Difference(
            direction=Direction.CHANGED,
            requirement="OPS-1",
            what=f"The tag {key} becomes {mandatory}: IAM takes both for one key.",
            effect=f"What filters by {key}, such as cost reports and policies, no longer finds the table. "
            "TagKeys(...).apply_to(app) chooses keys of your own.",
            properties=_TAGS,
            source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html",
        )
    restricted = DataClassification.RESTRICTED
    if tags.said.lower() == restricted.value:
        yield Difference(
            direction=Direction.UNKNOWN,
            requirement="NET-4",
            what=f"The table is tagged {restricted.value}, and the code says less: a perimeter takes settings "
            "that the table does not show.",
            effect="Give the table classification=DataClassification.RESTRICTED with a perimeter, daily backups and an "
            "archive, before you deploy it.",
            properties=_TAGS,
        )
        return
    level = tags.classification or DataClassification.CONFIDENTIAL
    changed = bool(tags.said) and tags.said != level.value
    yield Difference(
        direction=Direction.CHANGED if changed else Direction.GAINED,
        requirement="OPS-1",
        what=f"The table and all that belongs to it have the mandatory tags; {DEFAULT_TAG_KEYS.data_classification} "
        f"is {level.value}" + (f", not {tags.said}." if changed else "."),
        effect="The classification decides how long logs and backups are kept. Choose it before you deploy.",
        properties=_TAGS,
    )
