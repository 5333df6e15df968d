"""Compares the logs that the Regions of a table keep: which changes only one of them has."""

from __future__ import annotations

import json
from itertools import combinations, groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from secure_ddb.audit_trail.verify.entry import shown
from secure_ddb.audit_trail.verify.events import temporary_database
from secure_ddb.audit_trail.verify.histories import Change, differences, effect_of
from secure_ddb.audit_trail.verify.line import digest
from secure_ddb.audit_trail.verify.region_report import RegionReport
from secure_ddb.audit_trail.verify.report import Kind, moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.audit_trail.verify.line import Line
    from secure_ddb.audit_trail.verify.report import Report

# Replication takes about a second and writing a line some more; what was made last may be on its way.
_RECENT_SECONDS = 15 * 60

_CACHE_KIB = 24_576
_TABLES = """
    CREATE TABLE changes (name TEXT, item BLOB, region TEXT, number TEXT, effect TEXT, created REAL, id TEXT,
        action TEXT, place TEXT, key TEXT);
"""

_NO_ITEM = (
    "no item is in the logs of both {first} and {second}. Digests under different keys are different, so they say "
    "nothing of each other: the Regions need a common digest key"
)


class _Period(NamedTuple):
    begin: float
    end: float


class RegionComparison:
    """The changes of tables, item by item, kept on disk."""

    def __init__(self) -> None:
        """Begin with none, in a temporary file that sqlite deletes when it is closed."""
        self._database = temporary_database(_TABLES, _CACHE_KIB)

    def take(self, line: Line, where: str) -> None:
        """Remember a change, once for all lines about it."""
        fields: dict[str, Any] = json.loads(line.body + b"}")
        key = fields.get("key") or json.dumps(fields["keys"], sort_keys=True)
        # Of the same width, so that they sort like numbers.
        number = fields["sequence_number"].zfill(40)
        effect = json.dumps(effect_of(fields))
        row = (line.table, digest(key.encode()), fields["region"], number, effect, line.created, line.event_id)
        self._database.execute(
            "INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, fields["action"], where, shown(key))
        )

    def finish(self, report: Report) -> None:
        """Compare the logs of each table's Regions with each other, and report what only one of them has."""
        found = report.regions = RegionReport()
        for table, periods in self._periods().items():
            found.regions[table] = sorted(periods)
            pairs = [
                pair for pair in combinations(sorted(periods), 2) if self._have_items_in_common(report, table, pair)
            ]
            newest = max(each.end for each in periods.values())
            for key, histories in self._items(table) if pairs else ():
                for pair in pairs:
                    if not histories.keys().isdisjoint(pair):
                        found.items += 1
                        item = _Item(report, found, key, pair, [periods[region].begin for region in pair], newest)
                        item.compare(*(histories.get(region, []) for region in pair))

    def _periods(self) -> dict[str, dict[str, _Period]]:
        query = "SELECT name, region, min(created), max(created) FROM changes GROUP BY name, region"
        found: dict[str, dict[str, _Period]] = {}
        for table, region, begin, end in self._database.execute(query):
            found.setdefault(table, {})[region] = _Period(begin, end)
        return found

    def _have_items_in_common(self, report: Report, table: str, pair: tuple[str, str]) -> bool:
        items = "SELECT item FROM changes WHERE name = ? AND region = ?"
        query = f"SELECT 1 FROM ({items} INTERSECT {items}) LIMIT 1"  # noqa: S608 - of constants
        if self._database.execute(query, (table, pair[0], table, pair[1])).fetchone():
            return True
        report.add(Kind.ONE_REGION, f"table {table}", _NO_ITEM.format(first=pair[0], second=pair[1]))
        return False

    def _items(self, table: str) -> Iterator[tuple[str, dict[str, list[Change]]]]:
        """Return each item as findings name it, with its changes by Region, in their order."""
        query = (
            "SELECT item, key, region, effect, created, id, action, place FROM changes WHERE name = ? "
            "ORDER BY item, region, number"
        )
        for (_, key), rows in groupby(self._database.execute(query, (table,)), lambda row: row[:2]):
            histories: dict[str, list[Change]] = {}
            for _, _, region, effect, *rest in rows:
                states = {name: (before, after) for name, (before, after) in json.loads(effect).items()}
                histories.setdefault(region, []).append(Change(states, *rest))
            yield key, histories

    def close(self) -> None:
        """Delete the file."""
        self._database.close()


class _Item(NamedTuple):
    """An item whose changes in two logs are compared.

    Attributes:
        report: Takes the findings.
        found: Takes the numbers.
        key: The item's key, or its digest.
        regions: The two Regions.
        begins: When the oldest change was made that is in the log of each.
        newest: When the newest change was made that is in any log.
    """

    report: Report
    found: RegionReport
    key: str
    regions: tuple[str, str]
    begins: Sequence[float]
    newest: float

    def compare(self, first: Sequence[Change], second: Sequence[Change]) -> None:
        for difference in differences(first, second):
            if difference.is_combined:
                self.found.combined += len(difference.first) + len(difference.second)
                continue
            for place, changes in enumerate((difference.first, difference.second)):
                for change in changes:
                    self._report_only(change, place)

    def _report_only(self, change: Change, place: int) -> None:
        other = 1 - place
        if change.created < self.begins[other]:
            self.found.before += 1
        elif change.created > self.newest - _RECENT_SECONDS:
            self.found.recent += 1
        else:
            text = (
                f"only {self.regions[place]} has the {change.action} of item {self.key} of {moment(change.created)} "
                f"(event {shown(change.event_id)}), or it is another one in the log of {self.regions[other]}"
            )
            self.report.add(Kind.ONE_REGION, change.where, text)
