"""Whether two texts speak of the same account, Region or stack, one of which may be known only at deployment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import ACCOUNT, REGION, is_unknown

if TYPE_CHECKING:
    from secure_ddb.three_valued import Truth

_SEVERAL = re.compile(r"[*?]")
_KNOWN_ACCOUNT = re.compile(r"\d{12}")


def open_parts(text: str) -> set[str]:
    """Return which of the account and the Region in a text only the deployment knows."""
    return {part for part in (ACCOUNT, REGION) if part in text}


def same(text: str, other: str) -> Truth:
    """Return whether two texts are equal; None if that depends on where a template is deployed."""
    if text == other:
        return True
    # Most texts have no placeholder at all.
    if "${" not in text and "${" not in other:
        return False
    unknown = is_unknown(text) or is_unknown(other) or open_parts(text) or open_parts(other)
    return None if unknown else False


def same_account(text: str, account: str) -> Truth:
    """Return whether a text is an account; None for one that is not known yet, and for what only stands for one."""
    if text == account:
        return True
    return False if _KNOWN_ACCOUNT.fullmatch(text) and _KNOWN_ACCOUNT.fullmatch(account) else None


def only(text: str, place: str) -> Truth:
    """Return whether a policy's text names a place, and no other; a wildcard in it never does."""
    # A placeholder for something unknown holds a question mark of its own.
    return False if _SEVERAL.search(text) and not is_unknown(text) else same(text, place)
