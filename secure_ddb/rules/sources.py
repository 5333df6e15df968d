"""Whether a statement is bound to one account, so that nobody else can have a service use it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from secure_ddb.rules.values import is_unknown

if TYPE_CHECKING:
    from secure_ddb.rules.permissions import Answer
    from secure_ddb.rules.policies import Condition, Statement
    from secure_ddb.rules.resources import Resource

_ACCOUNT_KEYS = {
    "aws:principalaccount",
    "aws:resourceaccount",
    "aws:sourceaccount",
    "aws:sourceowner",
    "kms:calleraccount",
    # Firehose sends the account: https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html
    "sts:externalid",
}
_ARN_KEYS = {"aws:principalarn", "aws:sourcearn"}
_ORGANIZATION_KEYS = {"aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths"}
_CONTEXT = "kms:encryptioncontext:"
# The account of an ARN, where an ARN has one.
_ACCOUNT = re.compile(r"arn:[^:]*:[^:]*:[^:]*:([^:]*):")


def bound_to_account(statement: Statement, resource: Resource) -> Answer:
    """Tell whether a statement holds only for requests on behalf of a resource's account, or of an organization."""
    if any(_binds(condition, resource) for condition in statement.conditions):
        return True
    return None if any(map(is_unknown, (value for each in statement.conditions for value in each.values))) else False


def of_other_accounts(statement: Statement, resource: Resource) -> list[str]:
    """Return a statement's principals of other accounts than a resource's, unless conditions say more."""
    others = [
        who.value
        for who in statement.principals
        if who.kind == "AWS" and who.account != resource.account and not who.is_everybody
    ]
    return others if others and not restricted(statement) else []


def _binds(condition: Condition, resource: Resource) -> bool:
    if not condition.must_be_present or condition.operator == "Null" or not condition.values:
        return False
    if condition.key in _ACCOUNT_KEYS:
        return all(value == resource.account for value in condition.values)
    if condition.key in _ORGANIZATION_KEYS:
        return all(value.startswith("o-") for value in condition.values)
    if condition.key in _ARN_KEYS or condition.key.startswith(_CONTEXT):
        accounts = [_ACCOUNT.match(value) for value in condition.values]
        return all(match and match[1] == resource.account for match in accounts)
    return False


_NETWORK_KEYS = {"aws:sourcevpc", "aws:sourcevpce", "aws:vpceaccount", "aws:vpceorgid"}
_WHO = _ACCOUNT_KEYS | _ARN_KEYS | _ORGANIZATION_KEYS | _NETWORK_KEYS | {"aws:userid"}
# Everything, or every account.
_ANY = re.compile(r"[*?]+|arn:[^:]*:[^:]*:[^:]*:[^:]*[*?][^:]*:.*|\*.*")


def restricted(statement: Statement) -> bool:
    """Tell whether conditions leave a statement for everybody to somebody in particular.

    An external id does not: it is no secret, and everybody may send it.
    """
    keys = _WHO - {"sts:externalid"} if statement.is_for_everybody() else _WHO
    return any(
        condition.must_be_present
        and condition.operator != "Null"
        and condition.key in keys
        and bool(condition.values)
        and not any(_ANY.fullmatch(value) for value in condition.values)
        for condition in statement.conditions
    )
