"""Roles with access to tables are assumed by somebody in particular."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.iam.confused_deputy import is_one_federated, of_other_accounts, restricted
from secure_ddb.rules.access.statements import grants_on_tables
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the trust policy of each role that may do something with tables, serves them, or is named by a policy."""
    for role in _roles(assembly):
        policy = assembly.policies.of(role, "AssumeRolePolicyDocument")
        for statement in policy.statements:
            if statement.allows:
                wild = [action for action in statement.actions if "*" in action]
                named = (not statement.is_for_everybody() or restricted(statement)) and is_one_federated(statement)
                others = of_other_accounts(statement, role)
                # Whether another account is one of the company's, no template shows.
                hidden = any(is_unknown(who.value) for who in statement.principals)
                unknown = not wild and (bool(others) or hidden or (statement.is_unknown and not named))
                answer = None if unknown else named and not wild
                whom = ", ".join(others) or ("somebody in particular" if named else "everybody")
                detail = f"{statement.label} lets {whom} {wild[0] if wild else 'assume it'}"
                yield judged(role, policy.path_of(statement), answer, detail, key=statement.label)


def _roles(assembly: Assembly) -> dict[Resource, None]:
    granted = (
        role
        for policy, _ in grants_on_tables(assembly)
        for role in assembly.identities.roles_of_policy.get((policy.resource, policy.path), ())
    )
    return dict.fromkeys((*granted, *_serving(assembly), *_named(assembly)))


def _serving(assembly: Assembly) -> Iterator[Resource]:
    yield from assembly.backup.roles
    yield from assembly.audit.roles
    yield from assembly.archive.roles


def _named(assembly: Assembly) -> Iterator[Resource]:
    """Yield the roles that policies of tables, and of what serves them, name: those exempted by a Deny, too."""
    for policy, _ in assembly.table_policies:
        for statement in policy.statements:
            exempted = (value for each in statement.conditions_on("aws:PrincipalArn") for value in each.values)
            for arn in (*(who.value for who in statement.principals), *exempted):
                role = assembly.find(arn, policy.resource, kinds.ROLE)
                if role:
                    yield role


RULE = Rule(
    id="SecureDdb-IAM7",
    title="Roles with access to tables can be assumed by somebody of the account only",
    severity=Severity.CRITICAL,
    requirements=("IAM-1",),
    controls=("CS-5", "PR.AC-3", "NIST.800-53.r5 AC-3", "NIST.800-53.r5 AC-6", "PCI DSS v4.0.1/7.2.2"),
    explanation=(
        "A role that everybody can assume gives everybody what it may do. Whether another account is one of the "
        "company's, no template shows."
    ),
    remedy="Name the services or roles that assume it.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html",
    check=check,
)
