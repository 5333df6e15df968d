"""How long a policy document is when it reaches AWS, as far as that is known before the deployment."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from secure_ddb.cloudformation.values import ACCOUNT, REGION, as_list, is_unknown

if TYPE_CHECKING:
    from secure_ddb.three_valued import Truth

# A placeholder of `values`; the variables of IAM have a colon, and those of one character stand for it.
_PLACEHOLDER = re.compile(r"(:key/)?\$\{([^}:/]{2,})\}")
_WHOLE_VALUE = re.compile(r'"\$\{\?[^}:/"]+\}"')
_WHITE_SPACE = re.compile(r"\s")
# Of an account, of a Region such as us-east-1 or ap-southeast-1, and of a key's id.
_LENGTHS = {ACCOUNT[2:-1]: (12, 12), REGION[2:-1]: (9, 14)}
_KEY_ID = 36
# The longest name of a table or an index, and the ARN of an index with two such names.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
_LONGEST_NAME = 255
_LONGEST_ARN = 600


class Length(NamedTuple):
    """Between how many and how many characters.

    Attributes:
        least: At least so many, whatever the deployment brings.
        most: An estimate of the most, or None if there is none.
    """

    least: int
    most: int | None

    def __add__(self, other: object) -> Length:
        """Return the length of two documents together."""
        if not isinstance(other, Length):
            return NotImplemented
        most = None if self.most is None or other.most is None else self.most + other.most
        return Length(self.least + other.least, most)

    def fits(self, limit: int) -> Truth:
        """Tell whether it is within a limit."""
        if self.least > limit:
            return False
        return True if self.most is not None and self.most <= limit else None

    def __str__(self) -> str:
        """Write it into a sentence."""
        if self.most == self.least:
            return f"{self.least:,} characters"
        return f"{self.least:,} to {self.most:,} characters" if self.most else f"at least {self.least:,} characters"


def length_of(document: Any, *, counts_white_space: bool) -> Length:  # noqa: ANN401 - a value of a template
    """Return the length of a policy document whose values are resolved."""
    if isinstance(document, str):
        text = document
    else:
        # CloudFormation hands it on as JSON without white space between values.
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str)
    if not counts_white_space:
        text = _WHITE_SPACE.sub("", text)
    least = most = len(text)
    for found in _WHOLE_VALUE.findall(text):
        # It may turn out to be nothing, or an ARN.
        least -= len(found)
        most += _LONGEST_ARN - len(found)
    for found in _PLACEHOLDER.finditer(_WHOLE_VALUE.sub("", text)):
        shortest, longest = _lengths(found)
        written = len(found[0])
        least += shortest - written
        most += longest - written
    return Length(max(least, 0), None if _is_open(document) else most)


def _lengths(found: re.Match[str]) -> tuple[int, int]:
    key, name = found[1] or "", found[2]
    if key and not name.startswith("?"):
        return len(key) + _KEY_ID, len(key) + _KEY_ID
    shortest, longest = _LENGTHS.get(name, (0 if name.startswith("?") else 1, _LONGEST_NAME))
    return len(key) + shortest, len(key) + longest


def _is_open(document: object) -> bool:
    """Tell whether whole statements or conditions are known only at deployment, which have no greatest length."""
    if not isinstance(document, dict):
        return is_unknown(document)
    found = as_list(document.get("Statement"))
    return any(not isinstance(each, dict) or isinstance(each.get("Condition"), str) for each in found)
