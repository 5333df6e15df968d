"""Reading policies, and telling what they let somebody do."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.iam.confused_deputy import restricted
from secure_ddb.iam.evaluation import Request, allowed, denied
from secure_ddb.iam.policy import statements
from secure_ddb.three_valued import Truth, all_of, any_of, negate

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"


def policy(**statement: Any) -> list[Any]:
    return statements({"Statement": {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", **statement}})


def answer(context: dict[str, tuple[str, ...]] | None = None, service: str = "", **statement: Any) -> Truth:
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
def test_who_is_meant(principal: Any, expected: Truth) -> None:
    assert answer(Principal=principal) is expected


def test_everybody_but_some() -> None:
    own, other = (f"arn:aws:iam::{account}:root" for account in (ACCOUNT, "444455556666"))
    assert answer(NotPrincipal={"AWS": [ROLE, own]}) is False
    assert answer(NotPrincipal={"AWS": [f"{ROLE}s", other]}) is True
    assert answer(NotPrincipal="*") is False
    for service, expected in (("lambda.amazonaws.com", False), ("s3.amazonaws.com", True)):
        assert answer(service=service, NotPrincipal={"Service": "lambda.amazonaws.com"}) is expected


@pytest.mark.parametrize("named", [ROLE, ACCOUNT, [f"{ROLE}s", ACCOUNT]], ids=str)
def test_a_role_is_left_out_only_together_with_its_account(named: Any) -> None:
    assert answer(NotPrincipal={"AWS": named}) is None


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
        ({"ForAllValues:StringEquals": {"several": ["a", "b", "c"]}}, True),
        ({"ForAllValues:StringEquals": {"several": ["a", "c"]}}, False),
        ({"ForAllValues:StringEquals": {"several": ["a", "${?p}"]}}, None),
        ({"ForAllValues:StringNotEquals": {"several": ["c"]}}, True),
        ({"ForAllValues:StringNotEquals": {"several": ["a"]}}, False),
        ({"ForAnyValue:StringEquals": {"several": ["a", "c"]}}, True),
        ({"ForAnyValue:StringNotEquals": {"several": ["a", "c"]}}, True),
        ({"ForAnyValue:StringNotEquals": {"several": ["a", "b"]}}, False),
        # AWS demands a quantifier for keys with several values.
        ({"StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}, None),
        ({"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}, True),
        ({"ArnLike": {"arn": "arn:aws:sns:*:x"}}, None),
        ({"StringLike": {"arn": "arn:aws:sns:*:x"}}, True),
        ({"ArnLike": {"arn": "arn:*:*:*:*:x"}}, True),
        ({"ArnLike": {"arn": "arn:aws:s?s:*:1:${?p}"}}, None),
        ({"ArnNotLike": {"arn": "arn:aws:sns:us-*:${?p}:x"}}, True),
        # Whether what cannot be compared is different, nobody says.
        ({"ArnNotLike": {"arn": "x"}}, None),
        ({"NotIpAddress": {"address": "no address"}}, None),
        ({"StringEquals": {"tag": "True"}}, True),
        ({"StringEquals": {"tag": "true"}}, False),
        ({"StringEqualsIgnoreCase": {"tag": "${AWS.AccountId}"}}, False),
        ({"StringEqualsIgnoreCase": {"account": "${AWS.AccountId}"}}, None),
        ({"stringequals": {"missing": "x"}}, None),
    ],
    ids=str,
)
def test_conditions(condition: Any, expected: Truth) -> None:
    context = {
        "kms:viaservice": ("s3",),
        "missing": (),
        "flag": ("true",),
        "arn": ("arn:aws:sns:eu-central-1:1:x",),
        "address": ("203.0.113.7",),
        "several": ("a", "b"),
        "aws:calledvia": ("athena.amazonaws.com",),
        "tag": ("True",),
        "account": ("111122223333",),
    }
    assert answer(context, Principal="*", Condition=condition) is expected


def test_not_actions_and_not_resources() -> None:
    assert answer(Principal="*", NotAction="s3:*", Action=None) is True
    assert answer(Principal="*", NotAction="kms:*", Action=None) is False
    assert answer(Principal="*", NotResource="key") is False
    assert answer(Principal="*", Resource="other") is False
    assert answer(Principal="*", Resource="${?p}") is None
    assert answer(Principal="*", Resource=None, NotResource="${?p}") is None


VARIABLES: dict[str, tuple[str, ...]] = {
    "aws:resourceaccount": ("${AWS.AccountId}",),
    "aws:principalaccount": (ACCOUNT,),
    "aws:principaltag/team": ("orders",),
    "aws:principaltag/wild": ("*",),
    "aws:principaltag/none": (),
    "aws:principalorgpaths": ("o-x/",),
    "aws:sourcevpce": ("vpce-1", "vpce-2"),
}


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("StringEquals", "${aws:PrincipalTag/Team}", True),
        ("StringNotEquals", "${aws:PrincipalTag/Team}", False),
        ("StringLike", "o${aws:PrincipalTag/Team}*", False),
        ("StringLike", "*${AWS:principaltag/team}", True),
        ("StringEquals", "${aws:PrincipalAccount}", False),
        ("StringEquals", "${aws:ResourceAccount}", False),
        ("StringEquals", "${aws:UserAgent}", None),
        ("StringNotEquals", "${aws:UserAgent}", None),
        # What is in a value is no wildcard, as far as is documented.
        ("StringLike", "${aws:PrincipalTag/Wild}", None),
        # Neither a missing value nor its default is known.
        ("StringEquals", "${aws:PrincipalTag/None}", None),
        ("StringEquals", "${aws:PrincipalTag/None, 'orders'}", None),
        ("StringNotEquals", "${aws:PrincipalTag/Team, 'others'}", False),
        # Keys with several values are no variables.
        ("StringEquals", "${aws:PrincipalOrgPaths}", None),
        ("StringEquals", "${aws:SourceVpce}", None),
        ("StringLike", "${*}", None),
    ],
)
def test_the_request_gives_variables_their_values(operator: str, value: str, expected: Truth) -> None:
    body = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "*",
        "Condition": {operator: {"aws:PrincipalTag/Team": value}},
    }
    request = Request(actions=("kms:Decrypt",), role=ROLE, account=ACCOUNT, context=VARIABLES)
    assert denied(statements({"Version": "2012-10-17", "Statement": body}), request) is expected
    # Policies of other versions have no variables.
    assert denied(statements({"Version": "2008-10-17", "Statement": body}), request) is None


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ({"Resource": "arn:aws:kms:eu-central-1:1:key/${aws:PrincipalTag/Team}"}, None),
        ({"NotResource": "arn:aws:kms:eu-central-1:1:key/${aws:PrincipalTag/Team}"}, None),
        ({"Resource": "arn:aws:kms:eu-central-1:2:key/${aws:PrincipalTag/Team}"}, False),
        ({"NotResource": "arn:aws:kms:eu-central-1:2:key/${aws:PrincipalTag/Team}"}, True),
    ],
    ids=str,
)
def test_a_resource_may_have_variables(resource: dict[str, str], expected: Truth) -> None:
    request = Request(actions=("kms:Decrypt",), resources=["arn:aws:kms:eu-central-1:1:key/orders"], role=ROLE)
    found = statements({"Statement": {"Effect": "Deny", "Action": "*", **resource}})
    assert denied(found, request) is expected


@pytest.mark.parametrize(
    ("principal", "service", "expected"),
    [
        ("${?p}", "s3.amazonaws.com", None),
        ({"AWS": "${?p}"}, "s3.amazonaws.com", None),
        ({"AWS": "${?p}:root"}, "s3.amazonaws.com", False),
        ({"AWS": "11112222${?p}"}, "", None),
        ({"AWS": "44445555${?p}"}, "", False),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:${{?p}}"}, "", None),
        ({"Service": "*"}, "", False),
    ],
    ids=str,
)
def test_a_principal_that_is_not_known_may_be_whoever_asks(principal: Any, service: str, expected: Truth) -> None:
    assert answer(service=service, Principal=principal) is expected


def test_a_denial_wins_and_one_that_is_uncertain_leaves_it_open() -> None:
    request = Request(actions=("kms:Decrypt",), role=ROLE, account=ACCOUNT, context={"flag": ("true",)})
    allowing = policy(Principal="*")
    for condition, expected in (({"flag": "true"}, False), ({"flag": "false"}, True), ({"other": "x"}, None)):
        found = [*allowing, *policy(Effect="Deny", Principal="*", Condition={"Bool": condition})]
        assert allowed(found, request) is expected
        assert denied(found, request) is negate(expected)
    assert allowed([], request) is False


def test_answers_combine() -> None:
    assert [any_of(each) for each in ([], [False], [None, False], [None, True])] == [False, False, None, True]
    assert [all_of(), all_of(True, None), all_of(None, False), all_of(True, True)] == [True, None, False, True]


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
