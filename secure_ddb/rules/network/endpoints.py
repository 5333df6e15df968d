"""Which endpoints are for DynamoDB."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from secure_ddb.rules import names

if TYPE_CHECKING:
    from secure_ddb.rules.assembly import Assembly
    from secure_ddb.rules.resources import Resource

_INDEX = re.compile(r"/index/[^/]*$")
_PLACEHOLDER = re.compile(r"\$\{[^}]*\}")


def dynamodb_endpoints(assembly: Assembly) -> list[Resource]:
    """Return the VPC endpoints for DynamoDB, gateways and interfaces."""
    return [
        endpoint
        for endpoint in assembly.of_type(names.ENDPOINT)
        if str(endpoint.properties.get("ServiceName")).endswith(".dynamodb")
    ]


def is_wide_resource(name: str) -> bool:
    """Tell whether a resource in a policy stands for more than one table."""
    # All indexes of one table are fine.
    table = _INDEX.sub("", name)
    return "*" in table or "?" in _PLACEHOLDER.sub("", table)
