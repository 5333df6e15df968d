"""AWS's own managed policies, as moto ships them: what AWS itself gives a role that a service works with."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data


@cache
def _documents() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(aws_managed_policies_data)
    return found


def statements_of(name: str) -> list[dict[str, Any]]:
    """Return the statements of a managed policy."""
    found: list[dict[str, Any]] = _documents()[name]["Document"]["Statement"]
    return found


def actions_of(name: str) -> set[str]:
    """Return all actions that a managed policy allows."""
    return {
        action
        for statement in statements_of(name)
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }
