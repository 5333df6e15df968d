"""The tables' cost, as the report shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cost.estimate import estimate
from secure_ddb.cost.model import total, unknown
from secure_ddb.cost.money import fixed_in_words, sharing_in_words
from secure_ddb.cost.prices import UnknownRegionError, load_prices
from secure_ddb.evidence.model import CostFacts, TableCostFacts

if TYPE_CHECKING:
    from secure_ddb.cost.model import TableCost
    from secure_ddb.landscape.assembly import Assembly

_DIGITS = 6


def cost_of(assembly: Assembly) -> CostFacts | None:
    """Estimate the cost of an app; None if it has no tables."""
    if not assembly.tables:
        return None
    try:
        found = estimate(assembly, load_prices())
    except UnknownRegionError as error:
        return CostFacts(summary=f"not estimated: {error}")
    return CostFacts(
        summary=fixed_in_words(found),
        sharing=tuple(map(sharing_in_words, found.sharing)),
        warnings=found.warnings,
        assumptions=found.assumptions,
        tables=tuple(map(_of_table, found.tables)),
    )


def _of_table(table: TableCost) -> TableCostFacts:
    parts = (table.monthly, table.per_gb, table.per_million_writes)
    full = total(table.per_million_writes) if table.full_batches is None else table.full_batches
    return TableCostFacts(
        name=table.name,
        monthly=round(total(table.monthly), _DIGITS),
        monthly_after_rotations=round(total(table.monthly, rotated=True), _DIGITS),
        per_gb=round(total(table.per_gb), _DIGITS),
        per_million_writes=round(total(table.per_million_writes), _DIGITS),
        per_million_writes_in_full_batches=round(full, _DIGITS),
        not_known=tuple(line.what for lines in parts for line in unknown(lines)),
    )
