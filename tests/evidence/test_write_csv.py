"""Evidence as CSV has a row for each control and each result, and runs nothing in a spreadsheet."""

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


def test_each_control_and_each_result_has_a_row() -> None:
    assert [(row["row"], row["control"], row["rule"], row["controls"]) for row in rows(FILLED)] == [
        ("control", "C-1", "", ""),
        ("control", "C-2", "", ""),
        ("result", "", "AwsSolutions-S1", "C-1"),
        ("result", "", "SecureDdb-ENC1", "C-1"),
        ("result", "", "R1", ""),
    ]


def test_row_of_a_control_says_how_it_stands() -> None:
    both, person, *_ = rows(FILLED)
    names = ("catalogue", "control title", "control status", "what a person must show", "claims")
    assert [both[name] for name in names] == ["C", "both", "waived", "", ""]
    assert [person[name] for name in names[2:]] == ["manual", "show it", "x: y; z"]


def test_row_of_a_result_says_all_about_it() -> None:
    *_, waived, met, _ = rows(FILLED)

    assert {name: text for name, text in waived.items() if text} == {
        "row": "result",
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
        "controls": "C-1",
    }
    assert (met["status"], met["waived because"], met["line"], met["remedy"]) == ("met", "", "", "")


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
    assert to_csv(EMPTY).startswith('"row","catalogue","control",')
    assert rows(EMPTY) == []
