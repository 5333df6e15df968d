"""The result of a comparison of Regions."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class RegionReport:
    """The result of a comparison of the Regions' logs.

    Attributes:
        regions: Table to its Regions that lines are about.
        items: Items that were compared, once for each two Regions.
        combined: Changes that are not one by one in both logs, and that replication may have combined.
        before: Changes that one log has from before the other log begins.
        recent: Changes that only one log has, and that are too recent to be missed in the other.
    """

    regions: dict[str, list[str]] = field(default_factory=dict)
    items: int = 0
    combined: int = 0
    before: int = 0
    recent: int = 0
