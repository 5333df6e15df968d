"""Roles with access to tables are assumed by somebody in particular."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.access.statements import grants_on_tables
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.rules.sources import restricted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.rules.assembly import Assembly
    from secure_ddb.rules.resources import Resource


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the trust policy of each role that may do something with tables or serves them."""
    for role in _roles(assembly):
        policy = assembly.policy(role, "AssumeRolePolicyDocument")
        for statement in policy.statements:
            if statement.allows:
                wild = [action for action in statement.actions if "*" in action]
                named = not statement.is_for_everybody() or restricted(statement)
                answer = None if statement.is_unknown and not named else named and not wild
                whom = "somebody in particular" if named else "everybody"
                detail = f"{statement.label} lets {whom} {wild[0] if wild else 'assume it'}"
                yield judged(role, policy.path_of(statement), answer, detail, key=statement.label)


def _roles(assembly: Assembly) -> dict[Resource, None]:
    granted = (
        role
        for policy, _ in grants_on_tables(assembly)
        for role in assembly.roles_of_policy.get((policy.resource, policy.path), ())
    )
    return dict.fromkeys((*granted, *assembly.backup_roles, *assembly.audit_roles))


RULE = Rule(
    id="SecureDdb-IAM7",
    title="Roles with access to tables cannot be assumed by everybody",
    severity=Severity.CRITICAL,
    requirements=("IAM-1",),
    controls=("CS-5", "PR.AC-3", "NIST.800-53.r5 AC-3", "NIST.800-53.r5 AC-6", "PCI DSS v4.0.1/7.2.2"),
    explanation="A role that everybody can assume gives everybody what it may do.",
    remedy="Name the services or roles that assume it.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html",
    check=check,
)
