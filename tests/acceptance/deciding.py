"""Decides requirements with the policy engine, by the policies that the service evaluates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.acceptance.requirement import Check, Requirement
from tests.policies.deployments import deployment
from tests.policies.engine import Decision, decide
from tests.policies.requests.row import Row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.policies.engine import Document, Policies, Request

# Where the key is another resource than the table's own.
_NAMES = {("own_key", "key"): "own key"}


def unmet(requirements: Iterable[Requirement]) -> list[str]:
    """Return each request that the policies do not allow, in one line."""
    asked = [
        (f"{configuration}: {requirement} ({action})", case(requirement, configuration, action))
        for requirement in requirements
        for configuration in requirement.configurations
        for action in requirement.actions
    ]
    decisions = decide(pair for _, pair in asked)
    return [
        f"{text}: {decision}"
        for (text, _), decision in zip(asked, decisions, strict=True)
        if decision is not Decision.ALLOWED
    ]


def case(requirement: Requirement, configuration: str, action: str) -> tuple[Policies, Request]:
    """Return the request for one action, and the policies that the service evaluates."""
    row = Row(
        who=requirement.who,
        action=action,
        on=_NAMES.get((configuration, requirement.on), requirement.on),
        context=requirement.context,
        expected=Decision.ALLOWED,
    )
    found = deployment(configuration).case(row)
    policies = found.policies
    if requirement.check is Check.ROLE_ALONE:
        policies = replace(policies, resource=_denials(policies.resource))
    return policies, found.request


def _denials(document: Document | None) -> Document | None:
    if document is None:
        return None
    denials = [statement for statement in document["Statement"] if statement["Effect"] == "Deny"]
    return {**document, "Statement": denials} if denials else None
