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
_VARIABLE = re.compile(r"\$\{([^}:?]+:[^},]*)[^}]*\}")


def with_values(texts: Sequence[str], context: Mapping[str, Sequence[str]]) -> list[str]:
    """Return texts with the values that a request gives their variables, and placeholders for unknown ones."""

    def value(found: re.Match[str]) -> str:
        name = found[1].strip().lower()
        values = context.get(name, ())
        # Whether IAM takes the wildcards of a value for such is not documented.
        known = len(values) == 1 and name not in MULTIVALUED and set("*?").isdisjoint(values[0])
        return values[0] if known else unknown(f"Request.{name}")

    return [_VARIABLE.sub(value, text) if "${" in text else text for text in texts]
