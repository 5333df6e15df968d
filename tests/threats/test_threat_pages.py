"""The pages in docs/threats/ are what the threat models say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.threats.applications import models
from tests.threats.diagram import diagram
from tests.threats.page import PAGES, page, pages, write
from tests.threats.test_threat_data import planted

if TYPE_CHECKING:
    from pathlib import Path

    from tests.threats.model import ThreatModel


def test_pages_are_current() -> None:
    written = {file.name: file.read_text(encoding="utf-8") for file in PAGES.iterdir()}
    assert written == pages(), "run python -m tests.threats.page, and read the difference"


@pytest.mark.parametrize("model", models(), ids=lambda model: model.name)
def test_a_page_has_every_threat_element_and_flow(model: ThreatModel) -> None:
    text = page(model)
    said = [
        *(each.threat for each in model.threats),
        *(each.reason for each in model.not_applicable),
        *(each.name for each in model.elements),
        *(each.name for each in model.boundaries),
    ]
    assert [each for each in said if each not in text] == []


def test_the_diagram_has_boundaries_elements_and_numbered_flows(tmp_path: Path) -> None:
    assert diagram(planted(tmp_path)).splitlines() == [
        "```mermaid",
        "flowchart TB",
        '  subgraph account["Account"]',
        '    buyer["Buyer"]',
        '    table[("Table")]',
        '    subgraph vpc["VPC"]',
        '      service(["Service"])',
        "    end",
        "  end",
        '  buyer -->|"1 orders"| service',
        '  service -->|"2 orders"| table',
        "  style account fill:none,stroke:#8b949e,stroke-dasharray:6 4",
        "  style vpc fill:none,stroke:#8b949e,stroke-dasharray:6 4",
        "```",
    ]


def test_a_page_of_a_model_that_is_gone_is_deleted(tmp_path: Path) -> None:
    (tmp_path / "gone.md").write_text("# Threats", encoding="utf-8")
    write(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == pages().keys()
