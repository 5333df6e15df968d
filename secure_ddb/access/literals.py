"""Texts that stand in a policy and have to mean themselves."""

from __future__ import annotations

import re

from secure_ddb.errors import reject, require_type

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names
_IN_POLICIES = re.compile(r"[\x20-\xff]+")
# IAM would fill in a variable, some operators match patterns, and CDK writes values of the deployment as ${Token[...]}.
_INTERPRETED = ("${", "*", "?")


def require_literals(argument: str, values: object, what: str, longest: int) -> tuple[str, ...]:
    """Return a list of texts that IAM compares letter by letter.

    Args:
        argument: Name of the argument, as the caller wrote it.
        values: The given list.
        what: The kind of its elements, such as `attribute name`.
        longest: How many bytes one of them may have.

    Raises:
        InvalidArgumentError: It is no list, is empty, or one of its elements is no such text or stands twice.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    if not isinstance(values, list | tuple):
        reject(argument, values, f"a list of {what}s")
    if not values:
        reject(argument, values, f"at least one {what}")
    for position, value in enumerate(values):
        name = f"{argument}[{position}]"
        require_type(name, value, str)
        if not value.strip() or len(value.encode()) > longest:
            reject(name, value, f"{what}s of 1 to {longest} bytes")
        if any(sign in value for sign in _INTERPRETED):
            reject(name, value, f"{what}s that are known at synth, without ${{, * and ?")
        if not _IN_POLICIES.fullmatch(value):
            reject(name, value, f"{what}s in characters that policies allow, U+0020 to U+00FF")
        if value in values[:position]:
            reject(name, value, f"{what}s that stand once")
    return tuple(values)
