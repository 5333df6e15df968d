"""AWS's list prices, from `prices.json`: dated, for some Regions, each with where it was read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from secure_ddb.cloudformation.values import REGION

if TYPE_CHECKING:
    from collections.abc import Mapping

# Prices change a few times a year.
_OLD_AFTER_DAYS = 180


class UnknownRegionError(ValueError):
    """There are no prices for a Region."""


class Price(NamedTuple):
    """A price of AWS.

    Attributes:
        what: The charged resource or use.
        unit: The unit that the price is for, such as `GB and month`.
        source: AWS's page or file with the price.
        listed_as: Its name in the price list.
        published: When AWS published it, as an ISO date; empty if it is not known.
        regions: Region to US dollars for one unit. A Region that is missing has no known price.
    """

    what: str
    unit: str
    source: str
    listed_as: str
    published: str
    regions: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Prices:
    """The prices of one day.

    Attributes:
        day: When they were read.
        read_from: Where they were read, a copy of AWS's own files.
        by_name: Stable name to price.
        instead: Region whose prices are used for Regions without prices, or empty.
    """

    day: date
    read_from: str
    by_name: Mapping[str, Price]
    instead: str = ""

    @cached_property
    def regions(self) -> list[str]:
        """The Regions with prices."""
        return sorted({region for price in self.by_name.values() for region in price.regions})

    def find(self, name: str, region: str) -> float | None:
        """Return US dollars for one unit, or None if the price is not known."""
        known = region if region in self.regions else self.instead
        return self.by_name[name].regions.get(known)

    def require(self, region: str) -> None:
        """Reject a Region without prices.

        Raises:
            UnknownRegionError: There are none for it, and no others to be taken instead.
        """
        if region in self.regions or self.instead in self.regions:
            return
        known = ", ".join(self.regions)
        if region == REGION:
            raise UnknownRegionError(f"a template does not say its Region; there are prices for {known}")
        raise UnknownRegionError(f"no prices for the Region {self.instead or region}; there are prices for {known}")

    def days_old(self, today: date) -> int:
        """Return how many days ago they were read."""
        return (today - self.day).days

    def are_old(self, today: date) -> bool:
        """Return whether they may have changed since."""
        return self.days_old(today) > _OLD_AFTER_DAYS


def load_prices(instead: str = "") -> Prices:
    """Return the prices that come with this library.

    Args:
        instead: Region whose prices are used for Regions without prices.
    """
    content = _content()
    return Prices(
        day=date.fromisoformat(content["date"]),
        read_from=content["read_from"],
        by_name={name: Price(**price) for name, price in content["prices"].items()},
        instead=instead,
    )


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(files("secure_ddb.cost").joinpath("prices.json").read_text(encoding="utf-8"))
    return content
