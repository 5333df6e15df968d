"""Which endpoints are for DynamoDB."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import is_unknown

if TYPE_CHECKING:
    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly

# What belongs to one table: a wildcard there stands for no other table.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
_OF_TABLE = re.compile(r"/(?:backup|export|import|index|stream)/[^/]*$")
_PLACEHOLDER = re.compile(r"\$\{[^}]*\}")


def dynamodb_endpoints(assembly: Assembly) -> list[Resource]:
    """Return the VPC endpoints for DynamoDB, gateways and interfaces."""
    return [
        endpoint
        for endpoint in assembly.of_type(kinds.ENDPOINT)
        if str(endpoint.properties.get("ServiceName")).endswith(".dynamodb")
    ]


def is_wide_resource(name: str) -> bool:
    """Tell whether a resource in a policy stands for more than one table."""
    table = _OF_TABLE.sub("", name)
    return "*" in table or "?" in _PLACEHOLDER.sub("", table)


def is_known_table(assembly: Assembly, name: str, near: Resource) -> bool:
    """Tell whether a resource in a policy is known at synth: in full, or as a table of the templates."""
    return not is_unknown(name) or assembly.tables.find(_OF_TABLE.sub("", name), near) is not None
