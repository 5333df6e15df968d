"""People manage tables only with a second factor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.actions import CONTROL_PLANE
from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.iam.evaluation import touches
from secure_ddb.rules.access.statements import grants_on_tables
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.table_evidence import MFA
from secure_ddb.three_valued import all_of, any_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.iam.policy import Condition, Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth

_AGE = "aws:multifactorauthage"
_MFA = ("aws:multifactorauthpresent", _AGE)
# What only sessions have that an identity provider starts; Identity Center's have roles of their own.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
_OF_PROVIDER = {"aws:federatedprovider", "saml:namequalifier"}
_OF_IDENTITY_CENTER = ":role/aws-reserved/sso.amazonaws.com/"
_MANAGING = tuple(name for name in CONTROL_PLANE if not name.startswith(("dynamodb:Describe", "dynamodb:List")))


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every role that people assume and that may manage tables."""
    for policy, statement in grants_on_tables(assembly):
        manages = touches(statement, _MANAGING)
        if manages is False:
            continue
        if any(map(_is_of_provider, statement.conditions)) and not _demands_mfa(statement):
            # Whoever has the policy: Identity Center attaches it to roles that are in no template.
            detail = f"{statement.label} lets people of an identity provider manage tables; {_UNSEEN}"
            detail += _claimed(assembly, statement)
            yield judged(policy.resource, policy.path_of(statement), None, detail, key=statement.label)
            continue
        for role in assembly.identities.roles_of_policy.get((policy.resource, policy.path), ()):
            trust = assembly.policies.of(role, "AssumeRolePolicyDocument")
            people = [each for each in trust.statements if each.allows and _is_for(each, "AWS")]
            federated = any(each.allows and _is_for(each, "Federated") for each in trust.statements)
            # One that speaks of MFA is meant for people, whoever assumes the role today.
            if people or federated or statement.conditions_on(*_MFA):
                trusted = all_of(bool(people or federated), *map(_demands_mfa, people), None if federated else True)
                demanded = any_of([_demands_mfa(statement), trusted])
                how = "only with MFA" if demanded else "without MFA"
                if demanded is None and federated:
                    how = f"through an identity provider; {_UNSEEN}"
                lets = "lets" if manages and demanded is not None else "may let"
                detail = f"{statement.label} {lets} {role.logical_id} manage tables {how}"
                answer = any_of([demanded, negate(manages)])
                key = f"{statement.label}.{role.logical_id}"
                yield judged(policy.resource, policy.path_of(statement), answer, detail, key=key)


_UNSEEN = "whether it asks for MFA cannot be seen"


def _is_for(statement: Statement, kind: str) -> bool:
    return any(who.kind == kind for who in statement.principals)


def _is_of_provider(condition: Condition) -> bool:
    """Tell whether a condition lets only sessions through that an identity provider starts."""
    if not condition.must_be_present or condition.operator == "Null":
        return False
    if condition.key == "aws:principalarn":
        return bool(condition.values) and all(_OF_IDENTITY_CENTER in value for value in condition.values)
    return condition.key in _OF_PROVIDER


def _claimed(assembly: Assembly, statement: Statement) -> str:
    """Return what the tables that a statement is about claim about the providers."""
    tables = (table for table in assembly.tables if statement.covers_resource(*_names(table)))
    claims = dict.fromkeys(claim for table in tables if (claim := table.said("claims", MFA)))
    return f"; claimed, not verified: {' / '.join(claims)}" if claims else ""


def _names(table: Table) -> list[str]:
    return [table.arn, *(f"{table.arn}/index/{name}" for name in table.index_names)]


def _demands_mfa(statement: Statement) -> Truth:
    """Tell whether a request without MFA is left out; with `IfExists`, one with long-term keys would pass."""
    return any_of(map(_demands, statement.conditions))


def _demands(condition: Condition) -> Truth:
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
    explanation=(
        "Deleting a table, or switching its protection off, takes one request with a stolen session. Whether an "
        "identity provider asks for MFA, no template shows."
    ),
    remedy=(
        "Add the condition Bool aws:MultiFactorAuthPresent true to the statement, or to the role's trust policy. For "
        "people of an identity provider, let grant_control_plane state who asks them for MFA (IdentityProviderMfa)."
    ),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html",
    check=check,
)
