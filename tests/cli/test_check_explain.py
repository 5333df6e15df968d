"""`secure-ddb check --explain` says all about a rule."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.rules.pack import RULES
from tests.cli.checking import run


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_rule_is_explained(rule: Any) -> None:
    result = run("--explain", rule.id)
    assert result.exit_code == 0
    said = " ".join(result.stdout.split())
    wanted = (rule.id, rule.severity.value, rule.title, rule.rationale, rule.remedy, rule.source)
    for text in (*wanted, *rule.requirements, *rule.controls):
        assert " ".join(text.split()) in said


@pytest.mark.parametrize(
    "name", ["enc2", "ENC2", "SecureDdb-ENC2", "secureddb-enc2", "SecureDdb::SecureDdb-ENC2", "SecureDdb-ENC2[a[0]]"]
)
def test_a_rule_may_be_named_in_short(name: str) -> None:
    assert run("--explain", name).stdout.startswith("SecureDdb-ENC2, medium\n")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("ENC99", "Similar rules are: SecureDdb-ENC1, SecureDdb-ENC2,"),
        ("BACK1", "Similar rules are: SecureDdb-BAK1,"),
        ("AwsSolutions-S1", "The rules are: SecureDdb-ENC1,"),
    ],
)
def test_a_rule_that_is_none_is_status_2_and_shows_near_ones(name: str, near: str) -> None:
    result = run("--explain", name)
    assert result.exit_code == 2
    said = " ".join(result.stderr.split())
    assert f"There is no rule '{name}'. {near}" in said
    assert result.stdout == ""
