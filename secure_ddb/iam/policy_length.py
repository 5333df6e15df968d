"""How long a policy document is when it reaches AWS, as far as that is known before the deployment."""

from __future__ import annotations

import json
import math
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
        least: At least so many at deployment.
        most: An estimated maximum, infinite if there is none.
    """

    least: int
    most: float

    def fits(self, limit: int) -> Truth:
        """Return whether it is within a limit."""
        return False if self.least > limit else self.most <= limit or None

    def __str__(self) -> str:
        """Write it into a sentence."""
        if self.most == self.least:
            return f"{self.least:,} characters"
        is_open = self.most == math.inf
        return f"at least {self.least:,} characters" if is_open else f"{self.least:,} to {self.most:,} characters"


def length_of(document: Any, *, counts_white_space: bool) -> Length:  # noqa: ANN401 - a value of a template
    """Return the length of a policy document whose values are resolved."""
    text = document
    if not isinstance(document, str):
        # CloudFormation hands it on as JSON without white space between values.
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str)
    if not counts_white_space:
        text = _WHITE_SPACE.sub("", text)
    least = most = len(text)
    for found in _WHOLE_VALUE.findall(text):
        # It may turn out to be nothing, or an ARN.
        least -= len(found)
        most += _LONGEST_ARN - len(found)
    for key, name in _PLACEHOLDER.findall(_WHOLE_VALUE.sub("", text)):
        is_open = name.startswith("?")
        made = (_KEY_ID, _KEY_ID) if key else (1, _LONGEST_NAME)
        shortest, longest = (0, _LONGEST_NAME) if is_open else _LENGTHS.get(name, made)
        written = len(f"${{{name}}}")
        least += shortest - written
        most += longest - written
    return Length(max(least, 0), math.inf if _is_open(document) else most)


def _is_open(document: object) -> bool:
    """Return whether whole statements or conditions are known only at deployment, which have no greatest length."""
    if not isinstance(document, dict):
        return is_unknown(document)
    found = as_list(document.get("Statement"))
    return any(not isinstance(each, dict) or isinstance(each.get("Condition"), str) for each in found)
