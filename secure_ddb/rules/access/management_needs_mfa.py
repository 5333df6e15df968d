"""People manage tables only with a second factor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.actions import CONTROL_PLANE
from secure_ddb.rules.access.statements import grants_on_tables
from secure_ddb.rules.permissions import any_of, both, not_, touches
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.rules.values import is_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.rules.assembly import Assembly
    from secure_ddb.rules.permissions import Answer
    from secure_ddb.rules.policies import Condition, Statement

_AGE = "aws:multifactorauthage"
_MFA = ("aws:multifactorauthpresent", _AGE)
_MANAGING = tuple(name for name in CONTROL_PLANE if not name.startswith(("dynamodb:Describe", "dynamodb:List")))


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every role that people assume and that may manage tables."""
    for policy, statement in grants_on_tables(assembly):
        manages = touches(statement, _MANAGING)
        if manages is False:
            continue
        for role in assembly.roles_of_policy.get((policy.resource, policy.path), ()):
            trust = assembly.policy(role, "AssumeRolePolicyDocument")
            people = [each for each in trust.statements if each.allows and _is_for_people(each)]
            # One that speaks of MFA is meant for people, whoever assumes the role today.
            if people or statement.conditions_on(*_MFA):
                demanded = any_of([_demands_mfa(statement), both(bool(people), *map(_demands_mfa, people))])
                how = "only with MFA" if demanded else "without MFA"
                lets = "lets" if manages and demanded is not None else "may let"
                detail = f"{statement.label} {lets} {role.logical_id} manage tables {how}"
                answer = any_of([demanded, not_(manages)])
                key = f"{statement.label}.{role.logical_id}"
                yield judged(policy.resource, policy.path_of(statement), answer, detail, key=key)


def _is_for_people(statement: Statement) -> bool:
    # What a federated session knows of a second factor, no template shows.
    return any(who.kind == "AWS" for who in statement.principals)


def _demands_mfa(statement: Statement) -> Answer:
    """Tell whether a request without MFA is left out; with `IfExists`, one with long-term keys would pass."""
    return any_of(map(_demands, statement.conditions))


def _demands(condition: Condition) -> Answer:
    if condition.is_unknown:
        return None
    if condition.operator == "Null" and condition.key == _AGE:
        # A request without MFA has no age.
        demands = condition.must_be_present
    elif condition.key in _MFA and condition.must_be_present:
        demands = condition.operator.startswith("Numeric") or condition.values == ("true",)
    else:
        return False
    return demands or (None if any(map(is_unknown, condition.values)) else False)


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
