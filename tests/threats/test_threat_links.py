"""What a threat model names exists: rules, requirements, tests and pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.threats.applications import TABLE, models
from tests.threats.links import dead_links, rules
from tests.threats.model import read
from tests.threats.page import source
from tests.threats.test_threat_data import planted

if TYPE_CHECKING:
    from pathlib import Path

    from tests.threats.model import ThreatModel

RULE = 'rules = ["SecureDdb-ENC3"]'
DATA = "tests/threats/test_threat_data.py"


@pytest.mark.parametrize("model", models(), ids=lambda model: model.name)
def test_no_link_is_dead(model: ThreatModel) -> None:
    assert dead_links(model) == []


@pytest.mark.parametrize(
    ("links", "dead"),
    [
        ('rules = ["SecureDdb-ENC3", "SecureDdb-ENC99"]', "rule SecureDdb-ENC99"),
        # A rule of another application.
        ('rules = ["FRONT1"]', "rule FRONT1"),
        ('requirements = ["ENC-3", "ENC-99"]', "requirement ENC-99"),
        (f'tests = ["{DATA}::test_nothing_is_left_in"]', f"test {DATA}::test_nothing_is_left_in"),
        ('tests = ["tests/test_nothing.py::test_nothing"]', "test tests/test_nothing.py::test_nothing"),
        (f'{RULE}, docs = ["docs/nothing.md"]', "page docs/nothing.md"),
        (f'{RULE}, docs = ["docs/orders.md#nothing"]', "page docs/orders.md#nothing"),
    ],
)
def test_dead_links_are_found(tmp_path: Path, links: str, dead: str) -> None:
    assert dead_links(planted(tmp_path, (RULE, links))) == [f"{dead}, of: Somebody else buys."]


def test_a_page_that_is_gone_is_found(tmp_path: Path) -> None:
    assert dead_links(planted(tmp_path, ("docs/orders.md", "docs/nothing.md"))) == ["the page docs/nothing.md"]


def test_links_that_lead_somewhere_are_not_dead(tmp_path: Path) -> None:
    links = f"""{RULE}, requirements = ["ENC-3"], tests = ["{DATA}::test_nothing_is_left_out"],
        docs = ["docs/orders.md#loading-the-first-items", "examples/pipelines/deploy.yaml"]"""
    assert dead_links(planted(tmp_path, (RULE, " ".join(links.split())))) == []


def test_an_application_s_own_rules_are_known() -> None:
    assert "FRONT1" in rules("front_end")


@pytest.mark.parametrize("model", models(), ids=lambda model: model.name)
def test_a_rule_or_test_that_is_renamed_is_noticed(model: ThreatModel, tmp_path: Path) -> None:
    file = TABLE.parents[2] / source(model)
    text = file.read_text(encoding="utf-8")
    named = next(name for threat in model.threats for name in (*threat.rules, *threat.tests))
    changed = tmp_path / file.name
    changed.write_text(text.replace(f'"{named}"', f'"{named}{"_999" if "::" in named else "999"}"'), encoding="utf-8")
    assert any(named in each for each in dead_links(read(changed, model.name)))
