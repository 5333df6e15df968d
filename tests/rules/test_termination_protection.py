"""Whether stacks with tables have termination protection (OPS-5), by what CDK writes into the manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnCondition, CfnParameter, CfnWaitConditionHandle, Environment, Fn, NestedStack, Stack
from aws_cdk.aws_dynamodb import Table

from secure_ddb import DataClassification, Lifecycle
from secure_ddb.cloudformation.json_schema import ShapeError
from secure_ddb.judging.judge import judge
from secure_ddb.judging.reading import read_templates
from secure_ddb.rules.rule import Verdict
from tests.orders import PK, orders

if TYPE_CHECKING:
    from collections.abc import Callable

    from secure_ddb.rules.rule import Judgement

HERE = Environment(account="111122223333", region="eu-central-1")


def judged(folder: Path, fill: Callable[[Stack], object], **arguments: Any) -> list[Judgement]:
    app = App(outdir=str(folder))
    fill(Stack(app, "Payments", env=HERE, **arguments))
    read = read_templates([Path(app.synth().get_stack_by_name("Payments").template_full_path)])
    return [judgement for each, judgement in judge(read) if each.id == "SecureDdb-OPS7"]


def a_table(stack: Stack) -> None:
    Table(stack, "Orders", partition_key=PK)


@pytest.mark.parametrize(
    ("protection", "verdict"), [(True, Verdict.MET), (False, Verdict.MANUAL), (None, Verdict.MANUAL)]
)
def test_manifest_says_so(tmp_path: Path, protection: bool | None, verdict: Verdict) -> None:  # noqa: FBT001
    (said,) = judged(tmp_path, a_table, termination_protection=protection)
    assert said.verdict is verdict


def test_protection_is_that_of_the_stack_around_nested_ones(tmp_path: Path) -> None:
    def fill(stack: Stack) -> None:
        for name in ("One", "Other"):
            a_table(NestedStack(stack, name))

    (said,) = judged(tmp_path, fill, termination_protection=True)
    assert said.verdict is Verdict.MET
    assert len(said.tables) == 2


def test_conditions_of_resources_do_not_matter(tmp_path: Path) -> None:
    def fill(stack: Stack) -> None:
        a_table(stack)
        size = CfnParameter(stack, "Size").value_as_string
        more = CfnWaitConditionHandle(stack, "More")
        more.cfn_options.condition = CfnCondition(stack, "Large", expression=Fn.condition_equals(size, "large"))

    (said,) = judged(tmp_path, fill, termination_protection=True)
    assert said.verdict is Verdict.MET


def test_stack_without_tables_needs_none(tmp_path: Path) -> None:
    assert judged(tmp_path, lambda _: None) == []


def test_ephemeral_table_goes_away_with_its_stack(tmp_path: Path) -> None:
    lifecycle = Lifecycle.ephemeral(reason="integration tests")
    fill = lambda stack: orders(stack, classification=DataClassification.INTERNAL, lifecycle=lifecycle)  # noqa: E731
    assert judged(tmp_path, fill) == []


def test_template_alone_says_nothing_about_its_stack(tmp_path: Path) -> None:
    judged(tmp_path, a_table)
    (tmp_path / "manifest.json").unlink()
    read = read_templates([tmp_path / "Payments.template.json"])
    assert [each for each, _ in judge(read) if each.id == "SecureDdb-OPS7"] == []


def test_manifest_in_another_shape_is_refused(tmp_path: Path) -> None:
    judged(tmp_path, a_table)
    file = tmp_path / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    manifest["artifacts"]["Payments"]["properties"]["terminationProtection"] = "yes"
    file.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ShapeError, match="terminationProtection is no"):
        read_templates([tmp_path / "Payments.template.json"])
