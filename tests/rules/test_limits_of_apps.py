"""Policies and stacks that AWS would refuse, in real apps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, CfnWaitConditionHandle, Environment, Stack
from aws_cdk.aws_dynamodb import Table
from aws_cdk.aws_iam import ManagedPolicy

from secure_ddb import SecureTable
from secure_ddb.judging.judge import judge
from secure_ddb.judging.reading import read_templates
from secure_ddb.rules.rule import Verdict
from secure_ddb.synthesis import app as synthesis
from tests.orders import OWNERSHIP, PK

if TYPE_CHECKING:
    from secure_ddb.rules.rule import Judgement

ENVIRONMENT = Environment(account="111122223333", region="eu-central-1")


def judged(app: App, rule: str) -> list[Judgement]:
    assembly = app.synth()
    read = read_templates(Path(stack.template_full_path) for stack in assembly.stacks)
    return [judgement for each, judgement in judge(read) if each.id == f"SecureDdb-{rule}"]


@pytest.mark.parametrize(("minimized", "verdict"), [(False, Verdict.NOT_MET), (True, Verdict.MET)])
def test_grants_of_six_tables_exceed_one_managed_policy_unless_cdk_merges_statements(
    tmp_path: Path, *, minimized: bool, verdict: Verdict
) -> None:
    app = App(outdir=str(tmp_path), context={"@aws-cdk/aws-iam:minimizePolicies": minimized})
    stack = Stack(app, "Payments", env=ENVIRONMENT)
    policy = ManagedPolicy(stack, "UseTables")
    for number in range(6):
        table = SecureTable(stack, f"CustomerOrders{number}", partition_key=PK, ownership=OWNERSHIP)
        table.grant_read_write_data(policy)
    (said,) = (each for each in judged(app, "OPS4") if each.resource and "UseTables" in each.resource.logical_id)
    assert said.verdict is verdict
    assert said.detail.endswith("of at most 6,144")


def stack_of(resources: int, app: App) -> None:
    stack = Stack(app, "Payments", env=ENVIRONMENT)
    Table(stack, "Orders", partition_key=PK)
    for number in range(resources - 1):
        CfnWaitConditionHandle(stack, f"More{number}")


def test_cdk_itself_refuses_a_stack_of_more_than_500_resources(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))
    stack_of(501, app)
    with pytest.raises(RuntimeError, match="501 is greater than allowed maximum of 500"):
        app.synth()


@pytest.mark.parametrize(("resources", "verdict"), [(500, Verdict.MET), (501, Verdict.NOT_MET)])
def test_in_a_checked_app_a_rule_finds_it(tmp_path: Path, resources: int, verdict: Verdict) -> None:
    app = App(outdir=str(tmp_path), context=synthesis.CONTEXT)
    stack_of(resources, app)
    said = {each.key: each for each in judged(app, "OPS5")}
    assert said["resources"].verdict is verdict
    assert said["resources"].detail == f"its stack has {resources} resources of at most 500"
    assert said["size"].verdict is Verdict.MET
