"""Mutants weaken a policy at every point, each at one, and leave the original as it is."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.policies.engine import Decision, Policies, Request
from tests.policies.mutants import mutants
from tests.policies.mutation import Case, score

if TYPE_CHECKING:
    from tests.policies.engine import Document

TABLE = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"
ROLE = "arn:aws:iam::111122223333:role/reader"
EVERYTHING = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def policy(effect: str, **statement: Any) -> Document:
    return {"Version": "2012-10-17", "Statement": [{"Sid": "Only", "Effect": effect, "Action": "s3:*", **statement}]}


def changes(document: Document) -> dict[str, Any]:
    """Return the mutants' labels and what their one statement has become (None if it is gone)."""
    before = deepcopy(document)
    found = list(mutants(document))
    assert document == before
    assert len({label for label, _ in found}) == len(found)
    assert all(mutant != document for _, mutant in found)
    return {
        label.removeprefix("Statement[0] Only"): mutant["Statement"][0] if mutant["Statement"] else None
        for label, mutant in found
    }


def conditions(effect: str, **condition: Any) -> dict[str, Any]:
    """Return what becomes of a condition in the mutants (None if it is gone)."""
    document = policy(effect, Condition={operator.replace("_", ":"): keys for operator, keys in condition.items()})
    return {
        label.removeprefix(".Condition."): statement.get("Condition")
        for label, statement in changes(document).items()
        if label.startswith(".Condition.")
    }


def test_allow_is_widened() -> None:
    found = changes(
        policy("Allow", Action=["s3:GetObject", "kms:Decrypt"], Resource=["a", "b"], Principal={"AWS": ROLE})
    )
    assert found[": removed"] is None
    assert found[".Action: kms:*, s3:*"]["Action"] == ["kms:*", "s3:*"]
    assert found[".Resource: *"]["Resource"] == "*"
    assert found[".Principal: *"]["Principal"] == "*"
    assert len(found) == 4


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}])
def test_what_is_as_wide_as_can_be_is_not_widened(principal: Any) -> None:
    assert list(changes(policy("Allow", Resource="*", Principal=principal))) == [": removed"]


def test_allow_of_everything_but_something_allows_more() -> None:
    document = policy("Allow", NotResource=["a", "b"])
    found = changes(document)
    assert found[".NotResource: without a"]["NotResource"] == ["b"]
    assert found[".NotResource: without b"]["NotResource"] == ["a"]


def test_deny_loses_each_of_its_values_but_the_last() -> None:
    principal = {"AWS": ["a", "b"], "Service": "c"}
    found = changes(policy("Deny", Action=["s3:a", "s3:b"], Resource=["x", "y"], Principal=principal))
    assert {label: value for label, value in found.items() if "without" not in label} == {": removed": None}
    assert found[".Action: without s3:a"]["Action"] == ["s3:b"]
    assert found[".Action: without s3:b"]["Action"] == ["s3:a"]
    assert found[".Resource: without x"]["Resource"] == ["y"]
    assert found[".Principal.AWS: without a"]["Principal"] == {"AWS": ["b"], "Service": ["c"]}
    assert found[".Principal.Service: without c"]["Principal"] == {"AWS": ["a", "b"]}
    assert len(found) == 8
    assert list(changes(policy("Deny", Resource="*", Principal="*"))) == [": removed"]


def test_deny_of_everything_but_something_loses_each_exemption() -> None:
    found = changes(policy("Deny", NotPrincipal={"AWS": ["a", "b"]}))
    assert found[".NotPrincipal.AWS: without b"]["NotPrincipal"] == {"AWS": ["a"]}


def test_statements_are_mutated_one_at_a_time() -> None:
    one, two = ({"Effect": "Deny", "Action": action, "Resource": "*"} for action in ("s3:a", "s3:b"))
    assert list(mutants({"Statement": [one, two]})) == [
        ("Statement[0]: removed", {"Statement": [two]}),
        ("Statement[1]: removed", {"Statement": [one]}),
    ]


def test_allow_s_condition_is_removed_or_takes_any_value_or_none() -> None:
    assert conditions("Allow", StringEquals={"k": ["a", "b"]}) == {
        "StringEquals.k: removed": None,
        "StringEquals.k: any value": {"Null": {"k": "false"}},
        "StringEquals.k: StringEqualsIfExists": {"StringEqualsIfExists": {"k": ["a", "b"]}},
    }


def test_keys_go_one_by_one_and_all_together() -> None:
    found = conditions("Deny", Bool={"k": "true", "l": "true"}, Null={"m": "true"})
    assert found == {
        "Bool: removed": {"Null": {"m": "true"}},
        "Bool.k: removed": {"Bool": {"l": "true"}, "Null": {"m": "true"}},
        "Bool.l: removed": {"Bool": {"k": "true"}, "Null": {"m": "true"}},
        "Null.m: removed": {"Bool": {"k": "true", "l": "true"}},
    }


def test_deny_s_exemptions_go_one_by_one_or_hold_for_every_value() -> None:
    assert conditions("Deny", StringNotEquals={"k": ["a", "b"]}) == {
        "StringNotEquals.k: removed": None,
        "StringNotEquals.k: without a": {"StringNotEquals": {"k": ["b"]}},
        "StringNotEquals.k: without b": {"StringNotEquals": {"k": ["a"]}},
        "StringNotEquals.k: exempts every value": {"Null": {"k": "true"}},
    }


def test_deny_loses_each_of_the_values_that_it_is_for() -> None:
    assert conditions("Deny", StringEquals={"k": ["a", "b"]}) == {
        "StringEquals.k: removed": None,
        "StringEquals.k: without a": {"StringEquals": {"k": ["b"]}},
        "StringEquals.k: without b": {"StringEquals": {"k": ["a"]}},
    }


def test_allow_of_all_values_but_some_loses_each_of_them() -> None:
    assert conditions("Allow", StringNotEquals={"k": ["a", "b"]}) == {
        "StringNotEquals.k: removed": None,
        "StringNotEquals.k: without a": {"StringNotEquals": {"k": ["b"]}},
        "StringNotEquals.k: without b": {"StringNotEquals": {"k": ["a"]}},
    }


def test_deny_misses_requests_without_the_key() -> None:
    assert conditions("Deny", BoolIfExists={"aws:MultiFactorAuthPresent": "false"}) == {
        "BoolIfExists.aws:MultiFactorAuthPresent: removed": None,
        "BoolIfExists.aws:MultiFactorAuthPresent: Bool": {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
    }


def test_all_values_and_any_value_are_mixed_up_and_the_guard_is_removed() -> None:
    every, guard = {"ForAllValues:StringEquals": {"k": ["a"]}}, {"Null": {"k": "false"}}
    assert conditions("Allow", ForAllValues_StringEquals={"k": ["a"]}, Null={"k": "false"}) == {
        "ForAllValues:StringEquals.k: removed": guard,
        "ForAllValues:StringEquals.k: ForAnyValue:StringEquals": {
            **guard,
            "ForAnyValue:StringEquals": {"k": ["a"]},
        },
        "Null.k: removed": every,
    }


@pytest.mark.parametrize(
    ("effect", "operator", "expected"),
    [
        # Without the guard, a missing key passes anyway.
        ("Allow", "ForAllValues:StringEquals", ["removed", "ForAnyValue:StringEquals"]),
        ("Allow", "ForAnyValue:StringEquals", ["removed", "ForAllValues:StringEquals", "any value"]),
        # To exempt every value would be to remove the statement.
        ("Deny", "ForAnyValue:StringNotEquals", ["removed", "ForAllValues:StringNotEquals"]),
        ("Deny", "ForAllValues:StringNotEquals", ["removed", "ForAnyValue:StringNotEquals", "exempts every value"]),
    ],
)
def test_sets_of_values(effect: str, operator: str, expected: list[str]) -> None:
    labels = conditions(effect, **{operator: {"k": "a"}})
    assert list(labels) == [f"{operator}.k: {label}" for label in expected]


@pytest.mark.parametrize("operator", ["StringNotEquals", "StringNotEqualsIfExists", "ArnNotLikeIfExists"])
def test_if_exists_at_a_negated_operator_makes_no_mutant_because_it_makes_no_difference(operator: str) -> None:
    labels = conditions("Deny", **{operator: {"k": "a"}})
    assert list(labels) == [f"{operator}.k: removed", f"{operator}.k: exempts every value"]


@pytest.mark.parametrize("operator", ["StringEquals", "Bool"])
def test_guarded_key_makes_no_mutant_for_a_missing_one(operator: str) -> None:
    labels = conditions("Allow", **{operator: {"k": "a"}}, Null={"k": "false"})
    assert list(labels) == [f"{operator}.k: removed", "Null.k: removed"]


def test_score_names_the_mutants_that_no_case_notices() -> None:
    document = policy("Allow", Action="dynamodb:GetItem", Resource=TABLE)

    def case(action: str, resource: str, expected: Decision) -> Case:
        request = Request(principal=ROLE, action=f"dynamodb:{action}", resource=resource)
        return Case(Policies(identity=(document,)), request, expected)

    own, another = case("GetItem", TABLE, Decision.ALLOWED), case("GetItem", f"{TABLE}2", Decision.IMPLICITLY_DENIED)
    other_action = case("PutItem", TABLE, Decision.IMPLICITLY_DENIED)
    found = score([own, other_action], {"reader": document})
    assert (found.mutants, found.survivors) == (3, ("reader: Statement[0] Only.Resource: *",))
    assert str(found).splitlines()[0] == "2 of 3 mutants noticed"
    assert not score([own, other_action, another], {"reader": document}).survivors
    assert len(score([], {"reader": document}).survivors) == 3


def test_score_of_cases_that_do_not_hold_is_an_error() -> None:
    request = Request(principal=ROLE, action="dynamodb:GetItem", resource=TABLE)
    with pytest.raises(ValueError, match="not decided as expected"):
        score([Case(Policies(), request, Decision.ALLOWED)], {})


@pytest.mark.parametrize("kind", ["identity", "service_control", "boundary", "resource", "endpoint"])
def test_mutants_take_the_place_of_every_kind_of_policy(kind: str) -> None:
    everybody = {"Principal": "*"} if kind in ("resource", "endpoint") else {}
    document = policy("Deny", Action="dynamodb:GetItem", Resource="*", **everybody)
    value: Any = (EVERYTHING, document) if kind in ("identity", "service_control") else document
    policies = replace(Policies(identity=(EVERYTHING,)), **{kind: value})
    request = Request(principal=ROLE, action="dynamodb:GetItem", resource=TABLE)
    assert not score([Case(policies, request, Decision.EXPLICITLY_DENIED)], {"it": document}).survivors
