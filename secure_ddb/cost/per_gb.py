"""The monthly cost of a GB of a table's items: the table, and its copies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import as_bool
from secure_ddb.cost.backups import copies_sent, recovery_points
from secure_ddb.cost.model import Line
from secure_ddb.cost.restore_tests import restores_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cost.backups import Kept
    from secure_ddb.cost.prices import Prices
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Replica, Table

INFREQUENT_ACCESS = "STANDARD_INFREQUENT_ACCESS"


def lines_per_gb(table: Table, assembly: Assembly, prices: Prices) -> list[Line]:
    """Return the monthly cost of a GB of items."""
    lines = [line for replica in table.replicas for line in _of_replica(table, replica, prices)]
    for selection, _ in assembly.backup.selections.get(table, ()):
        plan = assembly.backup.plan_of(selection)
        for kept in recovery_points(plan) if plan else ():
            lines += _of_rule(kept, prices)
        for sent in copies_sent(plan) if plan else ():
            what = f"copies sent to {sent.to}, rule {sent.rule}"
            lines.append(_gb(what, sent.per_month, "backup_copy_transfer", table.resource.region, prices))
    for restores in restores_of(table, assembly):
        what = f"restores by the test {restores.plan}"
        lines.append(_gb(what, restores.per_month, "backup_restore", table.resource.region, prices))
    return [*lines, *_of_exports(table, assembly, prices)]


def table_class(table: Table, replica: Replica) -> str:
    """Return the ending of a price's name for a table's class."""
    chosen = replica.at("TableClass") or table.resource.properties.get("TableClass")
    return "_infrequent_access" if chosen == INFREQUENT_ACCESS else ""


def _of_replica(table: Table, replica: Replica, prices: Prices) -> Iterator[Line]:
    where = f" in {replica.region}" if len(table.replicas) > 1 else ""
    yield _gb(f"table storage{where}", 1, f"table_storage{table_class(table, replica)}", replica.region, prices)
    # Charged for the table's size, however long the recovery period is.
    if as_bool(replica.at("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")):
        yield _gb(f"point-in-time recovery{where}", 1, "point_in_time_recovery", replica.region, prices)


def _of_exports(table: Table, assembly: Assembly, prices: Prices) -> Iterator[Line]:
    """Yield that exports on a schedule cost something. How many there are, only the code that requests them knows."""
    detail = "see docs/exports.md"
    region = table.resource.region
    if any(table in tables for tables in assembly.item_copies.exporters.values()):
        yield replace(_gb("exports on a schedule", None, "table_export", region, prices), detail=detail)
    if any(table in tables for tables in assembly.item_copies.export_buckets.values()):
        yield replace(_gb("exports kept, compressed", None, "bucket_storage", region, prices), detail=detail)


def _of_rule(kept: Kept, prices: Prices) -> Iterator[Line]:
    for temperature, copies in (("warm", kept.warm), ("cold", kept.cold)):
        if copies != 0:
            what = f"full copies in {temperature} storage, rule {kept.rule}"
            detail = kept.reason if copies is None else ""
            line = _gb(what, copies, f"backup_{temperature}_storage", kept.region, prices)
            yield replace(line, detail=detail)


def _gb(what: str, quantity: float | None, price_name: str, region: str, prices: Prices) -> Line:
    price = prices.find(price_name, region)
    return Line(what=what, quantity=quantity, price=price, price_name=price_name, region=region)
