"""Capacity of global tables, which bring their scaling policies along, and of tables in several places."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict
from tests.rules.handwritten import judgements, template
from tests.rules.handwritten.making import PARAMETER, Body
from tests.rules.handwritten.scaling import policy, target

RULE = "SecureDdb-OPS3"
TRACKING = {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": 70}}
SCALING = {"MinCapacity": 1, "MaxCapacity": 20, **TRACKING}
FIXED = {"MinCapacity": 20, "MaxCapacity": 20, **TRACKING}
REGIONS = ("eu-central-1", "eu-west-1")


def with_target(value: Any) -> Body:
    return {**SCALING, "TargetTrackingScalingPolicyConfiguration": {"TargetValue": value}}


def reads(settings: Any) -> Body:
    return {"ReadProvisionedThroughputSettings": {"ReadCapacityAutoScalingSettings": settings}}


def writes(settings: Any) -> Body:
    return {"WriteProvisionedThroughputSettings": {"WriteCapacityAutoScalingSettings": settings}}


def global_table(**changed: Any) -> Body:
    """Return a global table with two replicas and an index, all of whose capacity scales."""
    replicas = [
        {
            "Region": region,
            **reads(changed.get("reads", SCALING)),
            "GlobalSecondaryIndexes": [{"IndexName": "by-date", **reads(changed.get("index_reads", SCALING))}],
        }
        for region in REGIONS
    ]
    properties = {
        "BillingMode": "PROVISIONED",
        **writes(changed.get("writes", SCALING)),
        "GlobalSecondaryIndexes": [{"IndexName": "by-date", **writes(changed.get("index_writes", SCALING))}],
        "Replicas": replicas,
        **changed.get("properties", {}),
    }
    return only("AWS::DynamoDB::GlobalTable", properties)


def only(kind: str, properties: Body) -> Body:
    resources = {"Table": {"Type": kind, "Properties": properties}}
    return {"Parameters": {"Parameter": {"Type": "String"}}, "Resources": resources}


def found(content: Body, verdict: Verdict) -> set[str]:
    return {each.key for each in judgements(content, RULE) if each.verdict is verdict}


ALL = {
    *("Write", "Write-by-date"),
    *(f"Read-{region}{index}" for region in REGIONS for index in ("", "-by-date")),
}


def test_each_capacity_of_a_global_table_is_judged_by_itself() -> None:
    assert found(global_table(), Verdict.MET) == ALL


@pytest.mark.parametrize(
    ("what", "keys"),
    [
        ("writes", {"Write"}),
        ("index_writes", {"Write-by-date"}),
        ("reads", {f"Read-{region}" for region in REGIONS}),
        ("index_reads", {f"Read-{region}-by-date" for region in REGIONS}),
    ],
)
def test_capacity_of_a_global_table_without_scaling_is_found(what: str, keys: set[str]) -> None:
    settings: tuple[tuple[Any, Verdict], ...] = (
        (None, Verdict.NOT_MET),
        (FIXED, Verdict.NOT_MET),
        (PARAMETER, Verdict.NOT_VERIFIABLE),
        ({**SCALING, "MaxCapacity": PARAMETER}, Verdict.NOT_VERIFIABLE),
        ({"MinCapacity": 1, "MaxCapacity": 20}, Verdict.NOT_MET),
        (with_target(100000), Verdict.NOT_MET),
        (with_target(19), Verdict.NOT_MET),
        (with_target(91), Verdict.NOT_MET),
        (with_target(PARAMETER), Verdict.NOT_VERIFIABLE),
    )
    for value, verdict in settings:
        content = global_table(**{what: value})
        assert found(content, verdict) == keys
        assert found(content, Verdict.MET) == ALL - keys


def test_fixed_units_do_not_scale() -> None:
    content = global_table()
    replica = content["Resources"]["Table"]["Properties"]["Replicas"][1]
    replica["ReadProvisionedThroughputSettings"] = {"ReadCapacityUnits": 10}
    (finding,) = (each for each in judgements(content, RULE) if each.verdict is Verdict.NOT_MET)
    assert (finding.key, finding.detail) == ("Read-eu-west-1", "read capacity does not scale")
    assert finding.path == "Properties.Replicas.1"


@pytest.mark.parametrize("kind", ["Table", "GlobalTable"])
@pytest.mark.parametrize(
    ("mode", "verdict"),
    [("PAY_PER_REQUEST", Verdict.MET), (PARAMETER, Verdict.NOT_VERIFIABLE), (None, Verdict.NOT_MET)],
)
def test_on_demand_capacity_scales_and_is_not_the_default(kind: str, mode: Any, verdict: Verdict) -> None:
    content = only(f"AWS::DynamoDB::{kind}", {} if mode is None else {"BillingMode": mode})
    assert {each.verdict for each in judgements(content, RULE)} == {verdict}


def test_unknown_indexes_and_replicas_are_not_verifiable() -> None:
    indexes = global_table(properties={"GlobalSecondaryIndexes": PARAMETER})
    assert found(indexes, Verdict.NOT_VERIFIABLE) == {"Indexes"}
    replicas = global_table(properties={"Replicas": PARAMETER})
    assert found(replicas, Verdict.MET) == {"Write", "Write-by-date"}
    assert all(key.startswith("Read-") for key in found(replicas, Verdict.NOT_VERIFIABLE))
    assert found(indexes, Verdict.NOT_MET) | found(replicas, Verdict.NOT_MET) == set()


def test_replica_of_another_account_has_the_billing_mode_of_its_source() -> None:
    source = "arn:aws:dynamodb:us-west-2:444455556666:table/orders"
    properties = {"GlobalTableSourceArn": source, "Replicas": [{"Region": "eu-central-1"}]}
    content = only("AWS::DynamoDB::GlobalTable", properties)
    assert {each.verdict for each in judgements(content, RULE)} == {Verdict.NOT_VERIFIABLE}


def test_target_of_another_region_scales_another_table() -> None:
    table = {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "orders"}}
    scaling = {}
    for kind in ("Read", "Write"):
        scaling[kind] = target("table", f"{kind}CapacityUnits", "table/orders")
        scaling[f"{kind}Policy"] = policy(kind, ScalingTargetId={"Ref": kind})
    for region, verdict in (("eu-central-1", Verdict.MET), ("eu-west-1", Verdict.NOT_MET)):
        templates = [
            template({"Resources": {"Table": table}}),
            template({"Resources": scaling}, name="Scaling", stack_name="Scaling", region=region),
        ]
        judged = [judgement for rule, judgement in judge(Assembly(templates)) if rule.id == RULE]
        assert {each.verdict for each in judged} == {verdict}
