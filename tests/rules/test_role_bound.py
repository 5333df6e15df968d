"""Which roles of audit functions are bound to them (AUD31)."""

from __future__ import annotations

from secure_ddb.rules.rule import Verdict
from tests.rules.cases.making import DIGEST_KEY, HANDLER, bound, variables
from tests.rules.handwritten import changed, judgements, verdicts

RULE = "SecureDdb-AUD31"


def test_a_role_is_bound_by_two_denials() -> None:
    assert verdicts(changed(*bound()), RULE) == {Verdict.MET}


def test_a_function_without_a_digest_key_needs_no_bound_role() -> None:
    assert judgements(changed(HANDLER), RULE) == []


def test_each_use_by_other_code_is_named() -> None:
    found = judgements(changed(HANDLER, DIGEST_KEY, variables()), RULE)
    details = {each.detail for each in found if each.verdict is Verdict.NOT_MET}
    assert "can be used by code for dynamodb:GetRecords" in details
    assert "can be used by another function to digest item keys" in details
