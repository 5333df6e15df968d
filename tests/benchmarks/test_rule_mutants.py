"""The mutants are different, whole templates, and the score counts what the rules find of them."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from benchmarks.rule_mutants.harmless import HARMLESS
from benchmarks.rule_mutants.kinds import Kind
from benchmarks.rule_mutants.mutator import Mutant, mutants
from benchmarks.rule_mutants.places import references
from benchmarks.rule_mutants.policies import is_policy
from benchmarks.rule_mutants.removal import without
from benchmarks.rule_mutants.report import LEAST_SCORE, report
from benchmarks.rule_mutants.run import Result, run
from benchmarks.rule_mutants.schemas import required
from benchmarks.rule_mutants.score import Explained, count
from benchmarks.rule_mutants.survivors import SURVIVORS
from benchmarks.rule_mutants.templates import configuration
from tests.template import walk

_HARMLESS = "minimal/OrdersKey AWS::KMS::Key Description: property removed"


@pytest.fixture(scope="module")
def minimal() -> list[Mutant]:
    return list(mutants(configuration("minimal").body))


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return run("minimal", configuration("minimal"))


def result(name: str, *, found_by: tuple[str, ...] = (), harmless: str = "") -> Result:
    return Result(mutant=name, kind=Kind.FLIPPED, found_by=found_by, harmless=harmless)


def test_every_mutant_differs_from_the_template_and_from_all_others(minimal: list[Mutant]) -> None:
    bodies = [json.dumps(each.body, sort_keys=True) for each in minimal]
    bodies.append(json.dumps(configuration("minimal").body, sort_keys=True))
    assert len(set(bodies)) == len(bodies) > 500
    assert len({each.name for each in minimal}) == len(minimal)


@pytest.mark.parametrize("name", ["minimal", "everything", "narrow_grants", "enforced"])
def test_names_tell_mutants_apart(name: str) -> None:
    names = [each.name for each in mutants(configuration(name).body)]
    assert sorted(set(names)) == sorted(names)


def test_making_mutants_leaves_the_template_as_it_is() -> None:
    body = configuration("everything").body
    before = deepcopy(body)
    assert len(list(mutants(body))) > 1000
    assert body == before


@pytest.mark.parametrize("name", ["minimal", "everything", "two_lanes"])
def test_every_mutant_is_a_whole_template(name: str) -> None:
    body = configuration(name).body
    for mutant in mutants(body):
        resources = mutant.body["Resources"]
        known = resources.keys() | mutant.body.get("Parameters", {}).keys()
        assert set(mutant.body.get("Outputs", {})) <= body.get("Outputs", {}).keys()
        removed = mutant.kind is Kind.RESOURCE_REMOVED
        for logical_id, resource in resources.items():
            before = body["Resources"][logical_id]
            if removed or resource is not before:
                named = {each for each in references(resource) if not each.startswith("AWS::")}
                assert named | set(resource.get("DependsOn", [])) <= known, mutant.name
                kept = required(resource["Type"], ()) & before.get("Properties", {}).keys()
                assert kept <= resource["Properties"].keys(), mutant.name
                assert all(map(is_whole, documents(resource["Properties"]))), mutant.name


def documents(properties: dict[str, Any]) -> list[dict[str, Any]]:
    return [value for value in walk(properties) if is_policy(value)]


def is_whole(document: dict[str, Any]) -> bool:
    return all(
        statement["Effect"] in ("Allow", "Deny")
        and statement["Action"] not in ([], None)
        and statement.get("Resource") != []
        and statement.get("Principal") not in ([], {})
        and all(keys for keys in statement.get("Condition", {"": 1}).values())
        for statement in document["Statement"]
    )


def test_every_kind_of_weakening_is_applied() -> None:
    kinds = {each.kind for name in ("everything", "enforced") for each in mutants(configuration(name).body)}
    assert kinds == set(Kind)


def test_what_refers_to_a_removed_resource_goes_too() -> None:
    body = {
        "Resources": {
            "Key": {"Type": "AWS::KMS::Key", "Properties": {}},
            "Alias": {
                "Type": "AWS::KMS::Alias",
                "Properties": {"AliasName": "alias/a", "TargetKeyId": {"Fn::GetAtt": ["Key", "Arn"]}},
            },
            "Topic": {
                "Type": "AWS::SNS::Topic",
                "Properties": {"TopicName": "t", "KmsMasterKeyId": {"Fn::Join": ["", ["", {"Ref": "Key"}]]}},
                "DependsOn": ["Alias"],
            },
            "Policy": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {
                    "PolicyDocument": {
                        "Statement": [
                            {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": {"Fn::GetAtt": ["Key", "Arn"]}},
                            {"Effect": "Allow", "Action": "sns:Publish", "Resource": {"Ref": "Topic"}},
                        ]
                    }
                },
            },
        },
        "Outputs": {"Key": {"Value": {"Ref": "Key"}}},
    }
    publish = {"Effect": "Allow", "Action": "sns:Publish", "Resource": {"Ref": "Topic"}}
    assert without(body, "Key") == {
        "Resources": {
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "t"}},
            "Policy": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"PolicyDocument": {"Statement": [publish]}},
            },
        },
        "Outputs": {},
    }


def test_the_rules_find_almost_all_mutants_of_a_table_with_every_default(results: list[Result]) -> None:
    explained = Explained(results)
    assert count(results).score >= LEAST_SCORE
    assert explained.unexplained == []
    assert explained.found_though_harmless == []


def test_without_rules_nothing_is_found() -> None:
    counted = count(run("minimal", configuration("minimal"), rules=()))
    assert (counted.found, counted.score) == (0, 0)
    assert counted.weaker > 500


def test_harmless_mutants_do_not_count() -> None:
    some = [result("a", found_by=("R",)), result("b"), result("c"), result(_HARMLESS, harmless="Description")]
    counted = count(some)
    assert (counted.harmless, counted.weaker, counted.found) == (1, 3, 1)
    assert counted.score == pytest.approx(1 / 3)


def test_a_survivor_without_a_reason_is_unexplained_and_a_reason_without_survivor_is_stale() -> None:
    explained = Explained([result("a b"), result("c"), result("d", found_by=("R",))], {r"a \w": "so", "d": "no"})
    assert explained.survivors == {r"a \w": ["a b"]}
    assert explained.unexplained == ["c"]
    assert set(explained.stale) == {*HARMLESS, "d"}


def test_a_harmless_mutant_that_a_rule_finds_is_reported() -> None:
    explained = Explained([result(_HARMLESS, harmless="Description", found_by=("R1", "R2"))])
    assert explained.found_though_harmless == [f"{_HARMLESS}, by R1, R2"]


def test_the_report_names_every_survivor_with_its_reason(results: list[Result]) -> None:
    lines = list(report({"minimal": results}, Explained(results)))
    survivors = [each.mutant for each in results if not each.found_by and not each.harmless]
    assert survivors
    assert sorted(line.strip() for line in lines if line.startswith("         minimal/")) == sorted(survivors)
    reasons = {why for pattern, why in SURVIVORS.items() if Explained(results).survivors.get(pattern)}
    assert all(any(why in line for line in lines) for why in reasons)


def test_every_reason_says_something() -> None:
    assert all(why.strip() for why in (*HARMLESS.values(), *SURVIVORS.values()))
