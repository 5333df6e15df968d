"""Amounts and sums in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cost.model import total, unknown
from secure_ddb.counted import counted

if TYPE_CHECKING:
    from secure_ddb.cost.model import Estimate, Sharing

_SMALL = 0.095


def usd(amount: float) -> str:
    """Return US dollars with cents, or more digits where cents would show next to nothing."""
    return f"{amount:,.2f}" if amount == 0 or amount >= _SMALL else f"{amount:,.4f}"


def fixed_in_words(found: Estimate) -> str:
    """Write the monthly cost of all resources."""
    fixed, rotated = total(found.fixed), total(found.fixed, rotated=True)
    later = f", USD {usd(rotated)} after two key rotations" if rotated > fixed else ""
    left = f", without {counted(len(unknown(found.fixed)), 'price')} not known" if unknown(found.fixed) else ""
    tables = counted(len(found.tables), "table")
    return f"USD {usd(fixed)} a month for {tables}{later}, before use{left}; an estimate by prices of {found.prices_of}"


def sharing_in_words(sharing: Sharing) -> str:
    """Write what tables of a Region would save by sharing."""
    further = (
        f"one more table costs about USD {usd(sharing.own_table)} a month with resources of its own, "
        f"{usd(sharing.sharing_table)} with shared ones"
    )
    if sharing.tables == 1:
        return f"sharing in {sharing.region}: {further}"
    return (
        f"sharing in {sharing.region}: what {sharing.tables:,} tables have each for themselves costs "
        f"USD {usd(sharing.today)} a month, {usd(sharing.shared)} if they shared what they can, "
        f"so {usd(sharing.saving)} less; {further}"
    )
