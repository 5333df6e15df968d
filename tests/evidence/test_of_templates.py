"""Templates are judged together, whoever wrote them and wherever they stand."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from aws_cdk import App, Environment, NestedStack, Stack
from aws_cdk.aws_dynamodb import TableV2

from secure_ddb import SecureTable
from secure_ddb.cloudformation.written_template import TemplateError
from secure_ddb.evidence.model import Evidence, Location, Result, Status
from secure_ddb.evidence.of_templates import evidence_of_templates
from tests.orders import OWNERSHIP, PK
from tests.rules.handwritten import body
from tests.rules.handwritten.making import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Iterable

KEY = """
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties: {EnableKeyRotation: true, KeyPolicy: {Statement: []}}
Outputs:
  Key: {Value: !GetAtt Key.Arn, Export: {Name: key-of-orders}}
"""
TABLE = """
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties: {SSESpecification: {SSEEnabled: true, KMSMasterKeyId: !ImportValue key-of-orders}}
"""


def of_texts(**texts: str) -> Evidence:
    return evidence_of_templates({Path(f"{name}.yaml"): text.encode() for name, text in texts.items()})


def of_files(files: Iterable[Path]) -> Evidence:
    return evidence_of_templates({file: file.read_bytes() for file in files})


def said(evidence: Evidence, rule: str, logical_id: str) -> set[Status]:
    return {each.status for each in evidence.results if (each.rule, each.logical_id) == (rule, logical_id)}


def not_met(evidence: Evidence) -> list[Result]:
    return [result for result in evidence.results if result.status not in (Status.MET, Status.MANUAL)]


def test_a_template_that_lacks_nothing_has_no_finding_in_json_and_yaml() -> None:
    content = body()
    for file, text in {"a.json": json.dumps(content), "a.yaml": yaml.safe_dump(content)}.items():
        evidence = evidence_of_templates({Path(file): text.encode()}, account=ACCOUNT, region=REGION)
        assert not_met(evidence) == []
        assert len(evidence.results) > 50
        assert [(stack.account, stack.region) for stack in evidence.stacks] == [(ACCOUNT, REGION)]


def test_what_another_template_exports_is_seen() -> None:
    alone, together = of_texts(table=TABLE), of_texts(table=TABLE, key=KEY)
    assert said(alone, "SecureDdb-ENC2", "Orders") == {Status.NOT_VERIFIABLE}
    assert said(together, "SecureDdb-ENC2", "Orders") == set()
    assert said(together, "SecureDdb-ENC2", "Key") == {Status.MET}


def test_templates_of_one_name_in_two_folders_are_two() -> None:
    key = KEY.replace("EnableKeyRotation: true, ", "")
    table = TABLE.replace("!ImportValue key-of-orders", "!GetAtt Key.Arn")
    contents = {
        Path("a/template.yaml"): (KEY.partition("Outputs")[0] + table.partition("Resources:")[2]).encode(),
        Path("b/template.yaml"): (key.partition("Outputs")[0] + table.partition("Resources:")[2]).encode(),
    }
    evidence = evidence_of_templates(contents)
    found = {
        result.template: result.status
        for result in evidence.results
        if (result.rule, result.property_path) == ("SecureDdb-ENC2", "Properties.EnableKeyRotation")
    }
    assert found == {"a/template.yaml": Status.MET, "b/template.yaml": Status.NOT_MET}


def test_results_say_on_which_line_a_resource_begins() -> None:
    evidence = of_texts(table=TABLE)
    assert {result.location for result in evidence.results} == {Location(file="table.yaml", line=3)}


def test_what_stands_in_no_file_is_told() -> None:
    text = TABLE.replace(
        "Resources:",
        "Transform: [AWS::Serverless-2016-10-31, {Name: AWS::Include}]\nResources:\n"
        "  Nested: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: nested.yaml}}",
    )
    assert of_texts(table=text).problems == (
        "table.yaml: not judged: the output of the transform AWS::Serverless-2016-10-31",
        "table.yaml: not judged: the output of the transform AWS::Include",
        "table.yaml: not judged: the nested stack Nested as one of this stack",
    )
    assert of_texts(table=TABLE).problems == ()


def test_the_digest_is_of_what_was_judged() -> None:
    (stack,) = of_texts(table=TABLE).stacks
    assert stack.sha256 == sha256(TABLE.encode()).hexdigest()


@pytest.fixture(scope="module")
def cloud_assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("cdk.out")
    app = App(outdir=str(directory))
    environment = Environment(account="111122223333", region="eu-central-1")
    stack = Stack(app, "Orders", env=environment)
    SecureTable(stack, "Table", partition_key=PK, ownership=OWNERSHIP)
    TableV2(NestedStack(stack, "Inner"), "Bare", partition_key=PK)
    app.synth()
    return directory


def test_a_nested_stack_is_judged_once_and_with_the_stack_around_it(cloud_assembly: Path) -> None:
    every = sorted(cloud_assembly.glob("*.template.json"))
    assert len(every) == 2
    outermost = cloud_assembly / "Orders.template.json"
    assert of_files(every).results == of_files([outermost]).results
    # Which trail records reads, and who gets the alarms, is known of neither table.
    open_ = {"SecureDdb-AUD16", "SecureDdb-DET11"}
    found = [result for result in not_met(of_files(every)) if result.rule not in open_]
    assert found
    assert all(result.logical_id.startswith("Bare") for result in found)
    assert {result.stack for result in found} == {"Orders/Inner"}
    assert {result.construct for result in found} == {"Orders/Inner/Bare/Resource"}
    assert not of_files(every).problems
    digests = {stack.template: stack.sha256 for stack in of_files([cloud_assembly / "Orders.template.json"]).stacks}
    assert digests == {str(file): sha256(file.read_bytes()).hexdigest() for file in every}


def test_lines_in_templates_of_nested_stacks_are_known(cloud_assembly: Path) -> None:
    result = not_met(of_files([cloud_assembly / "Orders.template.json"]))[0]
    assert result.location is not None
    assert result.location.file == result.template
    lines = Path(result.template).read_text(encoding="utf-8").splitlines()
    assert lines[result.location.line - 1].strip() == f'"{result.logical_id}": {{'


def test_the_account_of_a_cloud_assembly_is_known(cloud_assembly: Path) -> None:
    file = cloud_assembly / "Orders.template.json"
    stacks = evidence_of_templates({file: file.read_bytes()}, account="444455556666", region="eu-west-1").stacks
    assert {(stack.account, stack.region) for stack in stacks} == {("111122223333", "eu-central-1")}


@pytest.mark.parametrize("manifest", ["[]", "not JSON", '{"name": "a web app"}', '{"artifacts": {"a": 1}}'])
def test_another_kind_of_manifest_beside_a_template_says_nothing(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
    file = tmp_path / "table.yaml"
    file.write_text(TABLE, encoding="utf-8")
    assert [stack.name for stack in of_files([file]).stacks] == [str(file)]


def test_a_nested_stack_in_a_template_that_stands_alone_has_no_assets(tmp_path: Path) -> None:
    file = tmp_path / "stack.yaml"
    file.write_text("Resources:\n  Nested: {Type: AWS::CloudFormation::Stack}\n", encoding="utf-8")
    (problem,) = of_files([file]).problems
    assert problem.endswith("stack.yaml: not judged: the nested stack Nested as one of this stack")


def test_what_is_no_template_is_refused() -> None:
    with pytest.raises(TemplateError, match=r"^b\.yaml: empty$"):
        of_texts(a=TABLE, b="")


def values() -> list[Any]:
    return [None, "x", 7, True, [], [[]], {}, {"a": "b"}, {"Ref": ["a"]}]


@pytest.mark.parametrize("section", ["Parameters", "Mappings", "Conditions", "Outputs", "Transform", "Description"])
@pytest.mark.parametrize("value", values(), ids=repr)
def test_whatever_stands_in_other_sections_is_judged_or_refused(section: str, value: Any) -> None:
    content = body()
    for written in (value, {"It": value}, {"It": {"Value": value, "Export": value}}):
        text = json.dumps({**content, section: written})
        try:
            found = evidence_of_templates({Path("a.json"): text.encode()}).results
        except TemplateError:
            continue
        assert found
