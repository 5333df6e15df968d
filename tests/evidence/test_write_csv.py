"""Evidence as CSV has a row for each result of each control, and runs nothing in a spreadsheet."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from secure_ddb.evidence.write_csv import to_csv
from tests.evidence.filled import EMPTY, FILLED, MET

if TYPE_CHECKING:
    from secure_ddb.evidence.model import Evidence


def rows(evidence: Evidence) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(to_csv(evidence))))


def test_each_result_of_each_control_has_a_row() -> None:
    assert [(row["control"], row["rule"]) for row in rows(FILLED)] == [
        ("C-1", "AwsSolutions-S1"),
        ("C-1", "SecureDdb-ENC1"),
        ("C-2", ""),
        ("", "R1"),
    ]


def test_row_says_all_about_its_control_and_its_result() -> None:
    first, second, person, _ = rows(FILLED)

    assert first == {
        "catalogue": "C",
        "control": "C-1",
        "control title": "both",
        "control status": "waived",
        "what a person must show": "",
        "claims": "",
        "pack": "AwsSolutions",
        "rule": "AwsSolutions-S1",
        "which": "eu-central-1",
        "status": "waived",
        "severity": "error",
        "title": "Server access logs are on",
        "detail": 'it says "no", and a line\nmore',
        "stack": "Orders",
        "template": "Orders.template.json",
        "logical id": "Bucket",
        "resource type": "AWS::S3::Bucket",
        "property": "Properties.LoggingConfiguration",
        "construct": "Orders/Bucket",
        "file": "app.py",
        "line": "7",
        "tables": "Orders/Table; Orders/Other",
        "waived because": "a trial",
        "approved by": "SEC-1",
        "expires": "2030-06-30",
        "acknowledged at": "Orders",
        "remedy": "Name a bucket.",
        "source": "https://example.com/S1",
    }
    assert (second["status"], second["waived because"], second["line"], second["remedy"]) == ("met", "", "", "")
    assert (person["control status"], person["what a person must show"], person["claims"]) == (
        "manual",
        "show it",
        "x: y; z",
    )


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("https://example.com")',
        "+1+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "＝1",  # noqa: RUF001 - what some spreadsheets take for an equals sign
    ],
)
def test_cell_that_a_spreadsheet_takes_for_a_formula_becomes_text(text: str) -> None:
    evidence = replace(FILLED, results=(replace(MET, title=text, construct=text),), controls=())

    (row,) = csv.DictReader(StringIO(to_csv(evidence), newline=""))

    assert (row["title"], row["construct"]) == (f"'{text}", f"'{text}")


def test_other_cells_stay_as_they_are() -> None:
    title = "a=b, c-d; Größe 'x' @home"

    (row,) = rows(replace(FILLED, results=(replace(MET, title=title),), controls=()))

    assert row["title"] == title


def test_evidence_without_results_has_a_header_only() -> None:
    assert to_csv(EMPTY).startswith('"catalogue","control",')
    assert rows(EMPTY) == []
