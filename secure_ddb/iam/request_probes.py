"""Requests that a table's own policy has to let pass, or has to deny.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.kinds import partition
from secure_ddb.cloudformation.values import ACCOUNT
from secure_ddb.iam.evaluation import Request
from secure_ddb.iam.wildcards import OTHER_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.policy import Statement

NETWORK = (
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:vpcsourceip",
)
ORGANIZATION = ("aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths")
_ABSENT = (
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
)
Context = dict[str, "Sequence[str]"]

# An address that is reserved: https://datatracker.ietf.org/doc/html/rfc1112#section-4
INTERNET: Context = {**dict.fromkeys(NETWORK, ()), "aws:sourceip": ("240.0.0.1",)}


def elsewhere(account: str) -> str:
    """Return a text for another account; where the account is not known, the text matches any other account."""
    return OTHER_ACCOUNT if account == ACCOUNT else f"{account}-not"


def network_of_others(account: str) -> Context:
    """Return the known facts of a request through another account's endpoint."""
    return {
        "aws:sourceip": (),
        "aws:sourcevpc": ("vpc-elsewhere",),
        "aws:sourcevpcarn": ("arn:aws:ec2:elsewhere:elsewhere:vpc/vpc-elsewhere",),
        "aws:sourcevpce": ("vpce-elsewhere",),
        "aws:vpceaccount": (elsewhere(account),),
        "aws:vpceorgid": ("o-elsewhere",),
        "aws:vpceorgpaths": ("o-elsewhere/r-elsewhere/",),
        "aws:vpcsourceip": ("10.0.0.1",),
    }


def role_named(name: str, account: str, resource: Resource) -> str:
    """Return the ARN of a role in the partition of a resource."""
    return f"arn:{partition(resource.region)}:iam::{account}:role/{name}"


def context_of(account: str, statements: Iterable[Statement], *, of: str | None = None) -> Context:
    """Return the known facts of a request by a role for a resource in its own or another account.

    It has TLS and MFA. Where the policy's conditions name networks or organizations, the role is in all of them.
    """
    named: dict[str, list[str]] = {}
    for statement in statements:
        for condition in statement.conditions:
            # Of a block of addresses, the first one.
            named.setdefault(condition.key, []).extend(value.split("/")[0] for value in condition.values)
    return {
        **dict.fromkeys(_ABSENT, ()),
        **{key: tuple(named.get(key, ())) for key in (*NETWORK, *ORGANIZATION)},
        "aws:multifactorauthpresent": ("true",),
        "aws:principalaccount": (account,),
        "aws:principalisawsservice": ("false",),
        "aws:principaltype": ("AssumedRole",),
        "aws:resourceaccount": (of or account,),
        "aws:securetransport": ("true",),
        "aws:viaawsservice": ("false",),
    }


def request_of(role: str, account: str, context: Context, actions: tuple[str, ...], *resources: str) -> Request:
    """Return the request of a role."""
    return Request(
        actions=actions,
        resources=resources,
        role=role,
        account=account,
        context={**context, "aws:principalarn": (role,)},
    )
