"""How the operators of conditions compare.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from secure_ddb.iam.wildcards import arn_like, equals, is_arn, like

if TYPE_CHECKING:
    from collections.abc import Callable

    from secure_ddb.three_valued import Truth


def _within(block: str, address: str) -> Truth:
    try:
        return ip_address(address) in ip_network(block, strict=False)
    except ValueError:
        # How a block begins does not say how large it is.
        return None if "${" in block or "${" in address else False


def _are_addresses(block: str, address: str) -> bool:
    try:
        ip_network(block, strict=False)
        ip_address(address)
    except ValueError:
        return False
    return True


def _same_letters(expected: str, text: str) -> Truth:
    return equals(expected, text, ignore_case=True)


def _are_truth_values(expected: str, text: str) -> bool:
    return {expected.lower(), text.lower()} <= {"true", "false"}


def _are_arns(pattern: str, arn: str) -> bool:
    return all(is_arn(each) or each.startswith("${") for each in (pattern, arn))


def _always(_expected: str, _text: str) -> bool:
    return True


Comparison = tuple["Callable[[str, str], Truth] | None", "Callable[[str, str], bool]"]
# How each operator compares a value with the request's, and which ones it can compare. No rule knows the numbers and
# dates of a request.
_POSITIVE: dict[str, Comparison] = {
    **dict.fromkeys(("ArnEquals", "ArnLike"), (arn_like, _are_arns)),
    "BinaryEquals": (None, _always),
    "Bool": (_same_letters, _are_truth_values),
    "IpAddress": (_within, _are_addresses),
    "StringEquals": (equals, _always),
    "StringEqualsIgnoreCase": (_same_letters, _always),
    "StringLike": (like, _always),
    **{
        f"{kind}{how}": (None, _always)
        for kind in ("Numeric", "Date")
        for how in ("Equals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
    },
}
_NEGATED = {
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
}
OPERATORS: dict[str, Comparison] = {
    "Null": (None, _always),
    **_POSITIVE,
    **{name: _POSITIVE[positive] for name, positive in _NEGATED.items()},
}
