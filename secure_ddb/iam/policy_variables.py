"""The variables of a policy, which a request gives their values.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Policies of other versions have none.
VERSION = "2012-10-17"
# Keys with several values in one request, which are no variables.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
MULTIVALUED = frozenset(
    {
        "aws:calledvia",
        "aws:principalorgpaths",
        "aws:principalservicenameslist",
        "aws:resourceorgpaths",
        "aws:sourceorgpaths",
        "aws:tagkeys",
        "aws:vpceorgpaths",
        "dynamodb:attributes",
        "dynamodb:enclosingoperation",
        "dynamodb:leadingkeys",
        "kms:encryptioncontextkeys",
        "kms:grantoperations",
    }
)
# The colons of an ARN up to the resource.
_BEFORE_RESOURCE = 5
_VARIABLE = re.compile(r"\$\{([^}:?]+:[^},]*)(?:,\s*'([^']*)')?\s*\}")


def has_variables(text: str) -> bool:
    """Tell whether a text names variables; the placeholders for what only the deployment knows are none."""
    return "${" in text and _VARIABLE.search(text) is not None


def with_values(text: str, context: Mapping[str, Sequence[str]], *, is_arn: bool = False) -> str | None:
    """Return a text with the values of its variables; None if a request lacks one.

    A variable whose value is not known becomes a placeholder; so does one that stands in an ARN before the resource,
    where there must be none.
    """
    lacks_one = False

    def value(found: re.Match[str]) -> str:
        nonlocal lacks_one
        name = found[1].strip().lower()
        values = context.get(name)
        too_early = is_arn and _VARIABLE.sub("", text[: found.start()]).count(":") < _BEFORE_RESOURCE
        if too_early or values is None or len(values) > 1 or (values and name in MULTIVALUED):
            return unknown(f"Request.{name}")
        given = values[0] if values else found[2]
        lacks_one = lacks_one or given is None
        # Whether IAM takes those of a value for wildcards is not documented.
        return unknown(f"Request.{name}") if given is None or "*" in given or "?" in given else given

    replaced = _VARIABLE.sub(value, text)
    return None if lacks_one else replaced
