"""Which conditions let nobody manage tables without MFA."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.rules.rule import Verdict
from secure_ddb.table_evidence import METADATA_KEY, MFA
from tests.rules.cases.making import READER_STATEMENTS, P
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


CONDITION = f"{READER_STATEMENTS}/1/Condition"
SSO = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com"
CLAIM = ("Table/Metadata", {METADATA_KEY: {"claims": {MFA: "Company asks for MFA (stated by SEC-151)"}}})
OF_PROVIDERS: list[dict[str, Any]] = [
    {"StringEquals": {"aws:FederatedProvider": "id.example.com"}},
    {"StringEquals": {"saml:namequalifier": "zRSaqxVeItVHI+kYVROLTqM4+gA="}},
    {"ArnLike": {"aws:PrincipalArn": f"{SSO}/*/AWSReservedSSO_Operators_*"}},
]
# Anybody else may come as well.
NOT_OF_PROVIDERS: list[dict[str, Any]] = [
    {"StringNotEquals": {"aws:FederatedProvider": "id.example.com"}},
    {"StringEqualsIfExists": {"saml:namequalifier": "zRSaqxVeItVHI+kYVROLTqM4+gA="}},
    {"ArnLike": {"aws:PrincipalArn": [f"{SSO}/*/AWSReservedSSO_Operators_*", "arn:aws:iam::111122223333:role/Reader"]}},
    {"Null": {"aws:FederatedProvider": "true"}},
]


def said(*changes: tuple[str, Any]) -> tuple[Verdict, str]:
    (found,) = judgements(changed(*changes), "SecureDdb-IAM6")
    return found.verdict, found.detail


@pytest.mark.parametrize("condition", OF_PROVIDERS, ids=str)
def test_whether_a_provider_asks_for_mfa_cannot_be_seen(condition: dict[str, Any]) -> None:
    verdict, detail = said((CONDITION, condition))
    assert verdict is Verdict.NOT_VERIFIABLE
    assert detail.endswith("manage tables; the templates do not show whether it requires MFA")


@pytest.mark.parametrize("condition", OF_PROVIDERS, ids=str)
def test_claim_of_the_table_is_shown_and_not_met(condition: dict[str, Any]) -> None:
    verdict, detail = said((CONDITION, condition), CLAIM)
    assert verdict is Verdict.NOT_VERIFIABLE
    assert detail.endswith("; claimed, not verified: Company asks for MFA (stated by SEC-151)")


@pytest.mark.parametrize("condition", OF_PROVIDERS, ids=str)
def test_claim_of_another_table_is_not_shown(condition: dict[str, Any]) -> None:
    elsewhere = (f"{READER_STATEMENTS}/1/Resource", "arn:aws:dynamodb:eu-central-1:111122223333:table/payments")
    assert "claimed" not in said((CONDITION, condition), elsewhere, CLAIM)[1]


@pytest.mark.parametrize("condition", NOT_OF_PROVIDERS, ids=str)
def test_claim_does_not_help_where_others_manage_tables_without_mfa(condition: dict[str, Any]) -> None:
    verdict, detail = said((CONDITION, condition), CLAIM)
    assert verdict is Verdict.NOT_MET
    assert "claimed" not in detail


def test_policy_without_a_role_in_the_template_is_judged_too() -> None:
    # Identity Center attaches it to roles of its own.
    assert said((CONDITION, OF_PROVIDERS[2]), (f"ReaderPolicy/{P}/Roles", []))[0] is Verdict.NOT_VERIFIABLE


def test_mfa_of_aws_that_is_demanded_as_well_is_met() -> None:
    both = {**OF_PROVIDERS[0], "Bool": {PRESENT: "true"}}
    assert said((CONDITION, both))[0] is Verdict.MET


FEDERATED = {"Federated": "arn:aws:iam::111122223333:saml-provider/Company"}


@pytest.mark.parametrize(
    ("principal", "condition", "verdict"),
    [
        (FEDERATED, None, Verdict.NOT_VERIFIABLE),
        (FEDERATED, {"Bool": {PRESENT: "true"}}, Verdict.MET),
        ({**FEDERATED, "AWS": "arn:aws:iam::111122223333:root"}, None, Verdict.NOT_MET),
    ],
    ids=str,
)
def test_role_that_is_assumed_through_a_provider(
    principal: dict[str, str], condition: dict[str, Any] | None, verdict: Verdict
) -> None:
    trust = (f"Reader/{P}/AssumeRolePolicyDocument/Statement/0/Principal", principal)
    assert said(trust, (CONDITION, condition))[0] is verdict
