"""Steps lead from the old declaration to the code, and no update on the way is refused or loses something."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from secure_ddb.adoption.adopt import adopt
from secure_ddb.adoption.existing import AdoptionError, Origin
from secure_ddb.adoption.model import Direction
from secure_ddb.cloudformation.template import Template
from secure_ddb.evidence.catalogue.load import read_catalogue
from secure_ddb.planning.plan import plan
from tests.adoption.adopted import KEY, REGION, of_properties, read, synthesized
from tests.adoption.test_readers import GLOBAL, TEMPLATE
from tests.adoption.test_stack_code import CASES

if TYPE_CHECKING:
    from pathlib import Path

    from secure_ddb.adoption.existing import ExistingTable
    from secure_ddb.adoption.model import Adoption

TABLES = {name: of_properties(**properties) for name, (properties, _) in CASES.items()}
TABLES |= {"orders": read(TEMPLATE), "global": read(GLOBAL)}


@pytest.mark.parametrize("name", TABLES)
def test_no_update_between_the_stages_is_refused_or_loses_something(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adoption = adopt(TABLES[name])
    last = synthesized(adoption, tmp_path, monkeypatch)
    bodies = [*(stage.template for stage in adoption.stages), last]
    templates = [Template(name="New", body=body, stack_name="New", region=REGION) for body in bodies]
    for before, after in pairwise(templates):
        assert plan([before], [after]).findings == ()


def test_all_at_once_would_be_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    adoption = adopt(TABLES["global"])
    last = synthesized(adoption, tmp_path, monkeypatch)
    before, after = (
        Template(name="New", body=body, stack_name="New", region=REGION) for body in (adoption.stages[0].template, last)
    )
    assert [each.cause.value for each in plan([before], [after]).findings] == ["replica changes"]


def test_the_stages_of_a_table_with_replicas_and_another_stream() -> None:
    table = replace(TABLES["global"], stream="OLD_IMAGE")
    adoption = adopt(table)
    names = [each.file for each in adoption.stages]
    assert names == ["1-import.json", "2-without-us-east-1.json", "3-without-eu-west-1.json", "4-stream.json"]
    commands = " ".join(command for step in adoption.steps for command in step.commands)
    assert re.findall(r"\d-[\w-]+\.json", commands) == names
    said = [step.do for step in adoption.steps if step.do.startswith("Remove the replica")]
    assert [text.split()[4].rstrip(",") for text in said] == ["us-east-1", "eu-west-1"]


def test_the_import_describes_the_table_as_it_is_but_for_capacity() -> None:
    (stage, *_) = adopt(TABLES["orders"]).stages
    ((logical_id, resource),) = stage.template["Resources"].items()
    assert logical_id == "Table710B521B"
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")
    properties = resource["Properties"]
    # Autoscaling of the old type must be gone before.
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
    assert "SSESpecification" not in properties


def steps_of(table: ExistingTable) -> list[str]:
    return [step.do for step in adopt(table).steps]


def test_steps_of_a_template_are_those_of_aws() -> None:
    steps = [step.partition(",")[0].partition(":")[0] for step in steps_of(replace(TABLES["orders"], stack="Shop"))]
    assert steps == [
        "Make a backup of the table",
        "Allow each role that uses the table kms",
        "Where the table is declared now",
        "In the stack Shop",
        "Take Orders out of the stack Shop",
        "Import the table into the new stack OrdersTable",
        "Change the stream",
        "Synthesize the code",
        "Deploy the code. The table changes in place",
        "Look for drift once more",
    ]


def test_what_is_retained_already_is_not_retained_again() -> None:
    table = TABLES["plain"]
    retain = "set DeletionPolicy"
    assert any(retain in step for step in steps_of(table))
    assert not any(retain in step for step in steps_of(replace(table, retained=True)))


def test_of_terraform_the_table_is_forgotten_not_destroyed() -> None:
    table = replace(TABLES["plain"], origin=Origin.TERRAFORM, address='module.shop["eu"].aws_dynamodb_table.orders')
    (step,) = (each for each in adopt(table).steps if "removed block" in each.do)
    assert "terraform state rm 'module.shop[\"eu\"].aws_dynamodb_table.orders'" in step.risk
    assert "If it says destroy, stop." in step.risk


def test_of_what_nobody_knows_the_declaration_is_asked_for() -> None:
    table = replace(TABLES["plain"], origin=Origin.UNKNOWN)
    assert any(step.startswith("Find out whether something declares the table") for step in steps_of(table))


def test_a_kept_key_needs_no_new_permissions() -> None:
    table = TABLES["everything kept"]
    assert table.key_arn == KEY
    assert not any("kms:Decrypt" in step for step in steps_of(table))
    renewed = adopt(table, new_key=True)
    assert any("kms:Decrypt" in step.do for step in renewed.steps)
    assert "Key.from_key_arn" not in renewed.code


@pytest.mark.parametrize(("stack", "said"), [("Shop", "declares the table now"), ("a_b", "a letter, then letters")])
def test_the_new_stack_is_another_one(stack: str, said: str) -> None:
    with pytest.raises(AdoptionError, match=said):
        adopt(replace(TABLES["plain"], stack="Shop"), stack=stack)


def test_the_default_stack_is_not_the_one_that_declares_the_table() -> None:
    assert adopt(replace(TABLES["plain"], stack="OrdersTable")).stack == "SecureOrdersTable"
    assert adopt(replace(TABLES["plain"], name="42-orders.eu_prod")).stack == "T42OrdersEuProdTable"


def difference(adoption: Adoption, text: str) -> str:
    (found,) = (each for each in adoption.differences if text in each.what)
    return f"{found.direction.value} {found.requirement}"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("plain", "replaces the AWS owned key", "gained ENC-1"),
        ("key of AWS", "replaces the AWS managed key", "gained ENC-1"),
        ("everything kept", "keeps its key", "unknown ENC-1"),
        ("stream of new images", "not NEW_IMAGE", "changed AUD-1"),
        ("stream of both images", "reads the stream, too", "changed AUD-1"),
        ("provisioned", "fixed write capacity of the table, by-status", "changed OPS-7"),
        ("orders", "fixed write capacity of by-status becomes", "changed OPS-7"),
        ("microseconds", "not microseconds", "lost AUD-1"),
        ("global", "replicas in eu-west-1, us-east-1", "lost REP-1"),
        ("global", "35 days; not 7 days", "gained BAK-1"),
        ("global", "Contributor Insights are on", "changed MON-2"),
        ("policy", "Its own statements are kept", "gained ENC-3"),
    ],
)
def test_differences_name_their_requirement(name: str, text: str, expected: str) -> None:
    assert difference(adopt(TABLES[name]), text) == expected


def test_a_policy_of_the_stream_is_lost() -> None:
    policy = {"PolicyDocument": {"Version": "2012-10-17", "Statement": []}}
    stream = {"StreamViewType": "NEW_AND_OLD_IMAGES", "ResourcePolicy": policy}
    assert difference(adopt(of_properties(StreamSpecification=stream)), "own policy is replaced") == "lost IAM-1"


def test_what_needs_a_decision_comes_first_and_every_requirement_exists() -> None:
    known = {control.id for control in read_catalogue("requirements.toml").controls}
    order = list(Direction)
    for table in TABLES.values():
        found = adopt(table).differences
        assert {each.requirement for each in found} <= known
        assert [order.index(each.direction) for each in found] == sorted(order.index(each.direction) for each in found)


def test_the_schema_names_what_the_model_has() -> None:
    schema = json.loads(files("secure_ddb.adoption").joinpath("adoption.schema.json").read_text("utf-8"))
    directions = schema["$defs"]["Difference"]["properties"]["direction"]["enum"]
    assert directions == [each.value for each in Direction]
    assert schema["properties"]["table"]["properties"]["origin"]["enum"] == [each.value for each in Origin]
