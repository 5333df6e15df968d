"""What no rule can see is named, wherever in a template it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from secure_ddb.cloudformation.template import Template
from secure_ddb.evidence.places import Places
from secure_ddb.evidence.results import not_judged
from secure_ddb.landscape.assembly import Assembly
from tests.rules.handwritten import body

INCLUDE = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://example/tags.yaml"}}}
TABLE: dict[str, Any] = {"Type": "AWS::DynamoDB::Table", "Properties": {}}


def said(resources: Any, **sections: Any) -> list[str]:
    template = Template(name="Orders", body={"Resources": resources, **sections}, file="a.json")
    assembly = Assembly([template])
    beginning = "a.json: not judged: "
    found = list(not_judged(assembly, Places(assembly, Path(), {})))
    assert all(each.startswith(beginning) for each in found)
    return [each.removeprefix(beginning) for each in found]


def loop(values: Any, inner: dict[str, Any]) -> dict[str, Any]:
    return {"Fn::ForEach::Tables": ["Name", values, inner]}


def test_of_a_template_that_is_judged_whole_nothing_is_said() -> None:
    assert said(body()["Resources"]) == []


@pytest.mark.parametrize(
    ("type_", "what"),
    [
        ("AWS::CloudFormation::Stack", "the nested stack It as one of this stack"),
        ("AWS::CloudFormation::StackSet", "the templates of the stack set It"),
        ("AWS::Serverless::Application", "the application It of AWS SAM"),
        ("AWS::Serverless::SimpleTable", "the table It of AWS SAM"),
        ("Example::Orders::Table::MODULE", "the resources of the module It"),
    ],
)
def test_resources_that_are_made_of_another_template_are_named(type_: str, what: str) -> None:
    assert said({"It": {"Type": type_, "Properties": {"TemplateBody": "{}"}}}) == [what]


def test_a_resource_that_is_never_there_is_not_named() -> None:
    never = {"Never": {"Fn::Equals": ["a", "b"]}}
    assert said({"It": {"Type": "AWS::CloudFormation::StackSet", "Condition": "Never"}}, Conditions=never) == []


@pytest.mark.parametrize(
    ("transform", "what"),
    [
        ("AWS::Serverless-2016-10-31", ["the output of the transform AWS::Serverless-2016-10-31"]),
        ({"Name": "AWS::Include"}, ["the output of the transform AWS::Include"]),
        (["AWS::LanguageExtensions", "Own"], ["the output of the transform Own"]),
        # Its loops are judged.
        ("AWS::LanguageExtensions", []),
        (None, []),
    ],
)
def test_transforms_are_named(transform: Any, what: list[str]) -> None:
    assert said({"Table": TABLE}, Transform=transform) == what


@pytest.mark.parametrize(
    ("resources", "path"),
    [
        (INCLUDE, "Resources.Fn::Transform"),
        ({"Table": {**TABLE, **INCLUDE}}, "Resources.Table.Fn::Transform"),
        ({"Table": {**TABLE, "Properties": {"Tags": INCLUDE}}}, "Resources.Table.Properties.Tags.Fn::Transform"),
        ({"Table": {**TABLE, "Properties": {"Tags": [INCLUDE]}}}, "Resources.Table.Properties.Tags.0.Fn::Transform"),
        (loop(["A"], {"Table${Name}": {**TABLE, **INCLUDE}}), "Resources.TableA.Fn::Transform"),
    ],
)
def test_macros_are_named_with_their_place(resources: Any, path: str) -> None:
    assert said(resources) == [f"the value of {path} (AWS::Include)"]


def test_macros_of_other_sections_are_named() -> None:
    assert said({}, Mappings=INCLUDE) == ["the value of Mappings.Fn::Transform (AWS::Include)"]
    assert said({}, **INCLUDE) == ["the value of Fn::Transform (AWS::Include)"]
    assert said({}, **{"Fn::Transform": "x"}) == ["the value of Fn::Transform (x)"]


@pytest.mark.parametrize("values", [{"Ref": "Names"}, ["A", {"Ref": "Last"}], "x", [[]]])
def test_loops_over_what_only_the_deployment_knows_are_named(values: Any) -> None:
    assert said(loop(values, {"Table${Name}": TABLE})) == ["the value of Resources.Fn::ForEach::Tables"]


def test_loops_over_what_is_known_are_judged_and_not_named() -> None:
    assert said(loop(["A", "B"], {"Table${Name}": TABLE})) == []


def test_loops_in_properties_are_named() -> None:
    properties = loop(["A"], {"Name": "x"})
    (path,) = said({"Table": {**TABLE, "Properties": properties}})
    assert path == "the value of Resources.Table.Properties.Fn::ForEach::Tables"


@pytest.mark.parametrize("resources", [None, [], "x", {"It": None}, {"It": {"Type": 7}}])
def test_broken_resources_are_looked_at(resources: Any) -> None:
    assert said(resources) == []
