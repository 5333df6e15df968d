"""Who of other accounts administers the table's key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.iam.comparison import same_account
from secure_ddb.rules.rule import Verdict
from tests.rules.cases.encryption import administration
from tests.rules.cases.making import KEY_STATEMENTS, OTHER_ACCOUNT
from tests.rules.handwritten import changed, judgements, verdicts
from tests.rules.handwritten.making import ACCOUNT, PARAMETER

if TYPE_CHECKING:
    from secure_ddb.three_valued import Truth

ADMINISTERED = "SecureDdb-ENC13"
OF_ACCOUNT = {"kms:CallerAccount": ACCOUNT}


def test_another_account_beside_ours_is_a_finding_of_one_rule_only() -> None:
    content = changed((f"{KEY_STATEMENTS}/1", administration(OTHER_ACCOUNT)))
    (said,) = (each for each in judgements(content, ADMINISTERED) if each.verdict is not Verdict.MET)
    assert (said.verdict, said.key) == (Verdict.NOT_MET, "Statement1")
    assert said.path == "Properties.KeyPolicy.Statement.1"
    assert said.detail == "Statement1 lets principals of another account administer the key"
    # It does not use the key, and is somebody in particular.
    assert verdicts(content, "SecureDdb-ENC7") == {Verdict.MET}
    assert Verdict.NOT_MET not in verdicts(content, "SecureDdb-IAM8")


@pytest.mark.parametrize(
    "statement",
    [
        administration({"AWS": ACCOUNT}),
        administration({"AWS": [f"arn:aws:iam::{ACCOUNT}:role/admin", {"Fn::GetAtt": "Reader.Arn"}]}),
        administration("*", StringEquals=OF_ACCOUNT),
        administration("*", ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/admin-*"}),
        # Services have a rule of their own, and so has use.
        administration({"Service": "backup.amazonaws.com"}),
        {**administration(OTHER_ACCOUNT), "Action": "kms:Decrypt"},
        {**administration(OTHER_ACCOUNT), "Effect": "Deny"},
        administration(OTHER_ACCOUNT, StringEquals=OF_ACCOUNT),
    ],
    ids=str,
)
def test_others_do_not_administer_it(statement: dict[str, Any]) -> None:
    assert verdicts(changed((f"{KEY_STATEMENTS}/1", statement)), ADMINISTERED) == {Verdict.MET}


def test_nobody_can_tell_where_the_key_s_own_account_is_known_only_at_deployment() -> None:
    content = changed((f"{KEY_STATEMENTS}/1", administration(OTHER_ACCOUNT)))
    found = {each.verdict for each in judgements(content, ADMINISTERED, account="")}
    assert found == {Verdict.MET, Verdict.NOT_VERIFIABLE}


@pytest.mark.parametrize("who", [OTHER_ACCOUNT, "*"], ids=str)
@pytest.mark.parametrize("organization", ["o-a1b2c3d4e5", PARAMETER], ids=str)
def test_an_organization_has_other_accounts(who: Any, organization: Any) -> None:
    statement = administration(who, StringEquals={"aws:PrincipalOrgID": organization})
    # A parameter in it changes nothing.
    assert of_statement(statement) == {Verdict.NOT_MET}


def test_an_organization_does_not_tell_of_which_account_somebody_is() -> None:
    statement = administration({"AWS": PARAMETER}, StringEquals={"aws:PrincipalOrgID": "o-a1b2c3d4e5"})
    assert of_statement(statement) == {Verdict.NOT_VERIFIABLE}


def test_an_organization_beside_our_account_does_no_harm() -> None:
    statement = administration("*", StringEquals={**OF_ACCOUNT, "aws:PrincipalOrgID": "o-a1b2c3d4e5"})
    assert of_statement(statement) == set()


@pytest.mark.parametrize(
    ("actions", "verdict"),
    [
        ({"Action": ["kms:Decrypt", PARAMETER]}, Verdict.NOT_VERIFIABLE),
        ({"Action": PARAMETER}, Verdict.NOT_VERIFIABLE),
        ({"NotAction": ["kms:Decrypt", PARAMETER]}, Verdict.NOT_VERIFIABLE),
        ({"Action": ["kms:PutKeyPolicy", PARAMETER]}, Verdict.NOT_MET),
        ({"Action": "kms:PutKeyPolicy", "Effect": PARAMETER}, Verdict.NOT_VERIFIABLE),
    ],
    ids=str,
)
def test_another_account_s_action_that_only_the_deployment_knows_may_be_administration(
    actions: dict[str, Any], verdict: Verdict
) -> None:
    statement = {"Effect": "Allow", "Principal": OTHER_ACCOUNT, "Resource": "*", **actions}
    assert of_statement(statement) == {verdict}


def of_statement(statement: dict[str, Any]) -> set[Verdict]:
    """Return the verdicts on one more statement of the key's policy."""
    found = judgements(changed((f"{KEY_STATEMENTS}/1", statement)), ADMINISTERED)
    return {each.verdict for each in found if each.key == "Statement1"}


@pytest.mark.parametrize(
    ("text", "account", "answer"),
    [
        (ACCOUNT, ACCOUNT, True),
        ("444455556666", ACCOUNT, False),
        ("${AWS.AccountId}", "${AWS.AccountId}", True),
        ("444455556666", "${AWS.AccountId}", None),
        ("${?Stack.Parameter}", ACCOUNT, None),
        ("AROA1234567890EXAMPLE", ACCOUNT, None),
    ],
)
def test_only_two_known_accounts_differ(text: str, account: str, answer: Truth) -> None:
    assert same_account(text, account) is answer
