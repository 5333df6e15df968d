"""The variables of a policy, which a request gives their values. No rule knows them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re

from secure_ddb.cloudformation.values import unknown

# Keys with several values in one request.
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
_VARIABLE = re.compile(r"\$\{[^}:?]+:[^}]*\}")


def without_variables(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return texts with placeholders for what only the request knows."""
    return tuple(_VARIABLE.sub(unknown("Request"), text) if "${" in text else text for text in texts)
