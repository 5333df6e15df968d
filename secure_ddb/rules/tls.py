"""Statements that deny requests without TLS.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-securetransport
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.permissions import any_of, both, covers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from secure_ddb.rules.permissions import Answer
    from secure_ddb.rules.policies import Statement

_OPERATORS = {"Bool", "StringEquals", "StringEqualsIgnoreCase", "StringLike"}


def denies_without_tls(statement: Statement) -> bool:
    """Tell whether a statement denies requests without TLS to everybody. A further condition would let some pass."""
    (condition, *others) = statement.conditions or [None]
    return (
        statement.denies
        and statement.is_for_everybody()
        and not statement.excludes_principals
        and condition is not None
        and not others
        and condition.operator in _OPERATORS
        and not condition.quantifier
        and condition.key == "aws:securetransport"
        and "false" in condition.values
    )


def denied_without_tls(
    statements: Iterable[Statement], actions: Iterable[str], resources: Sequence[str]
) -> dict[str, Answer]:
    """Return for each action whether a policy denies it on all of some resources without TLS."""
    denying = [statement for statement in statements if denies_without_tls(statement)]
    return {
        action: both(*(_denied([each for each in denying if each.covers_action(action)], name) for name in resources))
        for action in actions
    }


def _denied(denying: list[Statement], name: str) -> Answer:
    return any_of(covers(statement, name) for statement in denying)
