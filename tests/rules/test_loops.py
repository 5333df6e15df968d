"""Resources that a template makes in a loop."""

from __future__ import annotations

from typing import Any

from secure_ddb.cloudformation.loops import unrolled
from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from tests.rules.handwritten import template

TABLE = {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": {"Fn::Sub": "${Name}-${AWS::Region}"}}}


def loop(values: Any, inner: dict[str, Any], variable: str = "Name") -> dict[str, Any]:
    return {f"Fn::ForEach::Loop{variable}": [variable, values, inner]}


def test_a_loop_makes_a_resource_for_each_value() -> None:
    inner = {"Table${Name}": {**TABLE, "Metadata": {"Of": {"Ref": "Name"}}}}
    found = unrolled({"Other": TABLE, **loop(["orders", "bills"], inner)})
    assert list(found) == ["Other", "Tableorders", "Tablebills"]
    assert found["Tablebills"]["Metadata"] == {"Of": "bills"}
    assert found["Tablebills"]["Properties"]["TableName"] == {"Fn::Sub": "bills-${AWS::Region}"}
    assert found["Other"] == TABLE


def test_loops_may_stand_in_loops() -> None:
    inner = loop(["1", "2"], {"Table${Name}${Number}": TABLE}, "Number")
    assert list(unrolled(loop(["a", "b"], inner))) == ["Tablea1", "Tablea2", "Tableb1", "Tableb2"]


def test_what_does_not_fit_into_a_logical_id_is_left_out_of_it() -> None:
    assert list(unrolled(loop(["10.0.0.0"], {"Table&{Name}": TABLE}))) == ["Table10000"]


def test_a_loop_over_a_parameter_makes_nothing_that_could_be_seen() -> None:
    assert "Tableorders" not in unrolled(loop({"Ref": "Names"}, {"Table${Name}": TABLE}))


def test_what_only_the_deployment_knows_stays_a_loop() -> None:
    inner = {"Table${Name}": TABLE}
    found = unrolled(loop(["orders", {"Ref": "Last"}], inner))
    assert list(found) == ["Tableorders", "Fn::ForEach::LoopName"]
    assert found["Fn::ForEach::LoopName"] == ["Name", [{"Ref": "Last"}], inner]


def test_tables_of_a_loop_are_judged() -> None:
    content = {"Resources": loop(["orders", "bills"], {"Table${Name}": TABLE})}
    judged = judge(Assembly([template(content)]))
    resources = [judgement.resource for _, judgement in judged if judgement.resource]
    assert {each.logical_id for each in resources} == {"Tableorders", "Tablebills"}
    assert {each.name for each in resources} == {"orders-eu-central-1", "bills-eu-central-1"}


def test_a_loop_that_is_none_is_judged() -> None:
    for broken in ("x", [], ["Name"], ["Name", ["a"], "x"], ["Name", [[]], {"Table": TABLE}], None):
        judge(Assembly([template({"Resources": {"Fn::ForEach::Loop": broken}})]))
