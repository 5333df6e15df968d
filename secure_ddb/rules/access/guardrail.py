"""Permissions boundaries and service control policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.access.guardrails import (
    IDENTITIES,
    KEPT_OF_BOUNDARY,
    KEPT_OF_IDENTITIES,
    KEPT_OF_RESOURCES,
    KEPT_OF_SERVICE_ROLES,
    KEPT_OF_TABLES,
    USED_BY_SERVICES,
)
from secure_ddb.cloudformation import kinds
from secure_ddb.iam.evaluation import refusals
from secure_ddb.iam.request_probes import context_of, request_of, role_named
from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.policies import Policy

_BOUNDARY = "KeepBoundary"
_OURS = {"KeepTables", "KeepResources", "KeepIdentities", "KeepServiceRoles", _BOUNDARY}


@Rule(
    id="SecureDdb-IAM13",
    title="Guardrails protect every guarantee",
    problem="A guardrail leaves a guarantee unprotected",
    severity=Severity.HIGH,
    requirements=("IAM-5",),
    controls=("CS-5", "PR.AC-3", *nist("AC-6", "CM-5")),
    rationale="A guardrail that was shortened by hand looks complete but no longer protects everything.",
    remedy=(
        "Use the output of permissions_boundary() or service_control_policy() as it is, and exempt roles only by name."
    ),
    source="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html",
)
def guardrails(assembly: Assembly) -> Iterator[Judgement]:
    """Check the denials of each guardrail policy for a role that is not exempt."""
    for policy, is_boundary in _documents(assembly):
        denying = [statement for statement in policy.statements if statement.denies]
        if _OURS.isdisjoint(statement.sid for statement in denying):
            continue
        account = policy.resource.account
        role = role_named("zz-anybody-else", account, policy.resource)
        context = context_of(account, denying)
        for sid, (actions, targets) in _promised(denying, is_boundary=is_boundary).items():
            requests = (request_of(role, account, context, actions, target) for target in targets)
            found = [answer for request in requests for answer in refusals(denying, request).items()]
            answer = all_of(*(each for _, each in found))
            weak = next((action for action, each in found if not each), "")
            passes = "passes" if answer is False else "may be allowed"
            detail = f"{sid} is intact" if answer else f"{sid}: {weak} {passes} for roles that are not exempt"
            yield judged(policy.resource, policy.path, answer, detail, key=sid)


def _documents(assembly: Assembly) -> Iterator[tuple[Policy, bool]]:
    for boundary in assembly.identities.boundaries:
        yield assembly.policies.of(boundary, "PolicyDocument"), True
    for each in assembly.of_type(kinds.SERVICE_CONTROL_POLICY):
        if each.properties.get("Type") == "SERVICE_CONTROL_POLICY":
            yield assembly.policies.of(each, "Content"), False


def _promised(denying: list[Statement], *, is_boundary: bool) -> dict[str, tuple[tuple[str, ...], list[str]]]:
    """Return the required denials by statement name: actions and resources."""
    tables = dict.fromkeys(name for each in denying if each.covers_action(KEPT_OF_TABLES[0]) for name in each.resources)
    # With a table its backups, indexes and streams, whose names begin with the table's.
    targets = [*tables, *(f"{name}/*" for name in tables if not name.endswith("*"))] or ["*"]
    exempt = dict.fromkeys(value for statement in denying for value in statement.excluded_values("aws:PrincipalArn"))
    return {
        "KeepTables": (KEPT_OF_TABLES, targets),
        "KeepResources": (KEPT_OF_RESOURCES, ["*"]),
        "KeepIdentities": (KEPT_OF_IDENTITIES, [*exempt, *IDENTITIES]),
        "KeepServiceRoles": (KEPT_OF_SERVICE_ROLES, [*USED_BY_SERVICES]),
        **({_BOUNDARY: (KEPT_OF_BOUNDARY, ["*"])} if is_boundary else {}),
    }
