"""Recognizing CDK tokens, values that are known only at deployment, without asking CDK for each value."""

from __future__ import annotations

# How CDK writes a token into a string and into a number: https://docs.aws.amazon.com/cdk/v2/guide/tokens.html
_STRING_TOKEN = "${Token["  # noqa: S105 - a marker, not a secret
_SMALLEST_PLAIN_NUMBER = -1.0e289


def is_token(value: object) -> bool:
    """Return whether a string or number is or holds a token, so that its content cannot be checked."""
    if isinstance(value, str):
        return _STRING_TOKEN in value
    return isinstance(value, int | float) and value < _SMALLEST_PLAIN_NUMBER
