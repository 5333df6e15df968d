"""Imports point downwards only, and in no circle, type-checking imports included."""

from __future__ import annotations

from graphlib import TopologicalSorter

import grimp
import pytest

# From the top. Modules of one layer may import each other, unless that makes a circle.
READING = (
    {"cli", "synthesis"},
    {"evidence"},
    {"judging"},
    {"rules"},
    {"adoption"},
    {"cost"},
    {"landscape"},
    {"iam", "planning"},
    {"cloudformation"},
    {"three_valued"},
)
# What the construct and the rules share. It knows neither.
SHARED = {
    "access.actions",
    "access.guardrails",
    "access.service_roles",
    "access.tls",
    "classification",
    "counted",
    "errors",
    "limits",
    "table_alarm",
    "table_evidence",
    "tags.tag_keys",
    "three_valued",
    "tokens",
    "waivers.accepted_findings",
    "waivers.stated_waiver",
}


def _top(module: str) -> str:
    """Return the name of a module's folder, or of the module where it lies in none."""
    return module.partition("secure_ddb.")[2].split(".")[0]


def _is_shared(module: str) -> bool:
    return module.partition("secure_ddb.")[2] in SHARED


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("secure_ddb")


def test_no_import_leads_into_a_circle(graph: grimp.ImportGraph) -> None:
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    TopologicalSorter(imports).prepare()


def test_layers_import_downwards_only(graph: grimp.ImportGraph) -> None:
    layers = [grimp.Layer(*layer, independent=False) for layer in READING]
    illegal = graph.find_illegal_dependencies_for_layers(layers, containers={"secure_ddb"})
    assert sorted(f"{each.importer} imports {each.imported}" for each in illegal) == []


def test_planning_knows_templates_only(graph: grimp.ImportGraph) -> None:
    imported = {
        name
        for module in graph.modules
        if module.startswith("secure_ddb.planning.")
        for name in graph.find_modules_directly_imported_by(module)
    }
    packages = {_top(name) for name in imported}
    assert packages <= {"cloudformation", "planning", "three_valued"}


def test_rules_know_nothing_of_the_construct(graph: grimp.ImportGraph) -> None:
    reading = {name for layer in READING for name in layer}
    wrong = [
        f"{module} imports {imported}"
        for module in graph.modules
        if _top(module) in reading - {"synthesis", "cli"}
        for imported in graph.find_modules_directly_imported_by(module)
        if not _is_shared(imported) and _top(imported) not in reading
    ]
    assert sorted(wrong) == []


def test_the_construct_knows_nothing_of_the_rules(graph: grimp.ImportGraph) -> None:
    reading = {name for layer in READING for name in layer} - {"three_valued"}
    wrong = [
        f"{module} imports {imported}"
        for module in graph.modules
        if module != "secure_ddb" and _top(module) not in {*reading, "audit_trail"}
        for imported in graph.find_modules_directly_imported_by(module)
        if _top(imported) in reading
    ]
    assert sorted(wrong) == []
