"""Resources that are taken out, that change their type, or that want a name that is taken."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.planning.model import Cause
from secure_ddb.planning.plan import plan
from tests.planning.planning import Body, finding, labels, planned, resource, table, template

KEY = "AWS::KMS::Key"


def test_a_removed_table_is_lost() -> None:
    found = finding({"Table": table()}, {})
    assert (found.label, found.cause) == ("lost", Cause.REMOVED)
    assert found.what == "CloudFormation deletes it with its items."
    assert found.why == "It is taken out of the template. DeletionPolicy is missing, so CloudFormation deletes it."


def test_a_removed_retained_table_keeps_its_name() -> None:
    found = finding({"Table": table(kept=True, TableName="orders")}, {})
    assert found.label == "left behind"
    assert found.what.endswith("Its name orders stays taken: creating it again fails.")
    assert found.steps[0].startswith("To have it in the stack again, import it")


def test_a_name_that_only_the_deployment_knows_stays_taken_too() -> None:
    named = {"Table": table(kept=True, TableName={"Fn::Sub": "${Stage}-orders"})}
    found = finding(named, {}, Parameters={"Stage": {"Type": "String"}})
    assert found.what.endswith("Its name stays taken: creating it again fails.")


def test_deletion_protection_leaves_a_removed_log_group_behind() -> None:
    old = {"Log": resource("AWS::Logs::LogGroup", DeletionProtectionEnabled=True)}
    found = finding(old, {})
    assert found.label == "left behind"
    assert "CloudFormation tries three times" in found.why


def test_a_removed_key_waits_before_it_is_deleted() -> None:
    assert "until then the deletion can be cancelled" in finding({"Key": resource(KEY)}, {}).why


def test_a_removed_role_is_no_finding() -> None:
    assert labels({"Role": resource("AWS::IAM::Role", RoleName="reader")}, {}) == []


def test_another_logical_id_without_a_name_is_another_resource() -> None:
    found = finding({"Key": resource(KEY)}, {"OrdersKey": resource(KEY)})
    assert (found.label, found.logical_id) == ("lost", "Key")
    assert "OrdersKey is new and of the same type, but to CloudFormation another resource, and empty." in found.why
    assert found.steps[0] == "If OrdersKey is the same resource, keep the logical id Key."


@pytest.mark.parametrize("kind", ["AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table"])
@pytest.mark.parametrize("kept", [True, False])
def test_another_logical_id_with_the_same_name_is_refused(kind: str, *, kept: bool) -> None:
    found = finding({"Table": table(kept=kept, TableName="orders")}, {"Orders": resource(kind, TableName="orders")})
    assert (found.label, found.cause, found.logical_id) == ("refused", Cause.NAME_TAKEN, "Orders")
    assert found.what == "Its creation fails: Table already has the TableName orders."


def test_a_name_that_becomes_free_in_the_same_update_is_still_taken() -> None:
    old = {"A": table(TableName="orders", kept=True)}
    new = {"A": table(TableName="old-orders", kept=True), "B": table(TableName="orders")}
    assert labels(old, new) == [("refused", "B"), ("replaced", "A")]


@pytest.mark.parametrize(
    ("kept", "found"),
    [
        (True, ["refused", "left behind"]),
        (False, ["lost", "may be refused"]),
    ],
)
def test_a_table_that_moves_to_another_stack(found: list[str], *, kept: bool) -> None:
    body = {"Table": table(kept=kept, TableName="orders")}
    findings = plan([template(body, "A"), template({}, "B")], [template({}, "A"), template(body, "B")]).findings
    assert [each.label for each in findings] == found


def test_a_stack_that_is_gone_keeps_its_names() -> None:
    body = {"Table": table(TableName="orders")}
    old = [template(body, "A"), template({}, "B")]
    found = plan(old, [template(body, "B"), template({}, "C")])
    assert [(each.label, each.stack) for each in found.findings] == [("refused", "B")]
    assert found.notes[0].startswith("A: a stack that is not in the new synth. No deployment deletes it")


def test_names_of_other_regions_are_free() -> None:
    body = {"Table": table(TableName="orders")}
    old = [template(body, "A"), template({}, "B", region="eu-west-1")]
    new = [template(body, "A"), template(body, "B", region="eu-west-1")]
    assert plan(old, new).findings == ()


def test_a_table_cannot_become_a_global_table() -> None:
    found = finding(
        {"Orders": resource("AWS::DynamoDB::Table", TableName="orders")}, {"Orders": table(TableName="orders")}
    )
    assert (found.label, found.cause) == ("refused", Cause.TYPE)
    assert "AWS warns that the table may be deleted" in found.why
    assert found.source.endswith("aws-resource-dynamodb-globaltable.html")
    assert len(found.steps) == 3


def test_no_resource_can_change_its_type() -> None:
    found = finding({"A": resource("AWS::SNS::Topic")}, {"A": resource("AWS::SQS::Queue")})
    assert (found.label, found.cause) == ("refused", Cause.TYPE)


@pytest.mark.parametrize(
    ("condition", "before", "found"),
    [
        ("Prod", "", [("may be lost", "Table")]),
        ("Prod", "Prod", []),
        ("Never", "", [("lost", "Table")]),
        ("Always", "", []),
    ],
)
def test_a_condition_may_take_a_table_out(condition: str, before: str, found: list[tuple[str, str]]) -> None:
    kind = "AWS::DynamoDB::Table"
    conditions = {
        "Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "Never": {"Fn::Equals": ["a", "b"]},
        "Always": {"Fn::Equals": ["a", "a"]},
    }
    old, new = ({"Table": resource(kind, condition=each)} for each in (before, condition))
    assert labels(old, new, Conditions=conditions, Parameters={"Stage": {"Type": "String"}}) == found


def test_a_condition_that_is_defined_anew_may_take_a_table_out() -> None:
    body = {"Table": resource("AWS::DynamoDB::Table", condition="Prod")}
    old, new = (
        template(body, Parameters={"S": {"Type": "String"}}, Conditions={"Prod": {"Fn::Equals": [{"Ref": "S"}, stage]}})
        for stage in ("prod", "production")
    )
    assert [each.label for each in plan([old], [new]).findings] == ["may be lost"]


NESTED: Any = {"Inner": {"Table": table()}}


@pytest.mark.parametrize(
    ("stack", "nested", "found"),
    [
        (resource("AWS::CloudFormation::Stack"), NESTED, [("lost", "Table")]),
        (resource("AWS::CloudFormation::Stack", kept=True), NESTED, [("left behind", "Inner")]),
        (resource("AWS::CloudFormation::Stack"), {}, [("lost", "Inner")]),
    ],
)
def test_a_nested_stack_goes_with_all_that_is_in_it(stack: Body, nested: Body, found: list[tuple[str, str]]) -> None:
    old, new = template({"Inner": stack}, nested=nested), template({})
    assert [(each.label, each.logical_id) for each in plan([old], [new]).findings] == found


def test_a_nested_stack_is_compared() -> None:
    stack = {"Inner": resource("AWS::CloudFormation::Stack")}
    found = plan([template(stack, nested=NESTED)], [template(stack, nested={"Inner": {}})])
    assert [(each.stack, each.label) for each in found.findings] == [("Orders/Inner", "lost")]
    assert found.compared == 2


@pytest.mark.parametrize(
    ("resources", "sections", "note"),
    [
        ({}, {"Transform": "AWS::Serverless-2016-10-31"}, "Orders: not compared: the output of the transform"),
        ({"Inner": resource("AWS::CloudFormation::Stack")}, {}, "Orders: not compared: the nested stack Inner"),
        (
            {"Set": resource("AWS::CloudFormation::StackSet")},
            {},
            "Orders: not compared: the templates of the",
        ),
        ({"It": resource("Example::Own::MODULE")}, {}, "Orders: not compared: the resources of the module It"),
        ({}, {"Mappings": {"Fn::Transform": "x"}}, "Orders: not compared: the value of Mappings.Fn::Transform (x)"),
    ],
)
def test_what_is_not_compared_is_told(resources: Body, sections: Body, note: str) -> None:
    (said,) = planned(resources, resources, **sections).notes
    assert said.startswith(note)


def test_types_of_which_nothing_is_known_are_told() -> None:
    plan = planned({"Database": resource("AWS::RDS::DBInstance")}, {})
    assert plan.findings == ()
    assert plan.notes == ("Orders: not judged: the changed and removed resources of type AWS::RDS::DBInstance.",)
