"""Reading policies, and telling what they let somebody do."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.rules.permissions import Answer, Request, allowed, any_of, both, denied, not_
from secure_ddb.rules.policies import statements
from secure_ddb.rules.sources import restricted

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"


def policy(**statement: Any) -> list[Any]:
    return statements({"Statement": {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", **statement}})


def answer(context: dict[str, tuple[str, ...]] | None = None, service: str = "", **statement: Any) -> Answer:
    role = "" if service else ROLE
    request = Request(
        actions=("kms:Decrypt",), resources=["key"], role=role, service=service, account=ACCOUNT, context=context or {}
    )
    return allowed(policy(**statement), request)


def test_one_or_many_and_lists_are_the_same() -> None:
    (one,), (many,) = (
        policy(),
        statements({"Statement": [{"Effect": "Allow", "Action": ["KMS:decrypt"], "Resource": ["*"]}]}),
    )
    assert one.actions == many.actions
    assert one.resources == many.resources
    assert [each.label for each in (one, many)] == ["Statement0", "Statement0"]


def test_a_policy_may_be_text() -> None:
    (statement,) = statements('{"Statement": {"Effect": "Allow", "Action": "kms:*", "Sid": "All"}}')
    assert statement.covers_action("kms:Decrypt")
    assert statement.label == "All"
    assert statements("{broken") == statements("text") == statements(None) == statements({"Statement": ["text"]}) == []


@pytest.mark.parametrize("document", ["${?p}", {"Statement": "${?p}"}, {"Statement": ["${?p}"]}, '{"broken ${?p}'])
def test_a_statement_that_only_the_deployment_knows_may_allow_and_deny_anything(document: object) -> None:
    (statement,) = found = statements(document)
    assert statement.allows
    assert statement.denies
    assert statement.is_open
    assert not statement.covers_action("kms:Decrypt")
    assert statement.touches_actions(("kms:Decrypt",)) == ["kms:Decrypt"]
    assert restricted(statement) is False
    request = Request(actions=("kms:Decrypt",), resources=["key"], role=ROLE, account=ACCOUNT)
    everybody = policy(Principal="*")
    assert [allowed(found, request), denied(found, request), allowed([*everybody, *found], request)] == [None] * 3
    assert denied([*found, *policy(Principal="*", Effect="Deny")], request) is True


@pytest.mark.parametrize(
    "actions", [{"Action": "${?p}"}, {"Action": ["s3:*", "${?p}"]}, {"NotAction": "${?p}"}], ids=str
)
def test_unknown_actions_are_neither_covered_nor_left_out(actions: Any) -> None:
    assert answer(Principal="*", **{"Action": None, **actions}) is None
    assert answer(Principal={"AWS": f"{ROLE}s"}, **{"Action": None, **actions}) is False


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ("*", True),
        ({"AWS": "*"}, True),
        ({"AWS": ACCOUNT}, True),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, True),
        ({"AWS": [ROLE, "arn:aws:iam::444455556666:root"]}, True),
        ({"AWS": "arn:aws:iam::444455556666:root"}, False),
        ({"AWS": f"{ROLE}s"}, False),
        ({"Service": "lambda.amazonaws.com"}, False),
        ({"AWS": "${?p}"}, None),
        ({"AWS": "arn:aws:iam::${AWS.AccountId}:root"}, None),
    ],
    ids=str,
)
def test_who_is_meant(principal: Any, expected: Answer) -> None:
    assert answer(Principal=principal) is expected


def test_everybody_but_some() -> None:
    assert answer(NotPrincipal={"AWS": ROLE}) is False
    assert answer(NotPrincipal={"AWS": "arn:aws:iam::444455556666:root"}) is True


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"KMS:viaService": "s3"}}, True),
        ({"StringEquals": {"kms:ViaService": ["dynamodb", "s3"]}}, True),
        ({"StringEquals": {"kms:ViaService": "S3"}}, False),
        ({"StringEqualsIgnoreCase": {"kms:ViaService": "S3"}}, True),
        ({"StringLike": {"kms:ViaService": "s*"}}, True),
        ({"StringNotEquals": {"kms:ViaService": "s3"}}, False),
        ({"StringNotLike": {"kms:ViaService": "d*"}}, True),
        ({"StringEquals": {"kms:ViaService": "${?p}"}}, None),
        ({"StringNotEquals": {"kms:ViaService": "${?p}"}}, None),
        ({"StringEquals": {"aws:UserAgent": "x"}}, None),
        ({"StringEquals": {"missing": "x"}}, False),
        ({"StringEqualsIfExists": {"missing": "x"}}, True),
        ({"ForAllValues:StringEquals": {"missing": "x"}}, True),
        ({"ForAnyValue:StringEquals": {"missing": "x"}}, False),
        ({"ForAnyValue:StringNotEquals": {"missing": "x"}}, False),
        ({"ForAnyValue:StringNotEqualsIfExists": {"missing": "x"}}, True),
        ({"ForAllValues:StringNotEquals": {"missing": "x"}}, True),
        ({"StringNotEquals": {"missing": "x"}}, True),
        ({"Null": {"missing": "true"}}, True),
        ({"Null": {"kms:ViaService": "true"}}, False),
        ({"Null": {"kms:ViaService": False}}, True),
        ({"Bool": {"flag": True}}, True),
        ({"Bool": {"flag": "False"}}, False),
        ({"ArnLike": {"arn": "arn:aws:sns:*:*:x"}}, True),
        ({"ArnNotEquals": {"arn": "arn:aws:sns:*:*:x"}}, False),
        ({"NumericLessThan": {"arn": "1"}}, None),
        ({"IpAddress": {"address": "203.0.113.0/24"}}, True),
        ({"IpAddress": {"address": "0.0.0.0/${?bits}"}}, None),
        ({"IpAddress": {"address": "no address"}}, False),
        ("${?p}", None),
        ({"StringEquals": "${?p}"}, None),
        ({"StringEquals": "${?p}", "Bool": {"flag": "false"}}, False),
        ({"Unheard:Of": {"missing": "x"}}, None),
        ({"Unheard:Of": {}}, None),
        ({"StringEquals": {"kms:ViaService": "s3"}, "Bool": {"flag": "false"}}, False),
    ],
    ids=str,
)
def test_conditions(condition: Any, expected: Answer) -> None:
    context = {
        "kms:viaservice": ("s3",),
        "missing": (),
        "flag": ("true",),
        "arn": ("arn:aws:sns:eu-central-1:1:x",),
        "address": ("203.0.113.7",),
    }
    assert answer(context, Principal="*", Condition=condition) is expected


def test_not_actions_and_not_resources() -> None:
    assert answer(Principal="*", NotAction="s3:*", Action=None) is True
    assert answer(Principal="*", NotAction="kms:*", Action=None) is False
    assert answer(Principal="*", NotResource="key") is False
    assert answer(Principal="*", Resource="other") is False
    assert answer(Principal="*", Resource="${?p}") is None
    assert answer(Principal="*", Resource=None, NotResource="${?p}") is None


def test_a_denial_outweighs_and_one_that_is_uncertain_leaves_it_open() -> None:
    request = Request(actions=("kms:Decrypt",), role=ROLE, account=ACCOUNT, context={"flag": ("true",)})
    allowing = policy(Principal="*")
    for condition, expected in (({"flag": "true"}, False), ({"flag": "false"}, True), ({"other": "x"}, None)):
        found = [*allowing, *policy(Effect="Deny", Principal="*", Condition={"Bool": condition})]
        assert allowed(found, request) is expected
        assert denied(found, request) is not_(expected)
    assert allowed([], request) is False


def test_answers_combine() -> None:
    assert [any_of(each) for each in ([], [False], [None, False], [None, True])] == [False, False, None, True]
    assert [both(), both(True, None), both(None, False), both(True, True)] == [True, None, False, True]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({}, False),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-x"}}, True),
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}, False),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}, False),
        ({"StringLike": {"aws:PrincipalArn": "*"}}, False),
        ({"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}}, False),
        ({"StringNotEquals": {"aws:SourceAccount": ACCOUNT}}, False),
        ({"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-x/*"}}, False),
        ({"Null": {"aws:SourceAccount": "false"}}, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, False),
    ],
    ids=str,
)
def test_conditions_that_leave_everybody_to_somebody(condition: Any, expected: bool) -> None:  # noqa: FBT001
    (statement,) = policy(Principal="*", Condition=condition)
    assert restricted(statement) is expected
