"""Metrics of tables on CloudWatch dashboards."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, at, is_unknown
from secure_ddb.landscape.alarms import DYNAMODB
from secure_ddb.landscape.tables import tables_by_resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.templates import Templates
    from secure_ddb.landscape.table import Table
    from secure_ddb.landscape.tables import Tables, TablesByResource

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
_SEARCHED = re.compile(rf"\{{{DYNAMODB},[^}}]*TableName[^}}]*\}}\s+MetricName=\"(\w+)\"\s+(?:TableName=)?\"([^\"]+)\"")
_TABLE = "TableName"
# Stands for the same as in the line before: one value, or all that are not written.
_SAME, _ALL_SAME = ".", "..."


class Dashboards:
    """Metrics on the templates' dashboards, as far as readable."""

    def __init__(self, templates: Templates, tables: Tables) -> None:
        """Store the templates."""
        self._templates = templates
        self._tables = tables

    @cached_property
    def shown(self) -> dict[Resource, dict[Table, set[str]]]:
        """Each dashboard that shows a table to the tables and the metrics of DynamoDB that it shows of them."""
        found = {each: self._shown_by(each) for each in self._templates.of_type(kinds.DASHBOARD)}
        return {dashboard: tables for dashboard, tables in found.items() if tables}

    @cached_property
    def tables(self) -> TablesByResource:
        """Each dashboard to the tables that it shows."""
        return tables_by_resource((dashboard, tables) for dashboard, tables in self.shown.items())

    def _shown_by(self, dashboard: Resource) -> dict[Table, set[str]]:
        by_name: defaultdict[str, set[str]] = defaultdict(set)
        for widget in _widgets(dashboard.properties.get("DashboardBody")):
            for name, metric in _metrics(at(widget, "properties", "metrics")):
                by_name[name].add(metric)
        found: dict[Table, set[str]] = {}
        for name, metrics in by_name.items():
            table = self._tables.find(name, dashboard)
            if table is not None:
                found[table] = found.get(table, set()) | metrics
        return found


def _widgets(body: object) -> list[Any]:
    if not isinstance(body, str):
        return []
    try:
        content = json.loads(body)
    except ValueError:
        return []
    return as_list(at(content, "widgets"))


def _metrics(lines: object) -> Iterator[tuple[str, str]]:
    """Yield the name of a table and of a metric for each line of a graph that is of DynamoDB."""
    before: list[Any] = []
    for line in as_list(lines):
        if not isinstance(line, list) or not line:
            continue
        if isinstance(line[0], dict):
            yield from ((name, metric) for metric, name in _SEARCHED.findall(str(line[0].get("expression", ""))))
            continue
        before = _written_out([each for each in line if not isinstance(each, dict)], before)
        names = dict(zip(before[2::2], before[3::2], strict=False))
        if before[0] == DYNAMODB and _TABLE in names and not is_unknown(before[1]):
            yield str(names[_TABLE]), str(before[1])


def _written_out(line: list[Any], before: list[Any]) -> list[Any]:
    """Return a line without its abbreviations.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
    """
    if _ALL_SAME in line:
        position = line.index(_ALL_SAME)
        after = line[position + 1 :]
        line = [*line[:position], *before[position : len(before) - len(after)], *after]
    return [before[place] if each == _SAME and place < len(before) else each for place, each in enumerate(line)]
