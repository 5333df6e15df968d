"""How long a policy is, and what an unknown part of it may come to."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.iam.policy_length import Length, length_of
from tests.rules.handwritten import judgements
from tests.rules.handwritten.making import ACCOUNT, REGION, Body, allow, grants

if TYPE_CHECKING:
    from secure_ddb.three_valued import Truth


def document(*resources: str, **statement: Any) -> Body:
    return {"Statement": [{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": list(resources), **statement}]}


def without(text: str, value: str) -> int:
    """Return how long a document is beside one of its values."""
    return len(json.dumps(document(text), separators=(",", ":"))) - len(value)


def length(text: str) -> Length:
    return length_of(document(text), counts_white_space=False)


def test_what_is_known_has_one_length() -> None:
    written = document("arn:aws:dynamodb:eu-central-1:111122223333:table/orders", Sid="Größe")
    expected = len(json.dumps(written, separators=(",", ":"), ensure_ascii=False))
    assert length_of(written, counts_white_space=True) == Length(expected, expected)
    assert length_of(json.dumps(written, ensure_ascii=False), counts_white_space=False) == Length(expected, expected)


def test_iam_does_not_count_white_space_and_others_do() -> None:
    written = document("a", Condition={"StringEquals": {"aws:PrincipalTag/team": "the payments team"}})
    all_of_it = len(json.dumps(written, separators=(",", ":")))
    assert length_of(written, counts_white_space=True).least == all_of_it
    assert length_of(written, counts_white_space=False).least == all_of_it - 2


@pytest.mark.parametrize(
    ("placeholder", "least", "most"),
    [
        ("${AWS.AccountId}", 12, 12),
        ("${AWS.Region}", 9, 14),
        ("${Orders.Table}", 1, 255),
        ("${?Orders.Parameter}", 0, 255),
        # IAM's own.
        ("${aws:PrincipalTag/tenant}", 26, 26),
        ("${*}", 4, 4),
        ("${?}", 4, 4),
        ("${$}", 4, 4),
    ],
)
def test_placeholder_stands_for_a_name(placeholder: str, least: int, most: int) -> None:
    text = f"arn:aws:dynamodb:eu-central-1:111122223333:table/{placeholder}"
    rest = without(text, placeholder)
    assert length(text) == Length(rest + least, rest + most)


def test_id_of_a_key_in_the_template_has_36_characters() -> None:
    text = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/${{Orders.Key}}"
    rest = without(text, "${Orders.Key}")
    assert length(text) == Length(rest + 36, rest + 36)


def test_value_of_which_nothing_is_known_is_an_arn_or_nothing() -> None:
    rest = without("${?Orders.Arn}", '"${?Orders.Arn}"')
    assert length("${?Orders.Arn}") == Length(rest, rest + 600)


@pytest.mark.parametrize(
    "open_document", ["${?Document}", {"Statement": ["${?S}"]}, document(Condition="${?C}")], ids=str
)
def test_statement_or_condition_of_which_nothing_is_known_may_be_of_any_length(open_document: Any) -> None:
    assert length_of(open_document, counts_white_space=False).most == math.inf


@pytest.mark.parametrize(
    ("measured", "fits"),
    [
        (Length(10, 10), True),
        (Length(0, 10), True),
        (Length(10, 11), None),
        (Length(10, math.inf), None),
        (Length(11, 11), False),
        (Length(11, math.inf), False),
    ],
)
def test_length_fits_a_limit_of_ten(measured: Length, fits: Truth) -> None:
    assert measured.fits(10) is fits


def role(*policies: Body) -> Body:
    names = [{"PolicyName": str(number), **policy} for number, policy in enumerate(policies)]
    return {"Type": "AWS::IAM::Role", "Properties": {"Policies": names}}


def measured(**resources: Body) -> list[str]:
    return [each.detail for each in judgements({"Resources": resources}, "SecureDdb-OPS4")]


def test_inline_policies_of_a_role_are_added_up_and_managed_ones_are_not() -> None:
    one, other = (grants(allow("dynamodb:GetItem", f"arn:aws:dynamodb:*:*:table/{name}")) for name in ("one", "other"))
    attached = {"Roles": [{"Ref": "Role"}]}
    together = [length_of(each["PolicyDocument"], counts_white_space=False).least for each in (one, other)]
    said = measured(
        Role=role(one),
        Inline={"Type": "AWS::IAM::Policy", "Properties": {**attached, **other}},
        Managed={"Type": "AWS::IAM::ManagedPolicy", "Properties": {**attached, **one}},
    )
    assert sorted(said) == sorted(
        [
            f"the policy has {together[0]} characters of at most 6,144",
            f"its inline policies have {sum(together)} characters of at most 10,240",
        ]
    )


def test_what_is_known_only_at_deployment_adds_to_the_length() -> None:
    fixed = grants(allow("dynamodb:GetItem", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/one"))
    known = length_of(fixed["PolicyDocument"], counts_white_space=False).least
    (said,) = measured(Role=role(fixed, grants(allow("dynamodb:GetItem", "${?Orders.Arn}"))))
    least, most = (int(number.replace(",", "")) for number in said.split()[4:7:2])
    assert (least > known, most - least) == (True, 600)


def test_policy_without_any_permission_on_tables_is_not_measured() -> None:
    assert measured(Role=role(grants(allow("s3:GetObject", *["arn:aws:s3:::orders/*"] * 600)))) == []
