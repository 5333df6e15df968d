"""The cost estimate of an app."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.cost.fixed import fixed_lines
from secure_ddb.cost.model import Assumptions, Estimate, SharedCost, TableCost, total
from secure_ddb.cost.per_gb import lines_per_gb
from secure_ddb.cost.per_writes import COMPRESSED, lines_per_million_writes, with_full_batches
from secure_ddb.cost.restore_tests import restore_lines
from secure_ddb.cost.scheduled_functions import scheduled_lines
from secure_ddb.cost.serving import not_estimated, tables_served
from secure_ddb.cost.sharing import sharing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cost.model import Line
    from secure_ddb.cost.prices import Prices
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table

# Where a SecureTable has the resource of its table.
_WITHIN = "/Table/Resource"


def estimate(assembly: Assembly, prices: Prices, assumptions: Assumptions | None = None) -> Estimate:
    """Return the cost of an app by list prices, without free tiers, discounts, taxes and data transfer.

    Raises:
        UnknownRegionError: There are no prices for the Region of a table or of a resource that is charged for.
    """
    assumptions = assumptions or Assumptions()
    for table in assembly.tables:
        prices.require(table.resource.region)
    served = tables_served(assembly)
    own: defaultdict[Table, list[Line]] = defaultdict(list)
    shared: defaultdict[tuple[Table, ...], list[Line]] = defaultdict(list)
    other: list[Line] = []
    for resource in _charged(assembly, prices):
        tables = tuple(served.get(resource, ()))
        lines = own[tables[0]] if len(tables) == 1 else shared[tables] if tables else other
        lines += fixed_lines(resource, prices, len(tables))
    other += scheduled_lines(assembly, prices)
    return Estimate(
        prices_of=prices.day,
        read_from=prices.read_from,
        warnings=tuple(_warnings(assembly, prices)),
        assumptions=tuple(_in_words(assumptions)),
        tables=tuple(_table(table, own[table], assembly, prices, assumptions) for table in assembly.tables),
        shared=tuple(
            SharedCost(tables=tuple(_name(table, assembly) for table in tables), lines=_merged(lines))
            for tables, lines in shared.items()
        ),
        other=_merged(other),
        sharing=sharing(assembly, served, prices),
        not_estimated=not_estimated(assembly),
    )


def _charged(assembly: Assembly, prices: Prices) -> Iterator[Resource]:
    """Yield the resources that have a fixed cost."""
    for resources in assembly.by_type.values():
        for resource in resources:
            if fixed_lines(resource, prices):
                prices.require(resource.region)
                yield resource


def _table(
    table: Table, monthly: list[Line], assembly: Assembly, prices: Prices, assumptions: Assumptions
) -> TableCost:
    per_writes = lines_per_million_writes(table, assembly, prices, assumptions)
    full = None
    if assumptions.records_per_batch is None:
        assumed = with_full_batches(table, assembly, assumptions)
        least = total(lines_per_million_writes(table, assembly, prices, assumed))
        full = least if least < total(per_writes) else None
    return TableCost(
        name=_name(table, assembly),
        region=table.resource.region,
        monthly=_merged([*monthly, *restore_lines(table, assembly, prices)]),
        per_gb=tuple(lines_per_gb(table, assembly, prices)),
        per_million_writes=tuple(per_writes),
        full_batches=full,
        notes=tuple(_notes(table, assembly)),
    )


def _merged(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Return lines of the same in one, the largest first."""
    found: dict[object, Line] = {}
    for line in lines:
        key = (line.what, line.region, line.price, line.quantity is None)
        known = found.get(key)
        if known is None:
            found[key] = line
        else:
            quantity = None if known.quantity is None or line.quantity is None else known.quantity + line.quantity
            resources, detail = (*known.resources, *line.resources), known.detail or line.detail
            found[key] = replace(known, quantity=quantity, resources=resources, detail=detail)
    return tuple(sorted(found.values(), key=lambda line: (line.after_rotations, line.cost is None, -(line.cost or 0))))


def _name(table: Table, assembly: Assembly) -> str:
    resource = table.resource
    path = assembly.paths.get((resource.template.file, resource.logical_id), "") or resource.construct_path
    return path.removesuffix(_WITHIN) or f"{resource.template.name}/{resource.logical_id}"


def _notes(table: Table, assembly: Assembly) -> Iterator[str]:
    properties = table.resource.properties
    mode = properties.get("BillingMode")
    if mode != "PAY_PER_REQUEST":
        what = "writes may be" if is_unknown(mode) else "writes are"
        yield f"{what} billed as provisioned capacity, by the hour: not in these figures"
    if table.has_indexes:
        yield "indexes: each adds up to as much storage and as many write units again, not in these figures"
    if any(selects is None for _, selects in assembly.backup.selections.get(table, ())):
        yield "whether all these backup plans select the table is known only at deployment"
    others = assembly.audit.stream_consumers.get(table, [])[1:]
    if others:
        yield "the stream's other consumers are not in these figures"


def _warnings(assembly: Assembly, prices: Prices) -> Iterator[str]:
    if prices.are_old(assembly.today):
        days = prices.days_old(assembly.today)
        yield f"the prices are {days:,} days old; check the important ones on the pages listed in docs/cost.md"
    regions = sorted({table.resource.region for table in assembly.tables} - set(prices.regions))
    if regions:
        yield f"there are no prices for {', '.join(regions)}: the prices of {prices.instead} are used instead"


def _in_words(assumptions: Assumptions) -> Iterator[str]:
    yield f"a written item has {assumptions.item_bytes:,} bytes, and is not written in a transaction"
    batch = assumptions.records_per_batch
    yield (
        f"Lambda passes {batch or 1:,} {'change' if (batch or 1) == 1 else 'changes'} at once to the audit function"
        + ("" if batch else ", which costs most")
    )
    yield f"an invocation of it takes {assumptions.invocation_milliseconds:,} ms, which was not measured in AWS"
    yield f"a line of the audit log has {assumptions.line_bytes:,} bytes, {COMPRESSED:.0%} of that compressed"
    yield "the account has opted in to cold storage for DynamoDB backups, where a plan uses it"
    yield "nothing fails: failure buckets are empty, and no key is throttled"
