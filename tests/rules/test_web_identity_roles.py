"""Which roles of web identity providers reach items of others, and what says so (IAM14, IAM15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from secure_ddb.rules.rule import Verdict
from tests.rules.cases.web_identity import COGNITO, GRANT, NAMED, TRUST, WEB_IDENTITY, users
from tests.rules.handwritten import changed, judgements, verdicts
from tests.rules.handwritten.making import ACCOUNT

if TYPE_CHECKING:
    from tests.rules.cases.making import Change

ITEMS, GUESTS = "SecureDdb-IAM14", "SecureDdb-IAM15"


def test_users_of_cognito_who_are_limited_to_their_items_are_as_they_should_be() -> None:
    content = changed(*WEB_IDENTITY)
    (items,), (guests,) = judgements(content, ITEMS), judgements(content, GUESTS)
    assert items.detail == f"Statement0 lets users of {COGNITO} with User access items by partition key"
    assert guests.detail == "Statement0 does not let guests assume it"


@pytest.mark.parametrize("role", NAMED)
def test_users_whom_the_trust_policy_names_may_reach_every_item(role: list[Change]) -> None:
    assert verdicts(changed(*role), ITEMS) == {Verdict.MET}


def test_what_reaches_no_item_is_not_judged() -> None:
    for action in ("dynamodb:DescribeTable", "dynamodb:UpdateTable"):
        changes = users((f"{GRANT}/Condition", None), (f"{GRANT}/Action", action))
        assert judgements(changed(*changes), ITEMS) == []


@pytest.mark.parametrize(
    "principal",
    [
        {"Service": "lambda.amazonaws.com"},
        {"AWS": f"arn:aws:iam::{ACCOUNT}:role/people"},
        {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/Company"},
    ],
    ids=str,
)
def test_other_roles_are_not_judged(principal: dict[str, str]) -> None:
    changes = users((f"{TRUST}/Principal", principal), (f"{GRANT}/Condition", None))
    content = changed(*changes)
    assert judgements(content, ITEMS) == judgements(content, GUESTS) == []


@pytest.mark.parametrize(
    "methods", ["authenticated", "graph.facebook.com", ["authenticated", "www.amazon.com"], "auth*"]
)
def test_methods_of_those_who_signed_in_refuse_guests(methods: str | list[str]) -> None:
    changes = users((f"{TRUST}/Condition/ForAnyValue:StringLike/{COGNITO}:amr", methods))
    assert verdicts(changed(*changes), GUESTS) == {Verdict.MET}


def test_a_role_without_an_audience_is_open_to_users_of_every_identity_pool() -> None:
    changes = users((f"{TRUST}/Condition/StringEquals", None))
    found = [each for each in judgements(changed(*changes), "SecureDdb-IAM7") if each.verdict is Verdict.NOT_MET]
    assert [each.detail for each in found] == ["Statement0 lets everyone assume it"]
