"""How often restore tests restore a table. Each restores one recovery point of it, which is a full copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.cost.model import Line
from secure_ddb.cost.schedule import DAYS_OF_MONTH, runs_per_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cost.prices import Prices
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table


class Restores(NamedTuple):
    """The tests of a plan that select a table, for sure or perhaps.

    Attributes:
        plan: The plan's logical id.
        per_month: How many in a month; None if it is not known.
    """

    plan: str
    per_month: float | None


def restores_of(table: Table, assembly: Assembly) -> Iterator[Restores]:
    """Yield the restore tests of a table."""
    for selection, selects in assembly.restore_tests.selections.get(table, ()):
        plan = assembly.restore_tests.plan_of(selection)
        if plan is not None:
            runs = runs_per_day(str(plan.properties.get("ScheduleExpression"))) if selects else None
            yield Restores(plan.logical_id, None if runs is None else runs * DAYS_OF_MONTH)


def restore_lines(table: Table, assembly: Assembly, prices: Prices) -> list[Line]:
    """Return the monthly cost of a table's restore tests, without the restores themselves."""
    region = table.resource.region
    return [
        Line(
            what="restore tests",
            quantity=restores.per_month,
            price=prices.find("restore_test", region),
            price_name="restore_test",
            region=region,
        )
        for restores in restores_of(table, assembly)
    ]
