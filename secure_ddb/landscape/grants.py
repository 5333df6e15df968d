"""Statements of roles, users and groups about tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.iam.wildcards import matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.iam.policy import Condition, Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.policies import Policy

# They name no table: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
_WITHOUT_TABLE = {
    "dynamodb:describeendpoints",
    "dynamodb:describelimits",
    "dynamodb:describereservedcapacity",
    "dynamodb:describereservedcapacityofferings",
    "dynamodb:listbackups",
    "dynamodb:listcontributorinsights",
    "dynamodb:listexports",
    "dynamodb:listglobaltables",
    "dynamodb:listimports",
    "dynamodb:liststreams",
    "dynamodb:listtables",
    "dynamodb:purchasereservedcapacityofferings",
}
# A service by a wildcard, or its actions by what they end in; any wildcard among those of DynamoDB.
_WIDE = re.compile(r"[^:]*[*?]|[^:]*:[*?]|dynamodb:.*[*?]")


def grants_on_tables(assembly: Assembly) -> Iterator[tuple[Policy, Statement]]:
    """Yield every statement of an identity's policy that allows actions on tables."""
    for policy in assembly.identities.policies:
        for statement in policy.statements:
            if statement.allows and (statement.excludes_actions or dynamodb_actions(statement)):
                yield policy, statement


def dynamodb_actions(statement: Statement) -> tuple[str, ...]:
    """Return the actions on tables that a statement names."""
    return tuple(
        action
        for action in statement.actions
        if (matches(action.partition(":")[0], "dynamodb") or is_unknown(action)) and action not in _WITHOUT_TABLE
    )


def is_wide_action(action: str) -> bool:
    """Return whether an action stands for all of a service, or for several of DynamoDB."""
    return bool(_WIDE.match(action))


def demands_named(condition: Condition) -> bool:
    """Return whether a condition lets only some values of its key through."""
    compares = condition.operator != "Null" and not condition.is_negated
    return compares and bool(condition.values) and all(value.strip("*?") for value in condition.values)
