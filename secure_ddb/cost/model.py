"""The parts of an estimate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


@dataclass(frozen=True, kw_only=True)
class Line:
    """Something that AWS charges for.

    Attributes:
        what: What it is, such as `KMS keys`.
        quantity: How many units; None if it is not known.
        price: US dollars for a unit; None if it is not known.
        price_name: The price's name in `prices.json`.
        region: The Region whose price it is.
        detail: A note on the quantity.
        after_rotations: Whether it is charged only once a key has been rotated twice.
        resources: The charged resources, each as `stack/logical id`.
    """

    what: str
    quantity: float | None
    price: float | None
    price_name: str
    region: str
    detail: str = ""
    after_rotations: bool = False
    resources: tuple[str, ...] = ()

    @property
    def cost(self) -> float | None:
        """US dollars; None if they are not known, which is not zero."""
        return None if self.quantity is None or self.price is None else self.quantity * self.price


def total(lines: Iterable[Line], *, rotated: bool = False) -> float:
    """Return the sum of the known costs, with the keys as created or as rotated twice."""
    return sum(line.cost or 0 for line in lines if rotated or not line.after_rotations)


def unknown(lines: Iterable[Line]) -> list[Line]:
    """Return the charges that are not in the sum."""
    return [line for line in lines if line.cost is None]


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """Values that templates do not contain.

    Attributes:
        item_bytes: Size of an item that is written.
        records_per_batch: Changes that Lambda hands to the audit function at once; None for the worst case, 1.
        line_bytes: Size of a line of the audit log.
        invocation_milliseconds: Billed duration of an invocation of the audit function.
    """

    item_bytes: int = 1024
    records_per_batch: int | None = None
    line_bytes: int = 490
    invocation_milliseconds: int = 50


@dataclass(frozen=True, kw_only=True)
class TableCost:
    """What a table costs.

    Attributes:
        name: Path of its construct, or `stack/logical id`.
        region: Where it is.
        monthly: Fixed cost of resources that serve this table alone.
        per_gb: For each GB of items and month.
        per_million_writes: For each million writes, including their storage for the whole retention.
        full_batches: Sum of `per_million_writes` if all batches are full; None if it makes no difference.
        notes: Costs that these figures leave out.
    """

    name: str
    region: str
    monthly: tuple[Line, ...]
    per_gb: tuple[Line, ...]
    per_million_writes: tuple[Line, ...]
    full_batches: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def regions(self) -> tuple[str, ...]:
        """The Regions of its charges, its own first."""
        lines = (*self.monthly, *self.per_gb, *self.per_million_writes)
        return tuple(dict.fromkeys((self.region, *sorted({line.region for line in lines}))))


@dataclass(frozen=True, kw_only=True)
class SharedCost:
    """The fixed cost of resources that serve several tables.

    Attributes:
        tables: Their names.
        lines: The monthly charges.
    """

    tables: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def for_each(self) -> float:
        """The part of one table if all bear the same, for information."""
        return total(self.lines) / len(self.tables)


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """The fixed monthly cost of an account and Region as it is, and with all possible sharing.

    Attributes:
        account: The account, or a placeholder.
        region: The Region.
        tables: How many tables there are.
        today: Their cost as they are.
        shared: Their cost with sharing.
        own_table: Average cost of one more table that shares nothing.
        sharing_table: Cost of one more table that shares.
    """

    account: str
    region: str
    tables: int
    today: float
    shared: float
    own_table: float
    sharing_table: float

    @property
    def saving(self) -> float:
        """How much less it would be."""
        return self.today - self.shared


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """The cost of an app.

    Attributes:
        prices_of: When the prices were read.
        read_from: Where they were read.
        warnings: Reasons to doubt the estimate as a whole.
        assumptions: The assumptions, in words.
        tables: What each table costs.
        shared: The fixed cost of resources that serve several tables.
        other: The fixed cost of resources that serve no table.
        sharing: What sharing would save.
        not_estimated: Resource type to number of resources that are in none of these figures.
    """

    prices_of: date
    read_from: str
    warnings: tuple[str, ...]
    assumptions: tuple[str, ...]
    tables: tuple[TableCost, ...]
    shared: tuple[SharedCost, ...]
    other: tuple[Line, ...]
    sharing: tuple[Sharing, ...]
    not_estimated: dict[str, int]

    @property
    def fixed(self) -> list[Line]:
        """All that is charged each month."""
        own = [line for table in self.tables for line in table.monthly]
        return [*own, *(line for each in self.shared for line in each.lines), *self.other]
