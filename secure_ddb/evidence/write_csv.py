"""Evidence for spreadsheets: a row for each control, then one for each result.

A row for each result of each control would be easier to pivot, and of 200 tables larger than spreadsheets open.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from io import StringIO
from typing import TYPE_CHECKING

from secure_ddb.evidence.model import Location, Status, WaivedBy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from secure_ddb.evidence.model import ControlFacts, Evidence, Result

_SEVERAL = "; "
_NO_WAIVER, _NO_LOCATION = WaivedBy(reason=""), Location(file="", line=0)
_CONTROL_COLUMNS: dict[str, Callable[[ControlFacts], object]] = {
    "catalogue": lambda control: control.catalogue,
    "control": lambda control: control.id,
    "control title": lambda control: control.title,
    "control status": lambda control: control.status.value,
    "what a person must show": lambda control: control.manual,
    "claims": lambda control: _SEVERAL.join(control.claims),
}
_RESULT_COLUMNS: dict[str, Callable[[Result], object]] = {
    "pack": lambda result: result.pack,
    "rule": lambda result: result.rule,
    "which": lambda result: result.key,
    "status": lambda result: result.status.value,
    "severity": lambda result: result.severity,
    "title": lambda result: result.title,
    "detail": lambda result: result.detail,
    "stack": lambda result: result.stack,
    "template": lambda result: result.template,
    "logical id": lambda result: result.logical_id,
    "resource type": lambda result: result.resource_type,
    "property": lambda result: result.property_path,
    "construct": lambda result: result.construct,
    "file": lambda result: (result.location or _NO_LOCATION).file,
    "line": lambda result: (result.location or _NO_LOCATION).line,
    "tables": lambda result: _SEVERAL.join(result.tables),
    "waived because": lambda result: (result.waived_by or _NO_WAIVER).reason,
    "approved by": lambda result: (result.waived_by or _NO_WAIVER).approved_by,
    "expires": lambda result: (result.waived_by or _NO_WAIVER).expires,
    "acknowledged at": lambda result: (result.waived_by or _NO_WAIVER).construct,
    # A met result needs no remedy, and most are met.
    "remedy": lambda result: "" if result.status is Status.MET else result.remedy,
    "source": lambda result: result.source,
}
# A spreadsheet takes a cell that begins so for a formula, and runs it.
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - full-width ones as well


def to_csv(evidence: Evidence) -> str:
    """Return evidence as CSV with a header."""
    written = StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(("row", *_CONTROL_COLUMNS, *_RESULT_COLUMNS, "controls", "by design"))
    for row in _rows(evidence):
        writer.writerow([_harmless(str(cell or "")) for cell in row])
    return written.getvalue()


def _rows(evidence: Evidence) -> Iterator[tuple[object, ...]]:
    served: defaultdict[int, list[str]] = defaultdict(list)
    for control in evidence.controls:
        cells = (cell_of(control) for cell_of in _CONTROL_COLUMNS.values())
        yield ("control", *cells, *("" for _ in _RESULT_COLUMNS), "", "")
        for position in control.results:
            served[position].append(control.id)
    for position, result in enumerate(evidence.results):
        cells = (cell_of(result) for cell_of in _RESULT_COLUMNS.values())
        by_design = "yes" if result.by_design else ""
        yield ("result", *("" for _ in _CONTROL_COLUMNS), *cells, _SEVERAL.join(served[position]), by_design)


def _harmless(cell: str) -> str:
    """Put an apostrophe in front of a cell that spreadsheets would take for a formula, so that it is text."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
