"""A key without a policy in the template has AWS's default policy, which allows the account everything."""

from __future__ import annotations

import pytest

from secure_ddb.rules.rule import Verdict
from tests.rules.cases.making import KEY, KEY_STATEMENTS
from tests.rules.handwritten import changed, judgements, verdicts
from tests.rules.handwritten.making import ROOT

DEFAULT = (f"{KEY}/KeyPolicy", None)
RULES = ("ENC6", "ENC7", "ENC8", "ENC9", "ENC10", "ENC13", "IAM8", "AUD7", "BAK7", "MON10")
WRITTEN = {"Statement": [{"Effect": "Allow", "Principal": ROOT, "Action": "kms:*", "Resource": "*"}]}


@pytest.mark.parametrize("rule", ["ENC6", "ENC13", "BAK7"])
def test_account_can_use_and_administer_a_key_with_the_default_policy(rule: str) -> None:
    assert verdicts(changed(DEFAULT), f"SecureDdb-{rule}") == {Verdict.MET}
    absent = (f"{KEY}/KeyPolicy", {"Ref": "AWS::NoValue"})
    assert verdicts(changed(absent), f"SecureDdb-{rule}") == {Verdict.MET}


@pytest.mark.parametrize("rule", ["ENC7", "ENC8", "ENC9"])
def test_default_policy_allows_too_much(rule: str) -> None:
    (judgement,) = judgements(changed(DEFAULT), f"SecureDdb-{rule}")
    assert judgement.verdict is Verdict.NOT_MET
    assert judgement.path == "Properties.KeyPolicy"
    assert judgement.key == "DefaultKeyPolicy"


@pytest.mark.parametrize("rule", RULES)
def test_default_policy_is_judged_as_if_it_were_written_down(rule: str) -> None:
    written = verdicts(changed((f"{KEY}/KeyPolicy", WRITTEN)), f"SecureDdb-{rule}")
    assert verdicts(changed(DEFAULT), f"SecureDdb-{rule}") == written


def test_policy_without_statements_is_not_the_default_one() -> None:
    assert verdicts(changed((KEY_STATEMENTS, [])), "SecureDdb-ENC13") == {Verdict.NOT_MET}
