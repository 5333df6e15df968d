"""The names of results and tables for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.evidence.places import TABLE_WITHIN

if TYPE_CHECKING:
    from secure_ddb.evidence.model import Result, TableFacts


def finding_name(result: Result) -> str:
    """Return the name by which a finding can be acknowledged."""
    return f"{result.rule}[{result.key}]" if result.key else result.rule


def place_of(result: Result) -> str:
    """Return the construct, or the resource in its template where CDK knows no construct."""
    return result.construct or "/".join(filter(None, (result.template, result.logical_id))) or "the app"


def table_name(table: TableFacts) -> str:
    """Return the path of the SecureTable, or else that of the table."""
    return table.id.removesuffix(TABLE_WITHIN)
