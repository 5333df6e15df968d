"""What answers a threat: rules, rows of the requirements, tests and pages, each of which has to exist."""

from __future__ import annotations

import ast
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from secure_ddb.evidence.catalogue.load import load_catalogues
from secure_ddb.rules.pack import RULES
from secure_ddb.rules.rule import Rule
from tests.markdown import anchors
from tests.threats.model import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.threats.model import Threat, ThreatModel


def dead_links(model: ThreatModel) -> list[str]:
    """Return what a model refers to that does not exist."""
    dead = [f"the page {model.page}"] if not _page_exists(model.page) else []
    return [*dead, *(f"{what}, of: {threat.threat}" for threat in model.threats for what in _dead(threat, model.name))]


def _dead(threat: Threat, name: str) -> Iterator[str]:
    yield from (f"rule {each}" for each in threat.rules if each not in rules(name))
    yield from (f"requirement {each}" for each in threat.requirements if each not in requirements())
    for each in threat.tests:
        file, _, function = each.partition("::")
        if function not in tests_of(file):
            yield f"test {each}"
    yield from (f"page {each}" for each in threat.docs if not _page_exists(each))


@cache
def rules(name: str) -> dict[str, Rule]:
    """Return the rules of the library, and those that an application brings along."""
    found = {each.id: each for each in RULES}
    if (ROOT / "examples" / name / "rules.py").exists():
        values = vars(import_module(f"examples.{name}.rules")).values()
        found |= {each.id: each for each in values if isinstance(each, Rule)}
    return found


@cache
def requirements() -> frozenset[str]:
    """Return the rows of the requirements."""
    return frozenset(each.id for each in load_catalogues()[0].controls)


@cache
def tests_of(file: str) -> frozenset[str]:
    """Return the tests of a file, by reading it; none, if there is no such file."""
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(each.name for each in tree.body if isinstance(each, ast.FunctionDef))


def rule_file(rule: Rule) -> Path:
    """Return the file of a rule, from the root."""
    return Path(*rule.check.__module__.split(".")).with_suffix(".py")


def _page_exists(page: str) -> bool:
    name, _, heading = page.partition("#")
    return (ROOT / name).is_file() and (not heading or heading in anchors(ROOT / name))
