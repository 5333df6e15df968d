"""Every application has a threat model, which has each part of its stack, and names only rules that it meets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.threats.applications import EXAMPLES, FILE, WITHOUT, models, runnable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tests.synthesis.runs import Run
    from tests.threats.model import ThreatModel

APPLICATIONS = {each.name: each for each in models() if each.name in runnable()}


@pytest.fixture(scope="module", params=APPLICATIONS)
def application(request: pytest.FixtureRequest, checked: Callable[[str], Run]) -> tuple[ThreatModel, Run]:
    """Run an application, and return its threat model with what it synthesizes."""
    name = request.param
    return APPLICATIONS[name], checked(f"examples/{name}/__main__.py")


def test_every_application_has_a_threat_model_or_a_reason() -> None:
    with_one = {file.parent.name for file in EXAMPLES.glob(f"*/{FILE}")}
    missing = runnable() - with_one - WITHOUT.keys()
    assert missing == set(), f"write examples/NAME/{FILE}, or a reason into tests/threats/applications.py"
    assert with_one & WITHOUT.keys() == set(), "a reason in tests/threats/applications.py is out of date"
    assert all(WITHOUT.values())


def test_every_resource_belongs_to_an_element_or_boundary(application: tuple[ThreatModel, Run]) -> None:
    model, synthesized = application
    assert left_out(model, resources(synthesized)) == set()


def test_every_construct_of_a_model_is_there(application: tuple[ThreatModel, Run]) -> None:
    model, synthesized = application
    paths = resources(synthesized)
    assert {name for name in constructs(model) if not any(is_within(path, name) for path in paths)} == set()


def test_a_new_resource_is_noticed() -> None:
    model = APPLICATIONS["orders"]
    assert left_out(model, {"Orders/Table", "OrdersExport/Function", "Refunds/Function"}) == {
        "OrdersExport/Function",
        "Refunds/Function",
    }


def test_every_rule_of_a_model_is_met(application: tuple[ThreatModel, Run]) -> None:
    model, synthesized = application
    results: list[dict[str, Any]] = json.loads((synthesized.directory / "evidence.json").read_text(encoding="utf-8"))[
        "results"
    ]
    said: dict[str, set[str]] = {}
    for each in results:
        said.setdefault(each["rule"], set()).add(each["status"])
    named = {name for threat in model.threats for name in threat.rules}
    assert {name: said.get(name, set()) for name in named if said.get(name) != {"met"}} == {}


def resources(synthesized: Run) -> set[str]:
    """Return the paths of all resources, without their stack."""
    files = list(synthesized.directory.glob("*.template.json"))
    assert files, synthesized.output + synthesized.errors
    templates = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    made = [each for template in templates for each in template["Resources"].values()]
    # What CDK says of its own version is no part of an application.
    paths = [each["Metadata"]["aws:cdk:path"] for each in made if each["Type"] != "AWS::CDK::Metadata"]
    return {path.partition("/")[2] for path in paths}


def constructs(model: ThreatModel) -> set[str]:
    """Return all paths that a model names."""
    named = [*(each.constructs for each in model.elements), *(each.constructs for each in model.boundaries)]
    return {path for paths in named for path in paths}


def left_out(model: ThreatModel, paths: Collection[str]) -> set[str]:
    """Return the paths that are below none of the model's."""
    return {path for path in paths if not any(is_within(path, name) for name in constructs(model))}


def is_within(path: str, name: str) -> bool:
    """Return whether a path is a construct or below it."""
    return f"{path}/".startswith(f"{name}/")
