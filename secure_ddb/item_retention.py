"""Maximum retention of a table's items by time to live, and a company's requirement for each classification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Duration

from secure_ddb.brief_repr import BriefRepr
from secure_ddb.claim import require_claim_text
from secure_ddb.classification import DataClassification
from secure_ddb.durations import in_days
from secure_ddb.errors import reject, require_type
from secure_ddb.table_evidence import ITEM_RETENTION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secure_ddb.context import TableContext

    # Classification to for how long its items are kept at most.
    Longest = Mapping[DataClassification, Duration]


@dataclass(frozen=True, kw_only=True, repr=False)
class ItemRetention(BriefRepr):
    """For how long the table keeps an item at most: until the time in its `time_to_live_attribute`.

    DynamoDB deletes within a few days after that time, and never an item without it. Nothing here can see what the
    application writes, so it is a claim, and the evidence shows it as such.

    Attributes:
        longest: From when an item is written until that time, in whole days.
        stated_by: Source of the claim that the application writes it to each item, such as a ticket.

    Raises:
        InvalidArgumentError: It is not in whole days, or has no source.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
    """

    longest: Duration
    stated_by: str

    def __post_init__(self) -> None:
        """Check both."""
        _require_days("item_retention.longest", self.longest)
        require_claim_text("item_retention.stated_by", self.stated_by)


@dataclass(frozen=True, kw_only=True, repr=False)
class UnlimitedRetention(BriefRepr):
    """Items are kept without an end, although the company demands one for tables of this classification.

    Attributes:
        reason: Why; shown in the summary.
        approved_by: By whose approval, such as a ticket.

    Raises:
        InvalidArgumentError: One of them is empty.
    """

    reason: str
    approved_by: str

    def __post_init__(self) -> None:
        """Check both."""
        require_claim_text("item_retention.reason", self.reason)
        require_claim_text("item_retention.approved_by", self.approved_by)


def check_item_retention(
    context: TableContext,
    given: ItemRetention | UnlimitedRetention | None,
    attribute: str | None,
    longest: Longest | None,
) -> None:
    """Check against the company's requirement, and record the choice.

    Args:
        context: The table's.
        given: The table's argument.
        attribute: Its time to live attribute.
        longest: The company's maximum.

    Raises:
        InvalidArgumentError: It is too long or missing, or the table has no time to live.
    """
    if given is not None:
        require_type(
            "item_retention", given, (ItemRetention, UnlimitedRetention), "ItemRetention, UnlimitedRetention or None"
        )
    most = (longest or {}).get(context.classification)
    if isinstance(given, UnlimitedRetention):
        if most is None:
            reject("item_retention", given, f"ItemRetention or None: no retention is required for {_name(context)}")
        context.evidence.settings[ITEM_RETENTION] = f"no end: {given.reason} (approved by {given.approved_by})"
        return
    # A table that goes away with its stack takes its items along.
    if most is not None and not context.lifecycle.is_ephemeral:
        _check_demanded(context, given, in_days(most, ITEM_RETENTION))
    if given is None:
        return
    if attribute is None:
        reject("time_to_live_attribute", None, "the attribute with the time at which an item ends, by item_retention")
    days = in_days(given.longest, ITEM_RETENTION)
    context.evidence.settings[ITEM_RETENTION] = f"at most {days} days, by {attribute}"
    context.evidence.claims[ITEM_RETENTION] = (
        f"the application writes {attribute} to each item, at most {days} days ahead (stated by {given.stated_by})"
    )


def _check_demanded(context: TableContext, given: ItemRetention | None, most: int) -> None:
    allowed = f"an ItemRetention of {most} days or less for {_name(context)}, by the TableDefaults"
    if given is None:
        reject("item_retention", None, f"{allowed}, or an UnlimitedRetention with a reason")
    days = in_days(given.longest, ITEM_RETENTION)
    if days > most:
        reject(
            "item_retention.longest", f"{days} days", f"{most} days or less for {_name(context)}, by the TableDefaults"
        )


def require_longest(argument: str, longest: object) -> None:
    """Reject anything but a retention per classification.

    Raises:
        InvalidArgumentError: It is none.
    """
    if not isinstance(longest, Mapping):
        reject(argument, longest, "a dict of DataClassification to Duration, or None")
    for classification, duration in longest.items():
        require_type(f"{argument} key", classification, DataClassification)
        _require_days(f"{argument}[{classification.name}]", duration)


def strictest(all_: Iterable[Longest]) -> dict[DataClassification, Duration] | None:
    """Return the shortest of each classification; None if there are none at all."""
    shortest: dict[DataClassification, Duration] = {}
    for each in all_:
        for classification, duration in each.items():
            known = shortest.get(classification)
            if known is None or in_days(duration, ITEM_RETENTION) < in_days(known, ITEM_RETENTION):
                shortest[classification] = duration
    return shortest or None


def _require_days(argument: str, duration: object) -> None:
    if not isinstance(duration, Duration):
        reject(argument, duration, "Duration")
    if in_days(duration, argument) < 1:
        reject(argument, "0 days", "1 day or more")


def _name(context: TableContext) -> str:
    return context.classification.name
