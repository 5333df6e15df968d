"""Rules that answer threats to the table are met by the table that is modelled; the others say what they take."""

from __future__ import annotations

import pytest
from aws_cdk import App, Environment, Stack

from secure_ddb.cloudformation.template import Template
from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict
from tests.policies.threatened import threatened
from tests.threats.applications import models

ACCOUNT, REGION = "111122223333", "eu-central-1"
# Rules that have nothing to judge there, by what they judge.
ELSEWHERE = {
    "detection of SharedResources": {"DET2", "DET3", "DET6", "DET8", "DET12", "MON19"},
    "grants by partition key or attribute": {"IAM4", "IAM5"},
    "a restore test": {"BAK15"},
    "a subscriber of the topic": {"DET11"},
    "a limit of the capacity": {"MON16"},
    "other readers of the stream": {"AUD29"},
}


@pytest.fixture(scope="module")
def said() -> dict[str, set[Verdict]]:
    app = App()
    threatened(Stack(app, "Test", env=Environment(account=ACCOUNT, region=REGION)))
    body = app.synth().get_stack_by_name("Test").template
    found: dict[str, set[Verdict]] = {}
    for rule, judgement in judge(Assembly([Template(name="Test", body=body, account=ACCOUNT, region=REGION)])):
        found.setdefault(rule.id.removeprefix("SecureDdb-"), set()).add(judgement.verdict)
    return found


def test_every_rule_is_met_or_judges_something_else(said: dict[str, set[Verdict]]) -> None:
    (table,) = (each for each in models() if each.name == "table")
    named = {name.removeprefix("SecureDdb-") for threat in table.threats for name in threat.rules}
    elsewhere = {name for names in ELSEWHERE.values() for name in names}
    assert {name for name in named - elsewhere if Verdict.MET not in said.get(name, set())} == set()
    assert {name for name in named if Verdict.NOT_MET in said.get(name, set())} == set()
    assert {name for name in elsewhere if name not in named or Verdict.MET in said.get(name, set())} == set()
