"""An estimate of costs, to read and for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.rule import Rule

from secure_ddb.cli.terminal import report_console
from secure_ddb.cost.model import total, unknown
from secure_ddb.cost.money import fixed_in_words, sharing_in_words, usd
from secure_ddb.counted import counted
from secure_ddb.evidence.grouped import grouped
from secure_ddb.evidence.library import library_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from secure_ddb.cost.model import Estimate, Line, TableCost

_WIDTH = 10
_NOT_KNOWN = "unknown"
_DIGITS = 6
# Of tables that share something.
_MOST_NAMED = 5
# With a line for each, even if several have the same numbers.
_MOST_LISTED = 12


def print_cost(found: Estimate, *, details: bool, console: Console | None = None) -> None:
    """Print the cost of each table and of shared resources; in detail, each charge and assumption."""
    console = console or report_console()
    what = f"Estimate in US dollars by AWS's list prices of {found.prices_of}"
    _print(f"{what}, excluding free tiers, discounts, taxes and data transfer", console)
    for warning in found.warnings:
        _print(f"[yellow]warning:[/] {escape(warning)}", console)
    if details:
        for table in found.tables:
            _print_table(table, console)
    elif found.tables:
        _print_overview(found, console)
    for each in found.shared:
        console.print(Rule(f"shared by {counted(len(each.tables), 'table')}", align="left"))
        part = f"; {usd(each.for_each)} per table if they share it equally"
        whose = f", for {', '.join(each.tables)}" if details or len(each.tables) <= _MOST_NAMED else ""
        _print_lines(f"each month{whose}:", each.lines, part, console)
    if found.other:
        console.print(Rule("for no table", align="left"))
        _print_lines("each month:", found.other, "", console)
    if details:
        console.print(Rule("assumed", align="left"))
        for text in found.assumptions:
            _print(f"- {escape(text)}", console)
    console.print(Rule("result", align="left"))
    _print_result(found, console)
    if not details:
        _print("--details shows each charge and its assumptions", console)


def _print_overview(found: Estimate, console: Console) -> None:
    """Print a line for each table, its name last, so that the numbers stand below each other.

    Of many tables, those of a Region with the same numbers have one line together.
    """
    console.print(Rule("per table", align="left"))
    _print(f"  {'per month':>{_WIDTH}}  {'per GB':>{_WIDTH}}  {'per million writes':>{_WIDTH * 2}}", console)
    together = len(found.tables) > _MOST_LISTED
    for (numbers, region, name), tables in grouped(found.tables, lambda each: _about(each, together=together)).items():
        shown = f"{escape(name or tables[0].name)}[/]"
        if len(tables) > 1:
            shown = f"{counted(len(tables), 'table')}[/], such as {escape(tables[0].name)},"
        _print(f"  {numbers}  [bold]{shown} in {escape(region)}", console)
    if any(unknown((*each.monthly, *each.per_gb, *each.per_million_writes)) for each in found.tables):
        _print("  + charges whose price or quantity is unknown", console)


def _about(table: TableCost, *, together: bool) -> tuple[str, str, str]:
    """Return the numbers of a table, its Region, and its name, unless tables with the same numbers are put together."""
    sums = [_overview_sum(lines) for lines in (table.monthly, table.per_gb, table.per_million_writes)]
    numbers = f"{sums[0]:>{_WIDTH}}  {sums[1]:>{_WIDTH}}  {sums[2]:>{_WIDTH * 2}}"
    return numbers, ", ".join(table.regions), "" if together else table.name


def _overview_sum(lines: Sequence[Line]) -> str:
    return f"{usd(total(lines))}{' +' if unknown(lines) else ''}"


def _print_table(table: TableCost, console: Console) -> None:
    console.print(Rule(f"[bold]{escape(table.name)}[/] in {escape(', '.join(table.regions))}", align="left"))
    rotated = total(table.monthly, rotated=True)
    later = f"; {usd(rotated)} after two rotations of its keys" if rotated > total(table.monthly) else ""
    _print_lines("per month, regardless of use:", table.monthly, later, console)
    _print_lines("per month for each GB of items:", table.per_gb, "", console)
    full = "" if table.full_batches is None else f"; {usd(table.full_batches)} if all batches are full"
    _print_lines("per million writes:", table.per_million_writes, full, console)
    for note in table.notes:
        _print(f"  - {escape(note)}", console)


def _print_lines(title: str, lines: Sequence[Line], note: str, console: Console) -> None:
    _print(f"  {escape(title)}", console)
    regions = sorted({line.region for line in lines})
    for line in lines:
        where = f", {line.region}" if len(regions) > 1 and line.region not in line.what else ""
        _print(f"  {_amount(line)}  {escape(_described(line, where))}", console)
    left = ", without unknown charges" if unknown(lines) else ""
    _print(f"  [bold]{usd(total(lines)):>{_WIDTH}}[/]  [bold]in all{left}[/]{escape(note)}", console)
    for region in regions if len(regions) > 1 else ():
        there = [line for line in lines if line.region == region]
        _print(f"  {usd(total(there)):>{_WIDTH}}  of that in {escape(region)}", console)


def _amount(line: Line) -> str:
    return f"{_NOT_KNOWN if line.cost is None else usd(line.cost):>{_WIDTH}}"


def _described(line: Line, where: str = "") -> str:
    """Return the units and the price of a line."""
    parts = [line.what, where]
    if line.quantity is not None:
        price = "price unknown" if line.price is None else f"at {_exact(line.price)}"
        parts.append(f": {_number(line.quantity)}, {price}")
        if line.price_name.startswith("alarm"):
            parts.append(f", in {counted(len(line.resources), 'alarm')}")
    if line.detail:
        parts.append(f", {line.detail}")
    if line.quantity is None and line.price is None:
        parts.append(": price unknown")
    if line.after_rotations:
        parts.append(", after two rotations")
    return "".join(parts)


def _number(quantity: float) -> str:
    return f"{quantity:,.0f}" if quantity == int(quantity) else f"{quantity:,.2f}"


def _exact(price: float) -> str:
    cents, _, rest = f"{price:.12f}".rstrip("0").partition(".")
    return f"{cents}.{rest.ljust(2, '0')}"


def _print(text: str, console: Console) -> None:
    # In a pipeline's log a line stays one.
    console.print(text, soft_wrap=True)


def _print_result(found: Estimate, console: Console) -> None:
    for each in found.sharing:
        _print(escape(sharing_in_words(each)), console)
    if found.not_estimated:
        named = ", ".join(f"{number:,} {kind}" for kind, number in found.not_estimated.items())
        _print(f"not estimated: {escape(named)}", console)
    _print(f"[bold]{escape(fixed_in_words(found))}[/]", console)


def cost_json(found: Estimate) -> str:
    """Write an estimate as `cost/cost.schema.json` describes it."""
    content = {
        "version": library_version(),
        "currency": "USD",
        "prices_of": found.prices_of.isoformat(),
        "read_from": found.read_from,
        "warnings": found.warnings,
        "assumptions": found.assumptions,
        "fixed": _sum(found.fixed),
        "tables": [_table_json(table) for table in found.tables],
        "shared": [
            {"tables": each.tables, "monthly": _sum(each.lines), "for_each": round(each.for_each, _DIGITS)}
            for each in found.shared
        ],
        "other": _sum(found.other),
        "sharing": [
            {
                "account": each.account,
                "region": each.region,
                "tables": each.tables,
                "today": round(each.today, _DIGITS),
                "shared": round(each.shared, _DIGITS),
                "saving": round(each.saving, _DIGITS),
                "own_table": round(each.own_table, _DIGITS),
                "sharing_table": round(each.sharing_table, _DIGITS),
            }
            for each in found.sharing
        ],
        "not_estimated": found.not_estimated,
    }
    return json.dumps(content, ensure_ascii=False, indent=2)


def _table_json(table: TableCost) -> dict[str, Any]:
    full = table.full_batches
    return {
        "name": table.name,
        "region": table.region,
        "monthly": _sum(table.monthly),
        "per_gb": _sum(table.per_gb),
        "per_million_writes": _sum(table.per_million_writes),
        "full_batches": None if full is None else round(full, _DIGITS),
        "notes": table.notes,
    }


def _sum(lines: Sequence[Line]) -> dict[str, Any]:
    return {
        "known": round(total(lines), _DIGITS),
        "after_rotations": round(total(lines, rotated=True), _DIGITS),
        "not_known": len(unknown(lines)),
        "lines": [
            {
                "what": line.what,
                "quantity": None if line.quantity is None else round(line.quantity, _DIGITS),
                "price": line.price,
                "price_name": line.price_name,
                "region": line.region,
                "cost": None if line.cost is None else round(line.cost, _DIGITS),
                "detail": line.detail,
                "after_rotations": line.after_rotations,
                "resources": line.resources,
            }
            for line in lines
        ],
    }
