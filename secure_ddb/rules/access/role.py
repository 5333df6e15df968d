"""The trust policies of roles that reach tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.iam.confused_deputy import is_one_federated, of_other_accounts, restricted
from secure_ddb.iam.evaluation import matches_action
from secure_ddb.landscape.grants import grants_on_tables, is_wide_action
from secure_ddb.landscape.tables import merged
from secure_ddb.rules.catalogues import nist, pci, security_hub
from secure_ddb.rules.network.endpoint import MANAGING
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged_statement
from secure_ddb.table_evidence import MFA
from secure_ddb.three_valued import all_of, any_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
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


@Rule(
    id="SecureDdb-IAM6",
    title="People can manage tables only with MFA",
    problem="People can manage tables without MFA",
    severity=Severity.HIGH,
    requirements=("IAM-4",),
    controls=("CS-10", "PR.AC-3", *nist("IA-2(1)", "AC-6(5)"), *pci("8.4.1")),
    rationale=(
        "With a stolen session, one request deletes a table or switches its protection off. Templates do not show "
        "whether an identity provider requires MFA."
    ),
    remedy=(
        "Add the condition Bool aws:MultiFactorAuthPresent true to the statement or to the role's trust policy. For "
        "people who sign in through an identity provider, state in grant_control_plane who requires MFA "
        "(IdentityProviderMfa)."
    ),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html",
)
def management_needs_mfa(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every role that people assume and that may manage tables."""
    for policy, statement in grants_on_tables(assembly):
        manages = matches_action(statement, MANAGING)
        if manages is False:
            continue
        if any(map(_is_of_provider, statement.conditions)) and not _demands_mfa(statement):
            # Of all roles with the policy: Identity Center attaches it to roles that are in no template.
            detail = f"{statement.label} lets people from an identity provider manage tables; {_UNSEEN}"
            yield judged_statement(policy, statement, None, f"{detail}{_claimed(assembly, statement)}")
            continue
        for role in assembly.identities.roles_of_policy.get((policy.resource, policy.path), ()):
            trust = assembly.policies.of(role, "AssumeRolePolicyDocument")
            people = [each for each in trust.allowing if _is_for(each, "AWS")]
            federated = any(_is_for(each, "Federated") for each in trust.allowing)
            # One that speaks of MFA is meant for people, even if only services assume the role today.
            if people or federated or statement.conditions_on(*_MFA):
                trusted = all_of(bool(people or federated), *map(_demands_mfa, people), None if federated else True)
                demanded = any_of([_demands_mfa(statement), trusted])
                how = "only with MFA" if demanded else "without MFA"
                if demanded is None and federated:
                    how = f"through an identity provider; {_UNSEEN}"
                lets = "lets" if manages and demanded is not None else "may let"
                detail = f"{statement.label} {lets} {role.logical_id} manage tables {how}"
                key = f"{statement.label}.{role.logical_id}"
                yield judged_statement(policy, statement, any_of([demanded, negate(manages)]), detail, key=key)


_UNSEEN = "the templates do not show whether it requires MFA"


def _is_for(statement: Statement, kind: str) -> bool:
    return any(who.kind == kind for who in statement.principals)


def _is_of_provider(condition: Condition) -> bool:
    """Return whether a condition lets only sessions through that an identity provider starts."""
    if not condition.must_be_present or condition.operator == "Null":
        return False
    if condition.key == "aws:principalarn":
        return bool(condition.values) and all(_OF_IDENTITY_CENTER in value for value in condition.values)
    return condition.key in _OF_PROVIDER


def _claimed(assembly: Assembly, statement: Statement) -> str:
    """Return the claims about the providers of the tables that a statement is about."""
    tables = (table for table in assembly.tables if statement.covers_resource(*_names(table)))
    claims = dict.fromkeys(claim for table in tables if (claim := table.stated_value("claims", MFA)))
    return f"; claimed, not verified: {' / '.join(claims)}" if claims else ""


def _names(table: Table) -> list[str]:
    return [table.arn, *(f"{table.arn}/index/{name}" for name in table.index_names)]


