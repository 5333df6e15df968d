"""Item permissions of users of web identity providers: signed-in users of an application, and guests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.access.actions import COPY_OF_ALL_ITEMS, DATA_PLANE, SEARCH_VECTORS
from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.iam.confused_deputy import demands_values, names_users, web_identity_providers
from secure_ddb.iam.evaluation import matches_action
from secure_ddb.iam.wildcards import like
from secure_ddb.landscape.grants import demands_named, grants_on_tables
from secure_ddb.rules.catalogues import nist, pci
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged_statement, lets
from secure_ddb.three_valued import all_of, any_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.policy import Condition, Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.policies import Policy
    from secure_ddb.three_valued import Truth

_ITEMS = (*DATA_PLANE, *SEARCH_VECTORS, *COPY_OF_ALL_ITEMS)
_COGNITO, _METHODS, _GUEST = "cognito-identity.amazonaws.com", "cognito-identity.amazonaws.com:amr", "unauthenticated"


@Rule(
    id="SecureDdb-IAM14",
    title="Users of web identity providers can access items only by their own partition key",
    problem="Users of a web identity provider can access other users' items",
    severity=Severity.CRITICAL,
    requirements=("IAM-3",),
    controls=("CS-5", "PR.AC-3", *nist("AC-3", "AC-6"), *pci("7.2.2", "7.2.5")),
    rationale=(
        "All users who sign in to the application get the same role. Without a condition on the partition key, each "
        "of them can use it on every item, with any program."
    ),
    remedy=(
        "Limit the grant with leading_keys, such as LeadingKeys.web_identity('cognito-identity.amazonaws.com:sub'). "
        "If a role is for certain users of the company's own provider, list them in its trust policy, by sub or by "
        "session tag."
    ),
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WIF.html",
)
def own_items(assembly: Assembly) -> Iterator[Judgement]:
    """Look at item permissions of roles that trust a web identity provider."""
    for policy, statement, role in _grants(assembly):
        trusted = _trusted(assembly, role)
        reaches = matches_action(statement, _ITEMS)
        if not trusted or reaches is False:
            continue
        known = [_is_for_known_users(each) for each in trusted]
        limited = _limited(statement)
        answer = any_of([limited, all_of(*known), negate(reaches)])
        by = choose(limited, "by partition key", "of all users", "by partition key or of all users")
        if limited is False and answer is not False:
            by = choose(answer, "if the trust policy names them", "", "although the trust policy may not name them")
        providers = ", ".join(dict.fromkeys(name for each in trusted for name in web_identity_providers(each)))
        detail = f"{statement.label} lets users of {providers} with {role.logical_id} access items {by}"
        yield judged_statement(policy, statement, answer, detail, key=f"{statement.label}.{role.logical_id}")


@Rule(
    id="SecureDdb-IAM15",
    title="Guests of an identity pool cannot assume roles with access to tables",
    problem="Guests of an identity pool can assume a role with access to tables",
    severity=Severity.HIGH,
    requirements=("IAM-1", "IAM-3"),
    controls=("CS-5", "PR.AC-3", *nist("AC-3", "IA-2"), *pci("7.2.2")),
    rationale="A guest has not signed in, so its identity is unknown, and it can have any number of identities.",
    remedy=(
        "Add the condition ForAnyValue:StringLike cognito-identity.amazonaws.com:amr authenticated to the role's trust "
        "policy."
    ),
    source="https://docs.aws.amazon.com/cognito/latest/developerguide/identity-pools-security-best-practices.html",
)
def no_guests(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the trust policies of roles with access to tables that identity pools give to their users.

    Where one does not say how users sign in, the identity pool decides whether it has guests.
    """
    for role in dict.fromkeys(role for _, _, role in _grants(assembly)):
        trust = assembly.policies.of(role, "AssumeRolePolicyDocument")
        for statement in trust.allowing:
            if _COGNITO in web_identity_providers(statement):
                says = any(each.key == _METHODS for each in statement.conditions)
                refused = any_of(map(_refuses_guests, statement.conditions)) if says else None
                why = "" if says else ": it does not say how users sign in"
                detail = f"{statement.label} {lets(negate(refused))} guests assume it{why}"
                yield judged_statement(trust, statement, refused, detail)


def _grants(assembly: Assembly) -> Iterator[tuple[Policy, Statement, Resource]]:
    for policy, statement in grants_on_tables(assembly):
        for role in assembly.identities.roles_of_policy.get((policy.resource, policy.path), ()):
            yield policy, statement, role


def _trusted(assembly: Assembly, role: Resource) -> list[Statement]:
    """Return the statements of a role's trust policy that let users of web identity providers assume it."""
    trust = assembly.policies.of(role, "AssumeRolePolicyDocument")
    return [statement for statement in trust.allowing if web_identity_providers(statement)]


def _is_for_known_users(statement: Statement) -> Truth:
    """Return whether a trust policy's statement is for users whom the company knows.

    A provider by its name alone is open to the public; one in IAM may be the company's own.
    """
    if not all(":oidc-provider/" in name or is_unknown(name) for name in web_identity_providers(statement)):
        return False
    return names_users(statement) or None


def _limited(statement: Statement) -> Truth:
    on_keys = [each for each in statement.conditions if each.key == "dynamodb:leadingkeys"]
    named = bool(on_keys) and any(each.must_be_present for each in on_keys) and any(map(demands_named, on_keys))
    return named or (None if any(each.is_unknown for each in statement.conditions) else False)


def _refuses_guests(condition: Condition) -> Truth:
    if condition.is_unknown:
        return None
    if condition.key != _METHODS or not demands_values(condition):
        return False
    return all_of(*(negate(like(value, _GUEST)) for value in condition.values))
