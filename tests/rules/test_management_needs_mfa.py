"""Which conditions let nobody manage tables without MFA."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.rules.rule import Verdict
from tests.rules.cases.making import READER_STATEMENTS
from tests.rules.handwritten import changed, judgements
from tests.rules.handwritten.making import PARAMETER

PRESENT, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        ({"Null": {AGE: "false"}}, Verdict.MET),
        ({"Null": {AGE: False}}, Verdict.MET),
        ({"NumericLessThan": {AGE: "3600"}}, Verdict.MET),
        ({"Null": {AGE: "true"}}, Verdict.NOT_MET),
        ({"NumericLessThanIfExists": {AGE: "3600"}}, Verdict.NOT_MET),
        # A role's credentials always have the key, with or without MFA.
        ({"Null": {PRESENT: "false"}}, Verdict.NOT_MET),
        ({"Null": {PRESENT: "true"}}, Verdict.NOT_MET),
        ({"Null": {AGE: PARAMETER}}, Verdict.NOT_VERIFIABLE),
        ({"Null": {"aws:TokenIssueTime": "false"}}, Verdict.NOT_MET),
    ],
    ids=str,
)
def test_a_request_without_mfa_has_no_age(condition: dict[str, Any], verdict: Verdict) -> None:
    content = changed((f"{READER_STATEMENTS}/1/Condition", condition))
    (said,) = judgements(content, "SecureDdb-IAM6")
    assert said.verdict is verdict
