"""Notes for readers of a timeline."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MOST_NAMED = 20


@dataclass
class Notes:
    """What was seen while reading.

    Attributes:
        failures: Lines about changes that could not be logged. They say neither when nor which item.
        lines_without_who: Changes at the time asked for that a principal could have made; lines do not say who.
        digests_not_compared: Lines that name their item by a digest, while only keys are asked for.
        keys_not_compared: Calls that name items by keys, while only digests are asked for.
        possible: Searches of the table that may have returned the item, and were not asked for.
        hidden_keys: PartiQL statements whose keys CloudTrail redacts.
        duplicates: Events that the input has more than once.
        unreadable: How much in the input is neither line nor record.
        first_unreadable: The first of it: the place and the reason.
    """

    failures: int = 0
    lines_without_who: int = 0
    digests_not_compared: int = 0
    keys_not_compared: int = 0
    possible: int = 0
    hidden_keys: int = 0
    duplicates: int = 0
    unreadable: int = 0
    first_unreadable: list[tuple[str, str]] = field(default_factory=list)

    def cannot_read(self, where: str, reason: str) -> None:
        """Count unreadable input, and keep the first of it."""
        self.unreadable += 1
        if len(self.first_unreadable) < MOST_NAMED:
            self.first_unreadable.append((where, reason))

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as it goes into JSON."""
        return {
            "failures": self.failures,
            "lines_without_who": self.lines_without_who,
            "digests_not_compared": self.digests_not_compared,
            "keys_not_compared": self.keys_not_compared,
            "possible": self.possible,
            "hidden_keys": self.hidden_keys,
            "duplicates": self.duplicates,
            "unreadable": {
                "count": self.unreadable,
                "first": [{"where": where, "reason": reason} for where, reason in self.first_unreadable],
            },
        }

    def sentences(self) -> list[str]:
        """Return it in words, as far as there is anything."""
        said = [
            (self.failures, "lines are about changes that could not be logged: neither when nor which item"),
            (self.lines_without_who, "changes in that time are left out: the audit log does not say who made them"),
            (self.digests_not_compared, "lines name their item by a digest only, and no --digest is given"),
            (self.keys_not_compared, "calls name items by their keys only, and no --item is given"),
            (self.possible, "queries, scans and statements may concern the item; --possible lists them"),
            (self.hidden_keys, "PartiQL statements may concern it, too: CloudTrail has redacted their keys"),
            (self.duplicates, "events were there more than once and are shown once"),
            (self.unreadable, "pieces of the input are neither a line of a trail nor a record of CloudTrail"),
        ]
        return [f"{count:,} {text}" for count, text in said if count]
