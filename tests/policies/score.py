"""Weakens policies at every point and tells what of it no request notices: `python -m tests.policies.score`."""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from typing import TYPE_CHECKING

# As in ../conftest.py; it has to be said before aws_cdk is loaded.
os.environ["CDK_VALIDATION"] = "false"

from tests.policies.deployments import BOUNDARY, SERVICE_CONTROL, deployment
from tests.policies.mutation import Score, score
from tests.policies.requests.groups import GROUPS
from tests.policies.survivors import SURVIVORS

if TYPE_CHECKING:
    from tests.policies.engine import Document
    from tests.policies.mutation import Case

CONFIGURATIONS = (
    "everything",
    "narrow_grants",
    "separate_lanes",
    "on_premises",
    "enforced",
    "federated_operators",
    "imported_key",
    "sharing_tables",
    "consumers",
    "imported_table",
    "cross_account",
    "audited",
    "people",
)
# `everything` has all policies of resources and of the roles that work for a table; elsewhere they say the same.
RESOURCES = (
    "table",
    "stream",
    "key",
    "digest key",
    "failure bucket",
    "archive bucket",
    "trail bucket",
    "topic",
    "recovery point",
)
# The grants of `separate_lanes` are like others, so only its endpoints are weakened; of `on_premises` only interface
# endpoints, and of `enforced` only the perimeter.
WITHOUT_ROLES: dict[str, tuple[str, ...]] = {
    "everything": (),
    "narrow_grants": ("Orders",),
    "separate_lanes": ("",),
    "on_premises": ("",),
    "enforced": ("",),
    "federated_operators": ("Orders",),
    "imported_key": ("",),
    # Of a table that shares, only what it says of the shared role is weakened.
    "sharing_tables": ("Orders", "Invoices", "Alone"),
    # Those of the table itself are as elsewhere.
    "consumers": ("Orders",),
    "imported_table": (),
    "cross_account": ("",),
    "audited": ("Orders", "Invoices", "Shared", "Carts"),
}

# Policies of resources, by what they are called here.
ALSO = {
    "enforced": {"perimeter": "table", "perimeter of the stream": "stream"},
    "imported_key": {"imported key": "imported key"},
    "cross_account": {"table for other accounts": "table", "key for other accounts": "key"},
}

# Their grants are as those of others; who may assume the roles is weakened.
SIGNED_IN = ("Operator", "Reader", "Auditor")


def documents(configuration: str) -> dict[str, Document]:
    """Return the policies that a configuration is there to test, by what they belong to."""
    found = deployment(configuration)
    deployed = found.deployed
    if configuration == "people":
        return {f"trust of {name}": deployed.resource_policies[found.principal(name) or ""] for name in SIGNED_IN}
    named = _of_roles(configuration)
    only = "OnPremises" if configuration == "on_premises" else ""
    for name in filter(lambda each: each.startswith(only), deployed.template.of_type("AWS::EC2::VPCEndpoint")):
        named[f"endpoint {_construct(name)}"] = deployed.endpoint_policy(name)
    for name, of in ALSO.get(configuration, {}).items():
        named[name] = deployed.resource_policy(found.resource(of)) or {}
    if configuration == "sharing_tables":
        # The role's other policies are those of `everything`.
        named = {
            "streams of tables that share": deployed.identity_policies(
                deployed.arn("AWS::IAM::Role", "SharedAuditRole")
            )[-1],
            "key of a table that shares": deployed.resource_policy(found.resource("key")) or {},
        }
    if configuration == "everything":
        for name in RESOURCES:
            policy = deployed.resource_policy(found.resource(name))
            assert policy, name
            named[name] = policy
        named |= {"boundary": BOUNDARY, "service control policy": SERVICE_CONTROL}
    return named


def _of_roles(configuration: str) -> dict[str, Document]:
    deployed = deployment(configuration).deployed
    named: dict[str, Document] = {}
    for arn, name in deployed.roles.items():
        if not name.startswith(WITHOUT_ROLES[configuration]):
            first, *further = deployed.identity_policies(arn)
            named[f"role {_construct(name)}"] = first
            named |= {f"role {_construct(name)}, policy {number}": one for number, one in enumerate(further, start=2)}
            if name.startswith("Orders"):
                named[f"trust of {_construct(name)}"] = deployed.resource_policies[arn]
    return named


def _construct(logical_id: str) -> str:
    return re.sub(r"[0-9A-F]{8}$", "", logical_id)


@cache
def scored(configuration: str) -> Score:
    """Return how many mutants of a configuration's policies there are, and which of them no request notices."""
    found = deployment(configuration)
    cases: list[Case] = [
        found.case(row) for group in GROUPS if group.configuration == configuration for row in group.rows
    ]
    return score(cases, documents(configuration))


def unexplained(configuration: str) -> list[str]:
    """Return the mutants that no request of a configuration notices, and that should not go unnoticed."""
    return [one for one in scored(configuration).survivors if not any(re.match(pattern, one) for pattern in SURVIVORS)]


def explained(pattern: str) -> list[str]:
    """Return the survivors that an explanation is about."""
    return [one for name in CONFIGURATIONS for one in scored(name).survivors if re.match(pattern, one)]


def report() -> str:
    """Return the score in words, with the survivors and why they may survive."""
    mutants = sum(scored(name).mutants for name in CONFIGURATIONS)
    survivors = sum(len(scored(name).survivors) for name in CONFIGURATIONS)
    policies = sum(len(documents(name)) for name in CONFIGURATIONS)
    unnoticed = [one for name in CONFIGURATIONS for one in unexplained(name)]
    first = f"{mutants} mutants of {policies} policies: {mutants - survivors} noticed"
    lines = [
        f"{first}, {survivors - len(unnoticed)} that change no decision, {len(unnoticed)} unnoticed",
        *(f"{len(explained(pattern)):4} of {pattern}: {why}" for pattern, why in SURVIVORS.items()),
        *unnoticed,
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(f"{report()}\n")
