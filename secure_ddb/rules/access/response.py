"""The roles that automation on tables uses: runbooks, and functions that turn guarantees on again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.access.actions import COPY_OF_ALL_ITEMS, DATA_PLANE
from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.iam.evaluation import matches_action
from secure_ddb.rules.catalogues import nist, pci
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged, judged_statement, shown
from secure_ddb.three_valued import all_of, any_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

# Neither containing nor restoring needs any of them.
_BEYOND = (
    *DATA_PLANE,
    *COPY_OF_ALL_ITEMS,
    "dynamodb:DeleteBackup",
    "dynamodb:DeleteTable",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:PassRole",
    "iam:UpdateAssumeRolePolicy",
    "kms:DisableKey",
    "kms:ScheduleKeyDeletion",
    "sts:AssumeRole",
)
# Doing this with any role gives every permission.
_OF_PRINCIPALS = ("iam:DeleteRolePolicy", "iam:DeleteUserPolicy", "iam:PutRolePolicy", "iam:PutUserPolicy")


@Rule(
    id="SecureDdb-IAM16",
    title="Roles of runbooks and remediation can only contain and restore",
    problem="A role of a runbook or of remediation can read or delete items, tables or keys, or change any role",
    severity=Severity.HIGH,
    requirements=("IR-1", "IR-2", "IR-3", "IR-4"),
    controls=("CS-5", "PR.AC-3", *nist("AC-6", "IR-4"), *pci("7.2.5")),
    rationale=(
        "Runbooks and remediation run under pressure or on events, and change the policies that everything else "
        "relies on. An attacker who starts one should gain nothing beyond its purpose."
    ),
    remedy=(
        "Remove item access, deletions, iam:PassRole and sts:AssumeRole from the role's policies, and list each role "
        "and user whose policies it may change. Containment and Remediation create such roles."
    ),
    source="https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-setup-iam.html",
)
def responses(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the permissions of each role of a runbook that changes policies, and of each remediating function."""
    roles = dict(assembly.responses.runbook_roles)
    roles |= {role: assembly.responses.near(role) for _, role in assembly.responses.remediators}
    for role, tables in roles.items():
        if not tables:
            continue
        for arn in assembly.identities.policies_elsewhere(role, (*_BEYOND, *_OF_PRINCIPALS)):
            detail = f"a managed policy, {shown(arn)}, is not in the app, so its permissions cannot be checked"
            yield judged(role, "Properties.ManagedPolicyArns", None, detail, key=str(arn), tables=tables)
        for policy in assembly.identities.policies_of_role.get(role, ()):
            for statement in policy.allowing:
                beyond = matches_action(statement, _BEYOND)
                any_role = _is_on_any_principal(statement)
                answer = negate(any_of([beyond, any_role]))
                does = ", ".join(statement.touches_actions(_BEYOND)) if beyond else "changing policies of any role"
                detail = choose(
                    answer,
                    f"{statement.label} allows only what containing and restoring needs",
                    f"{statement.label} allows {does}",
                    f"the actions that {statement.label} allows are known only at deployment",
                )
                key = f"{role.logical_id}.{statement.label}"
                yield judged_statement(policy, statement, answer, detail, key=key, tables=tables)


def _is_on_any_principal(statement: Statement) -> Truth:
    changes = matches_action(statement, _OF_PRINCIPALS)
    wide = statement.excludes_resources or any(
        not {"*", "?"}.isdisjoint(each) for each in statement.resources if not is_unknown(each)
    )
    return all_of(changes, wide or (None if statement.has_unknown_resources else False))
