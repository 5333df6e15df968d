"""Whether a statement protects against the confused-deputy problem: is it bound to one account?

https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import ACCOUNT, is_unknown
from secure_ddb.iam.comparison import only
from secure_ddb.three_valued import all_of, any_of

if TYPE_CHECKING:
    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.scope import Scope
    from secure_ddb.iam.policy import Condition, Statement
    from secure_ddb.three_valued import Truth

_ACCOUNT_KEYS = {
    "aws:principalaccount",
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
_OF_AWS = re.compile(r"AWS::(?!.*::MODULE$).*")
_OWN_ARN = re.compile(r"\w*Arn")


def bound_to_account(statement: Statement, resource: Resource, *, or_organization: bool = True) -> Truth:
    """Return whether a statement holds only for requests on behalf of a resource's account, or of an organization."""
    conditions = [each for each in statement.conditions if or_organization or each.key not in _ORGANIZATION_KEYS]
    answer = any_of([_binds(condition, resource) for condition in conditions])
    if answer is False and any(is_unknown(value) for each in conditions for value in each.values):
        return None
    return answer


def of_other_accounts(statement: Statement, resource: Resource) -> list[str]:
    """Return a statement's principals of other accounts than a resource's, unless conditions say more."""
    others = [
        who.value
        for who in statement.principals
        if who.kind == "AWS" and who.account != resource.account and not who.is_everyone
    ]
    return others if others and not restricted(statement) else []


def _binds(condition: Condition, resource: Resource) -> Truth:
    if not demands_values(condition):
        return False
    if condition.key in _ACCOUNT_KEYS:
        return all_of(*(only(value, resource.account) for value in condition.values))
    if condition.key in _ORGANIZATION_KEYS:
        return all(value.startswith("o-") and _is_somebody(value) for value in condition.values)
    if condition.key in _ARN_KEYS or condition.key.startswith(_CONTEXT):
        return all_of(*(is_of_account(value, resource) for value in condition.values))
    return False


def is_of_account(arn: str, resource: Resource) -> Truth:
    """Return whether an ARN is one of a resource's account."""
    match = _ACCOUNT.match(arn)
    if match:
        # One without an account, such as a bucket's, may be of any account.
        return only(match[1], resource.account) if match[1] else False
    return _is_of_stack(arn, resource.template) or (None if arn.startswith("${") else False)


def _is_of_stack(arn: str, template: Scope) -> bool:
    """Return whether a partly unknown ARN is that of a resource of the same stack, and so of its account."""
    begin = f"${{{template.key}."
    logical_id, _, attribute = arn.removeprefix(begin).partition("}")[0].partition(".")
    made = template.type_of(logical_id) if arn.startswith(begin) else ""
    # What a module or a custom resource returns, and what a parameter holds, may be an ARN of any account.
    return bool(_OF_AWS.fullmatch(made) and _OWN_ARN.fullmatch(attribute))


_NETWORK_KEYS = {"aws:sourcevpc", "aws:sourcevpce", "aws:vpceaccount", "aws:vpceorgid"}
_WHO = _ACCOUNT_KEYS | _ARN_KEYS | _ORGANIZATION_KEYS | _NETWORK_KEYS | {"aws:userid"}
# Up to here a value identifies a principal: an ARN's account and name, a role's id before its sessions, an organization
# before its units. Only there a wildcard, or a variable of the caller, leaves it open.
_IDENTITY = re.compile(r"arn:(?:[^:]*:){3}(?:(\d{12}):|([^:]*:[^:*?]))|(?!arn:)([^:/]+)")
_WHOEVER_ASKS = re.compile(r"\$\{aws:(?!resource)[^}]*\}", re.IGNORECASE)
# The audience of a token. A subject may end in a wildcard, such as `repo:company/*`, but has to begin with a name.
_AUDIENCES = {"aud", "app_id", "azp"}
_SUBJECT = re.compile(r"[^*?]+|[^:]+:[^:*?/]+[:/].*", re.DOTALL)
_OF_EVERYBODY = ("/token.actions.githubusercontent.com", "/gitlab.com", "/app.terraform.io")


def restricted(statement: Statement) -> bool:
    """Return whether conditions limit a statement for `*` to particular principals.

    An external id does not: it is no secret, and any caller may send it.
    """
    keys = _WHO - {"sts:externalid"} if statement.is_for_everyone() else _WHO
    return any(
        demands_values(condition) and condition.key in keys and all(map(_is_somebody, condition.values))
        for condition in statement.conditions
    )


def is_one_federated(statement: Statement) -> bool:
    """Return whether conditions say which users of an identity provider are meant; true if none is named.

    A SAML provider is the company's own. One of OpenID Connect may have users of any company.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
    """
    claims = [each for each in statement.conditions if demands_values(each)]
    return all(any(_names_user(each, provider) for each in claims) for provider in web_identity_providers(statement))


def web_identity_providers(statement: Statement) -> list[str]:
    """Return a statement's principals that are identity providers, but for those of SAML."""
    return [who.value for who in statement.principals if who.kind == "Federated" and ":saml-provider/" not in who.value]


def names_users(statement: Statement) -> bool:
    """Return whether conditions demand a user of the provider, or a tag that the provider gives some of its users."""
    return any(
        demands_values(each)
        and (
            (each.key.endswith(":sub") and all(map(_SUBJECT.fullmatch, each.values)))
            or (each.key.startswith("aws:requesttag/") and all(value.strip("*?") for value in each.values))
        )
        for each in statement.conditions
    )


def _names_user(condition: Condition, provider: str) -> bool:
    claim = condition.key.rpartition(":")[2]
    if claim == "sub":
        return all(map(_SUBJECT.fullmatch, condition.values))
    # For these, every caller gets the same audience.
    return claim in _AUDIENCES and not provider.endswith(_OF_EVERYBODY) and all(v.strip("*?") for v in condition.values)


def demands_values(condition: Condition) -> bool:
    """Return whether a condition lets only requests with its values through."""
    compares = condition.operator != "Null" and not condition.is_negated
    return compares and condition.must_be_present and bool(condition.values)


def _is_somebody(value: str) -> bool:
    match = _IDENTITY.match(_WHOEVER_ASKS.sub("*", value.replace(ACCOUNT, "0" * 12)))
    return match is not None and not set("*?") & set(match[match.lastindex or 0])
