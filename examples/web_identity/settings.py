"""What a company chooses of the profiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, kw_only=True)
class ProfileSettings:
    """From where profiles are written as a whole, and how much clients may ask for.

    Attributes:
        company_networks: Public CIDR blocks of the networks from which the personnel department writes profiles.
        reads_per_second: Most read units of all clients together.
        writes_per_second: Most write units of all clients together.

    Raises:
        ValueError: One of them is not allowed; the message names it.
    """

    company_networks: Sequence[str]
    reads_per_second: int = 500
    writes_per_second: int = 50

    def __post_init__(self) -> None:
        """Check values that AWS would interpret differently; the table itself checks the networks."""
        if isinstance(self.company_networks, str) or not self.company_networks:
            refuse("company_networks", self.company_networks, "a list of CIDR blocks, at least one")
        for name in ("reads_per_second", "writes_per_second"):
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                refuse(name, value, "a whole number from 1 on")


def refuse(name: str, value: object, allowed: str) -> NoReturn:
    """Reject a value, and name its field.

    Raises:
        ValueError: Always.
    """
    raise ValueError(f"{name} is {value!r}; allowed: {allowed}")
