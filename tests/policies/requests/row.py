"""A row of the tables in this folder: who asks for what, from where, and what has to be decided.

A row reads: `not_allowed("another tenant's item", "TenantReader", "dynamodb:GetItem", "table", ALICE, keys("bob"))`.
Principals, resources and networks have names, which `../deployments.py` knows.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tests.policies.engine import Decision

if TYPE_CHECKING:
    from collections.abc import Mapping

Context = dict[str, str | list[str] | None]

PLAIN: Context = {"aws:SecureTransport": "false"}
MFA: Context = {"aws:MultiFactorAuthPresent": "true"}
NO_MFA: Context = {"aws:MultiFactorAuthPresent": "false"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A request and what has to be decided.

    Attributes:
        who: A role of the template by its construct id, a service, or one of `deployments.STRANGERS`.
        action: What is asked for.
        on: The resource.
        context: Condition keys of the request.
        through: The VPC endpoint, by its construct id; empty for any other network.
        expected: What has to be decided.
        attack: What somebody is after who must not get it; empty for ordinary use.
        remark: Why the decision may surprise, above all where the engine is known to differ from AWS.
        in_aws: What AWS decides, where the engine does not.
    """

    who: str
    action: str
    on: str
    context: Mapping[str, str | list[str] | None] = field(default_factory=dict)
    through: str = ""
    expected: Decision
    attack: str = ""
    remark: str = ""
    in_aws: Decision | None = None

    def __str__(self) -> str:
        """Return the row as one line, without what is expected."""
        through = f" through {self.through}" if self.through else ""
        return f"{self.who}: {self.action} of {self.on}{through} {self.context or ''}".rstrip()


def allowed(who: str, action: str, on: str, *context: Context, through: str = "", remark: str = "") -> Row:
    """Return ordinary use."""
    return Row(
        who=who,
        action=action,
        on=on,
        context=_merged(context),
        through=through,
        expected=Decision.ALLOWED,
        remark=remark,
    )


def not_allowed(attack: str, who: str, action: str, on: str, *context: Context, through: str = "") -> Row:
    """Return an attack that fails because nothing allows it."""
    request = allowed(who, action, on, *context, through=through)
    return replace(request, expected=Decision.IMPLICITLY_DENIED, attack=attack)


def denied(attack: str, who: str, action: str, on: str, *context: Context, through: str = "") -> Row:
    """Return an attack that fails because it is denied, whatever else is allowed."""
    return replace(not_allowed(attack, who, action, on, *context, through=through), expected=Decision.EXPLICITLY_DENIED)


def keys(*values: str) -> Context:
    """Return the partition keys that a request names."""
    return {"dynamodb:LeadingKeys": list(values)}


def attributes(*names: str) -> Context:
    """Return the attributes that a request names."""
    return {"dynamodb:Attributes": list(names)}


def select(what: str) -> Context:
    """Return how a reading request says which attributes it wants."""
    return {"dynamodb:Select": what}


def returning(what: str) -> Context:
    """Return what a writing request wants back."""
    return {"dynamodb:ReturnValues": what}


def through_service(service: str) -> Context:
    """Return what KMS sees when a service uses a key for its caller."""
    return {"kms:ViaService": f"{service}.eu-central-1.amazonaws.com"}


def _merged(contexts: tuple[Context, ...]) -> Context:
    return {key: value for context in contexts for key, value in context.items()}
