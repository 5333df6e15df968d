"""Statements that deny requests without TLS.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-securetransport
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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


def not_denied_without_tls(
    statements: Iterable[Statement], actions: Iterable[str], resources: Sequence[str]
) -> list[str]:
    """Return the actions on some resources that a policy lets pass without TLS."""
    denying = [statement for statement in statements if denies_without_tls(statement)]
    return [
        action
        for action in actions
        if not all(
            any(statement.covers_action(action) and statement.covers_resource(name) for statement in denying)
            for name in resources
        )
    ]
