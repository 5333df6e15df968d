"""A permission on some items does not let everything through that names no key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.actions import SEARCH_VECTORS
from secure_ddb.rules.access.statements import demands_named, grants_on_tables
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.assembly import Assembly

_LEADING_KEYS = "dynamodb:LeadingKeys"
# Requests of these carry no leading keys, or need not.
_WITHOUT_KEYS = ("dynamodb:Scan", "dynamodb:PartiQLSelect", "dynamodb:ExportTableToPointInTime", *SEARCH_VECTORS)


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement, of an identity or of a table, with a condition on leading keys."""
    of_tables = ((policy, each) for policy, _ in assembly.table_policies for each in policy.statements if each.allows)
    for policy, statement in (*grants_on_tables(assembly), *of_tables):
        on_keys = statement.conditions_on(_LEADING_KEYS)
        if on_keys:
            passing = [] if _must_be_present(statement) else statement.touches_actions(_WITHOUT_KEYS)
            # To demand a key without naming any, or any but some, is as good as nothing.
            comparing = [each for each in on_keys if each.operator != "Null" and not each.is_negated]
            any_value = not comparing or not all(map(demands_named, comparing))
            answer = not passing and not any_value
            detail = (
                f"{statement.label} allows {', '.join(passing)}, which carries no leading keys"
                if passing
                else f"{statement.label} {'allows any key' if any_value else 'allows only the keys that it names'}"
            )
            yield judged(policy.resource, policy.path_of(statement), answer, detail, key=statement.label)


def _must_be_present(statement: Statement) -> bool:
    """Tell whether a request without leading keys is left out. `ForAllValues` alone is true for it."""
    return any(condition.must_be_present for condition in statement.conditions_on(_LEADING_KEYS))


RULE = Rule(
    id="SecureDdb-IAM4",
    title="Permissions on some items do not allow requests that name no key",
    severity=Severity.CRITICAL,
    requirements=("IAM-3",),
    controls=(
        "CS-5",
        "PR.AC-3",
        "NIST.800-53.r5 AC-3",
        "NIST.800-53.r5 AC-6",
        "PCI DSS v4.0.1/7.2.2",
        "PCI DSS v4.0.1/7.2.5",
    ),
    explanation=(
        "ForAllValues is true where there are no values. A Scan carries no dynamodb:LeadingKeys, so a permission that "
        "lists Scan beside such a condition is one on every item."
    ),
    remedy='Leave Scan out, and add the condition Null dynamodb:LeadingKeys "false".',
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html",
    check=check,
)
