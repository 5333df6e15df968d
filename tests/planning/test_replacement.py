"""A changed create-only property replaces a resource, with all that follows from it."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.planning.model import Cause, Effect
from secure_ddb.planning.plan import plan
from tests.planning.planning import finding, labels, planned, resource, table, template

VAULT = "AWS::Backup::BackupVault"
KEYS = [{"AttributeName": "pk", "KeyType": "HASH"}]
PARAMETERS = {"Name": {"Type": "String"}, "Other": {"Type": "String"}}


def test_another_table_name_loses_the_items() -> None:
    found = finding({"Table": table(TableName="orders")}, {"Table": table(TableName="orders-2")})
    assert (found.effect, found.certain, found.cause) == (Effect.LOST, True, Cause.REPLACED)
    assert found.what == "CloudFormation creates a new, empty one and deletes the old one with its items."
    assert 'TableName changes from "orders" to "orders-2".' in found.why
    assert "UpdateReplacePolicy is missing" in found.why
    assert found.steps[0] == "First set UpdateReplacePolicy and DeletionPolicy to Retain, and deploy nothing else."


def test_a_retained_table_is_replaced_and_stays_outside() -> None:
    old, new = ({"Table": table(kept=True, TableName=name)} for name in ("orders", "orders-2"))
    found = finding(old, new)
    assert (found.label, found.cause) == ("replaced", Cause.REPLACED)
    assert "stays with its items, outside of the stack" in found.what


def test_a_policy_that_only_one_template_has_is_not_relied_on() -> None:
    old = {"Table": table(TableName="orders")}
    assert labels(old, {"Table": table(kept=True, TableName="other")}) == [("may be lost", "Table")]


def test_deletion_protection_keeps_the_old_table() -> None:
    replicas = [{"Region": "eu-central-1", "DeletionProtectionEnabled": True}]
    old, new = ({"Table": table(TableName=name, Replicas=replicas)} for name in ("orders", "orders-2"))
    assert labels(old, new) == [("replaced", "Table")]


@pytest.mark.parametrize(("before", "after"), [("orders", None), (None, "orders")])
def test_a_name_that_is_added_or_taken_out_replaces(before: str | None, after: str | None) -> None:
    names: list[dict[str, Any]] = [{"TableName": name} if name else {} for name in (before, after)]
    old, new = ({"Table": table(**each)} for each in names)
    assert labels(old, new) == [("lost", "Table")]


@pytest.mark.parametrize(
    ("name", "label"),
    [(None, "may be lost"), ("orders", "may be refused")],
)
def test_a_conditional_property_may_replace(name: str | None, label: str) -> None:
    named: dict[str, Any] = {"TableName": name} if name else {}
    new_keys = [*KEYS, {"AttributeName": "sk", "KeyType": "RANGE"}]
    old, new = ({"Table": table(KeySchema=keys, **named)} for keys in (KEYS, new_keys))
    found = finding(old, new)
    assert found.label == label
    assert "KeySchema changes, which replaces the resource unless it can be changed in place." in found.why


def test_a_named_resource_that_has_to_be_replaced_is_refused() -> None:
    old, new = (
        {"Vault": resource(VAULT, BackupVaultName="orders", EncryptionKeyArn=f"arn:aws:kms:eu-central-1:1:key/{key}")}
        for key in "ab"
    )
    found = finding(old, new)
    assert (found.effect, found.certain, found.cause) == (Effect.REFUSED, True, Cause.NAMED)
    assert found.what == "CloudFormation has to replace it, and cannot: its name stays orders."
    assert found.source.endswith("aws-properties-name.html")


def test_a_vault_may_be_kept_by_its_recovery_points() -> None:
    old, new = ({"Vault": resource(VAULT, BackupVaultName=name)} for name in "ab")
    found = finding(old, new)
    assert found.label == "may be lost"
    assert "That fails while it is not empty; then it is left behind." in found.why


def test_what_refers_to_a_replaced_resource_is_replaced_too() -> None:
    source = {"Fn::GetAtt": ["Table", "StreamArn"]}
    mapping = resource("AWS::Lambda::EventSourceMapping", EventSourceArn=source)
    old = {"Table": table(KeySchema=KEYS, kept=True), "Mapping": mapping}
    new = {"Table": table(KeySchema=[], kept=True), "Mapping": mapping}
    assert labels(old, new) == [("may be lost", "Mapping"), ("may be replaced", "Table")]


def test_what_refers_to_a_resource_that_is_refused_is_not_replaced() -> None:
    mapping = resource("AWS::Lambda::EventSourceMapping", EventSourceArn={"Fn::GetAtt": ["Table", "StreamArn"]})
    old = {"Table": table(KeySchema=KEYS, TableName="orders"), "Mapping": mapping}
    new = {"Table": table(KeySchema=[], TableName="orders"), "Mapping": mapping}
    assert labels(old, new) == [("may be refused", "Table")]


def test_what_holds_nothing_is_only_noted() -> None:
    old, new = ({"Role": resource("AWS::IAM::Role", Path=path)} for path in ("/", "/orders/"))
    found = planned(old, new)
    assert found.findings == ()
    (note,) = found.notes
    assert note.startswith('Orders/Role: is replaced, which loses nothing. Path changes from "/" to "/orders/".')
    assert note.endswith("Path can only be set when a resource is created.")


@pytest.mark.parametrize(
    ("before", "after", "label"),
    [
        # The same parameter, whose value the deployment gives.
        ({"Ref": "Name"}, {"Ref": "Name"}, ""),
        ({"Ref": "Name"}, {"Ref": "Other"}, "may be lost"),
        ("orders", {"Ref": "Name"}, "may be lost"),
        ("orders", {"Ref": "Queue"}, "may be lost"),
        ({"Ref": "Role"}, {"Ref": "Queue"}, "lost"),
        ({"Fn::Sub": "${Name}-a"}, {"Fn::Sub": "${Name}-b"}, "lost"),
        ({"Fn::Sub": "${AWS::StackName}-a"}, {"Fn::Join": ["-", [{"Ref": "AWS::StackName"}, "a"]]}, ""),
        ({"Fn::If": ["Prod", "a", "b"]}, {"Fn::If": ["Prod", "a", "c"]}, "may be lost"),
        ({"Fn::If": ["Prod", "a", {"Ref": "AWS::NoValue"}]}, None, "may be lost"),
    ],
)
def test_what_only_the_deployment_knows_may_replace(before: Any, after: Any, label: str) -> None:
    others = {"Queue": resource("AWS::SQS::Queue"), "Role": resource("AWS::IAM::Role")}
    names = [{} if name is None else {"TableName": name} for name in (before, after)]
    old, new = ({"Table": table(**each), **others} for each in names)
    conditions = {"Prod": {"Fn::Equals": [{"Ref": "Name"}, "prod"]}}
    found = labels(old, new, Parameters=PARAMETERS, Conditions=conditions)
    assert found == ([(label, "Table")] if label else [])


@pytest.mark.parametrize(("attribute", "label"), [("Default", "may be lost"), ("Description", "")])
def test_a_parameter_that_is_defined_anew_may_replace(attribute: str, label: str) -> None:
    body = {"Table": table(TableName={"Ref": "Name"})}
    old, new = (template(body, Parameters={"Name": {"Type": "String", attribute: each}}) for each in "ab")
    assert [each.label for each in plan([old], [new]).findings] == ([label] if label else [])


def test_a_parameter_that_stays_is_noted() -> None:
    body = {"Table": table(TableName={"Ref": "Name"})}
    (note,) = planned(body, body, Parameters=PARAMETERS).notes
    assert note.startswith("Orders/Table: TableName is given by the parameter Name.")


@pytest.mark.parametrize(("kind", "label"), [("Table", "lost"), ("GlobalTable", "")])
def test_another_type_of_an_attribute_replaces_a_table(kind: str, label: str) -> None:
    old, new = (
        {"A": resource(f"AWS::DynamoDB::{kind}", AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": each}])}
        for each in "SN"
    )
    assert labels(old, new) == ([(label, "A")] if label else [])


def test_references_are_equal_whatever_the_templates_are_called() -> None:
    body = {"Table": table(), "Log": resource("AWS::Logs::LogGroup", LogGroupName={"Ref": "Table"})}
    assert plan([template(body, "a.yaml")], [template(body, "b.yaml")]).findings == ()


def test_numbers_and_truth_values_may_be_text() -> None:
    old, new = ({"Queue": resource("AWS::SQS::Queue", FifoQueue=fifo)} for fifo in (True, "true"))
    assert labels(old, new) == []
