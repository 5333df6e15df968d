"""People manage tables only with a second factor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.actions import CONTROL_PLANE
from secure_ddb.rules.access.statements import grants_on_tables
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.rules.assembly import Assembly
    from secure_ddb.rules.policies import Statement

_MFA = ("aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge")
_MANAGING = tuple(name for name in CONTROL_PLANE if not name.startswith(("dynamodb:Describe", "dynamodb:List")))


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every role that people assume and that may manage tables."""
    for policy, statement in grants_on_tables(assembly):
        if not statement.touches_actions(_MANAGING):
            continue
        for role in assembly.roles_of_policy.get((policy.resource, policy.path), ()):
            trust = assembly.policy(role, "AssumeRolePolicyDocument")
            people = [each for each in trust.statements if each.allows and _is_for_people(each)]
            # One that speaks of MFA is meant for people, whoever assumes the role today.
            if people or statement.conditions_on(*_MFA):
                answer = _demands_mfa(statement) or (bool(people) and all(map(_demands_mfa, people)))
                how = "only with MFA" if answer else "without MFA"
                detail = f"{statement.label} lets {role.logical_id} manage tables {how}"
                key = f"{statement.label}.{role.logical_id}"
                yield judged(policy.resource, policy.path_of(statement), answer, detail, key=key)


def _is_for_people(statement: Statement) -> bool:
    # What a federated session knows of a second factor, no template shows.
    return any(who.kind == "AWS" for who in statement.principals)


def _demands_mfa(statement: Statement) -> bool:
    """Tell whether a request without MFA is left out; with `IfExists`, one with long-term keys would pass."""
    return any(
        condition.must_be_present and (condition.operator.startswith("Numeric") or condition.values == ("true",))
        for condition in statement.conditions_on(*_MFA)
    )


RULE = Rule(
    id="SecureDdb-IAM6",
    title="People manage tables only with MFA",
    severity=Severity.HIGH,
    requirements=("IAM-4",),
    controls=("CS-10", "PR.AC-3", "NIST.800-53.r5 IA-2(1)", "NIST.800-53.r5 AC-6(5)", "PCI DSS v4.0.1/8.4.1"),
    explanation="Deleting a table, or switching its protection off, takes one request with a stolen session.",
    remedy="Add the condition Bool aws:MultiFactorAuthPresent true to the statement, or to the role's trust policy.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html",
    check=check,
)