def _demands_mfa(statement: Statement) -> Truth:
    """Return whether a request without MFA is left out; with `IfExists`, one with long-term keys would pass."""
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


@Rule(
    id="SecureDdb-IAM7",
    title="Roles with access to tables can be assumed only from within the account",
    problem="A role with access to tables can be assumed from outside the account",
    severity=Severity.CRITICAL,
    requirements=("IAM-1",),
    controls=("CS-5", "PR.AC-3", *nist("AC-3", "AC-6"), *pci("7.2.2")),
    rationale="Anyone who can assume a role gets its permissions. Templates do not show who owns another account.",
    remedy="Name the services or roles that can assume it.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html",
)
def trust(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the trust policy of each role that may do something with tables, serves them, or is named by a policy."""
    for role in _roles(assembly):
        policy = assembly.policies.of(role, "AssumeRolePolicyDocument")
        for statement in policy.allowing:
            wild = [action for action in statement.actions if "*" in action]
            named = (not statement.is_for_everyone() or restricted(statement)) and is_one_federated(statement)
            others = of_other_accounts(statement, role)
            # Whether another account is one of the company's, no template shows.
            hidden = any(is_unknown(who.value) for who in statement.principals)
            unknown = not wild and (bool(others) or hidden or (statement.is_unknown and not named))
            answer = None if unknown else named and not wild
            whom = ", ".join(others) or ("named principals" if named else "everyone")
            detail = f"{statement.label} lets {whom} {wild[0] if wild else 'assume it'}"
            yield judged_statement(policy, statement, answer, detail)


def _roles(assembly: Assembly) -> dict[Resource, None]:
    granted = (
        role
        for policy, _ in grants_on_tables(assembly)
        for role in assembly.identities.roles_of_policy.get((policy.resource, policy.path), ())
    )
    serving = (*assembly.backup.roles, *assembly.audit.roles, *assembly.archive.roles)
    return dict.fromkeys((*granted, *serving, *_named(assembly)))


def _named(assembly: Assembly) -> Iterator[Resource]:
    """Yield the roles that policies of tables, and of what serves them, name: those exempted by a Deny, too."""
    for policy, _ in assembly.table_policies:
        for statement in policy.statements:
            exempted = (value for each in statement.conditions_on("aws:PrincipalArn") for value in each.values)
            for arn in (*(who.value for who in statement.principals), *exempted):
                role = assembly.find(arn, policy.resource, kinds.ROLE)
                if role:
                    yield role


# They name no resource, or only ever one of the function's own.
_WITHOUT_RESOURCE = ("cloudwatch:putmetricdata", "dynamodb:liststreams", "ec2:", "xray:", "logs:describe")


@Rule(
    id="SecureDdb-IAM10",
    title="The audit and backup roles have no more permissions than they need",
    problem="The audit or backup role has more permissions than it needs",
    severity=Severity.MEDIUM,
    requirements=("AUD-1", "BAK-2", "IAM-1"),
    controls=("CS-5", "PR.AC-3", *nist("AC-6", "AU-9(4)"), *security_hub("IAM.21"), *pci("7.2.5", "10.3.2")),
    rationale="Both roles can read every item. With excess permissions they lead to everything else.",
    remedy="Allow only the actions and resources of the table, its key, log group and bucket.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
)
def serving_roles(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the policies of the audit function's, of its archive's and of AWS Backup's roles."""
    for role, tables in merged(assembly.audit.roles, assembly.archive.roles, assembly.backup.roles).items():
        for policy in assembly.identities.policies_of_role.get(role, ()):
            for statement in policy.allowing:
                named = [action for action in statement.actions if not action.startswith(_WITHOUT_RESOURCE)]
                if not named:
                    continue
                wide = [action for action in named if is_wide_action(action)]
                answer: Truth = not wide and "*" not in statement.resources and not statement.excludes_resources
                if answer and statement.has_unknown_resources:
                    answer = None
                others = ", ".join(wide) or "its actions on all resources"
                what = choose(answer, "only named resources", others, "resources known only at deployment")
                detail, key = f"{statement.label} allows {what}", f"{role.logical_id}.{statement.label}"
                yield judged_statement(policy, statement, answer, detail, key=key, tables=tables)
