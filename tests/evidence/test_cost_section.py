"""The report says what tables cost: a line in the terminal, a section of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.model import CostFacts
from secure_ddb.evidence.page import page
from secure_ddb.evidence.summary import print_summary
from tests.evidence.written import KEY, assembly, table_with

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from secure_ddb.evidence.model import Evidence
    from tests.template import Template


def printed(evidence: Evidence, directory: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    print_summary(evidence, directory, Console(width=300, highlight=False))
    return [line for line in capsys.readouterr().out.splitlines() if line.startswith("Cost")]


def test_a_table_has_its_figures(tmp_path: Path, minimal: Template, capsys: pytest.CaptureFixture[str]) -> None:
    evidence = collect(assembly(tmp_path, {"Orders": minimal.body["Resources"]}))
    assert evidence.cost is not None
    (table,) = evidence.cost.tables
    assert table.monthly_after_rotations == table.monthly + 2
    assert table.per_million_writes > table.per_million_writes_in_full_batches > 0
    assert table.not_known == ("full copies in cold storage, rule Monthly",)
    (line,) = printed(evidence, tmp_path, capsys)
    assert line.startswith(f"Cost: USD {table.monthly:.2f} a month for 1 table, USD ")
    html = page(evidence)
    assert '<section id="cost"' in html
    assert '<a href="#cost">Cost</a>' in html
    assert f"<td>{table.monthly:.2f}<small>{table.monthly_after_rotations:.2f} once its keys" in html
    assert "full copies in cold storage, rule Monthly" in html


def test_a_region_without_prices_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = assembly(tmp_path, {"Orders": {"Table": table_with()}})
    manifest = directory / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace("eu-central-1", "ap-south-1"), encoding="utf-8")
    evidence = collect(directory)
    (line,) = printed(evidence, tmp_path, capsys)
    assert line.startswith(
        "Cost: not estimated: no prices for the Region ap-south-1; there are prices for eu-central-1"
    )
    assert evidence.cost == CostFacts(summary=line.removeprefix("Cost: "))
    assert "not estimated: no prices" in page(evidence)


def test_without_tables_there_is_no_section(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evidence = collect(assembly(tmp_path, {"Orders": {"Key": KEY}}))
    assert evidence.cost is None
    assert printed(evidence, tmp_path, capsys) == []
    assert 'id="cost"' not in page(evidence)
    assert "#cost" not in page(evidence)
