"""Evidence for spreadsheets: a row for each control, then one for each result.

A row for each result of each control would be easier to pivot, and of 200 tables larger than spreadsheets open.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from io import StringIO
from typing import TYPE_CHECKING

from secure_ddb.evidence.model import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.evidence.model import ControlFacts, Evidence, Result

_ROW = "row"
_OF_CONTROL = ("catalogue", "control", "control title", "control status", "what a person must show", "claims")
_OF_RESULT = (
    "pack",
    "rule",
    "which",
    "status",
    "severity",
    "title",
    "detail",
    "stack",
    "template",
    "logical id",
    "resource type",
    "property",
    "construct",
    "file",
    "line",
    "tables",
    "waived because",
    "approved by",
    "expires",
    "acknowledged at",
    "remedy",
    "source",
    "controls",
    "by design",
)
# A spreadsheet takes a cell that begins so for a formula, and runs it.
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - full-width ones as well
_SEVERAL = "; "


def to_csv(evidence: Evidence) -> str:
    """Return evidence as CSV with a header."""
    written = StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow((_ROW, *_OF_CONTROL, *_OF_RESULT))
    for row in _rows(evidence):
        writer.writerow([_harmless(cell) for cell in row])
    return written.getvalue()


def _rows(evidence: Evidence) -> Iterator[tuple[str, ...]]:
    no_control, no_result = ("",) * len(_OF_CONTROL), ("",) * len(_OF_RESULT)
    served: defaultdict[int, list[str]] = defaultdict(list)
    for control in evidence.controls:
        yield ("control", *_control_cells(control), *no_result)
        for position in control.results:
            served[position].append(control.id)
    for position, result in enumerate(evidence.results):
        yield ("result", *no_control, *_result_cells(result), _SEVERAL.join(served[position]), _by_design(result))


def _control_cells(control: ControlFacts) -> tuple[str, ...]:
    claims = _SEVERAL.join(control.claims)
    return (control.catalogue, control.id, control.title, control.status.value, control.manual, claims)


def _result_cells(result: Result) -> tuple[str, ...]:
    waived, location = result.waived_by, result.location
    return (
        result.pack,
        result.rule,
        result.key,
        result.status.value,
        result.severity,
        result.title,
        result.detail,
        result.stack,
        result.template,
        result.logical_id,
        result.resource_type,
        result.property_path,
        result.construct,
        location.file if location else "",
        str(location.line) if location else "",
        _SEVERAL.join(result.tables),
        waived.reason if waived else "",
        waived.approved_by if waived else "",
        waived.expires.isoformat() if waived and waived.expires else "",
        waived.construct if waived else "",
        # There is nothing to do about what is met, and most is.
        "" if result.status is Status.MET else result.remedy,
        result.source,
    )


def _by_design(result: Result) -> str:
    return "yes" if result.by_design else ""


def _harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: with an apostrophe in front it is text."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
