"""Statements that deny requests without TLS.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-securetransport
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.iam.evaluation import matches_resource
from secure_ddb.three_valued import all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from secure_ddb.iam.policy import Condition, Statement
    from secure_ddb.three_valued import Truth

_OPERATORS = {"Bool", "StringEquals", "StringEqualsIgnoreCase", "StringLike"}


def denies_without_tls(statement: Statement) -> Truth:
    """Return whether a statement denies all requests without TLS. A further condition would exempt some."""
    if not statement.denies or statement.excludes_principals or not statement.conditions:
        return False
    unknown = any(is_unknown(who.value) for who in statement.principals)
    everyone = statement.is_for_everyone() or (None if unknown else False)
    return all_of(everyone, *map(_without_tls, statement.conditions))


def _without_tls(condition: Condition) -> Truth:
    """Return whether a condition holds for requests without TLS, and for them only."""
    if condition.is_unknown:
        return None
    if condition.key != "aws:securetransport" or condition.quantifier or condition.operator not in _OPERATORS:
        return False
    ignores_case = condition.operator in {"Bool", "StringEqualsIgnoreCase"}
    values = [value.lower() if ignores_case else value for value in condition.values]
    return "false" in values or (None if is_unknown(list(condition.values)) else False)


def denied_without_tls(
    statements: Iterable[Statement], actions: Iterable[str], resources: Sequence[str]
) -> dict[str, Truth]:
    """Return for each action whether a policy denies it on all of some resources without TLS."""
    answers = ((statement, denies_without_tls(statement)) for statement in statements)
    denying = [(statement, answer) for statement, answer in answers if answer is not False]
    of_names = [
        [(each, all_of(answer, matches_resource(each, name))) for each, answer in denying] for name in resources
    ]
    return {action: all_of(*[_denied(of_name, action) for of_name in of_names]) for action in actions}


def _denied(denying: Sequence[tuple[Statement, Truth]], action: str) -> Truth:
    return any_of([all_of(answer, each.is_about(action)) for each, answer in denying])
