"""Which partition keys a grant is limited to (IAM-3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from secure_ddb.access.literals import require_literals
from secure_ddb.errors import reject, require_type

if TYPE_CHECKING:
    from collections.abc import Sequence

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-partition-sort-keys
_LONGEST_PARTITION_KEY = 2048
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules_creating; a policy has no other letters.
_TAG_KEY = re.compile(r"[\w .:/=+@-]{1,128}")
_LAST_LETTER = "\xff"
# A provider's host and path, without which the claim could name a key of AWS itself, such as aws:userid.
_CLAIM = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/[\w.~-]+)*:[a-z_][a-z0-9_]*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class LeadingKeys:
    """The partition keys that a grant is limited to; made with one of its class methods.

    Attributes:
        allowed: Values that IAM compares the keys of a request with, or a variable that it fills in.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    """

    allowed: tuple[str, ...]

    def __post_init__(self) -> None:
        """Reject values that no class method makes, such as a variable of another kind."""
        require_type("allowed", self.allowed, tuple, "what LeadingKeys' class methods make")
        variable = self.allowed[0] if len(self.allowed) == 1 else None
        if isinstance(variable, str) and variable.startswith("${") and variable.endswith("}"):
            name = variable[2:-1]
            if name.startswith(_PRINCIPAL_TAG):
                _check_tag_key(name.removeprefix(_PRINCIPAL_TAG))
            else:
                _check_claim(name)
        else:
            require_literals("allowed", self.allowed, "partition key", _LONGEST_PARTITION_KEY)

    @classmethod
    def principal_tag(cls, key: str) -> LeadingKeys:
        """Limit to the value of a tag of the role or its session. Without that tag nothing is allowed.

        A principal that may set the tag chooses the keys, so guard `iam:TagRole` and `sts:TagSession`.

        Args:
            key: Key of the tag, such as `tenant`.

        Raises:
            InvalidArgumentError: IAM does not allow such a key.

        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
        """
        _check_tag_key(key)
        return cls((f"${{{_PRINCIPAL_TAG}{key}}}",))

    @classmethod
    def web_identity(cls, claim: str) -> LeadingKeys:
        """Limit to the user's id at a web identity provider. Sessions from elsewhere are allowed nothing.

        Args:
            claim: Provider and claim, such as `www.amazon.com:user_id` or `accounts.google.com:sub`.

        Raises:
            InvalidArgumentError: It is not of the form provider:claim.

        Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WIF.html
        """
        _check_claim(claim)
        return cls((f"${{{claim}}}",))

    @classmethod
    def values(cls, values: Sequence[str]) -> LeadingKeys:
        """Limit to partition keys that are known at synth.

        Args:
            values: The partition keys.

        Raises:
            InvalidArgumentError: The list is empty, or a value is empty, is duplicated, or has `${`, `*` or `?` in it.
        """
        return cls(require_literals("values", values, "partition key", _LONGEST_PARTITION_KEY))


_PRINCIPAL_TAG = "aws:PrincipalTag/"


def _check_tag_key(key: str) -> None:
    require_type("key", key, str)
    allowed = _TAG_KEY.fullmatch(key) and key.strip() == key and max(key) <= _LAST_LETTER
    if not allowed or key.lower().startswith("aws:"):
        reject("key", key, "a tag's key: 1 to 128 letters, digits, spaces and _ . : / = + - @, not starting with aws:")


def _check_claim(claim: str) -> None:
    require_type("claim", claim, str)
    if not _CLAIM.fullmatch(claim):
        reject("claim", claim, "provider:claim, such as accounts.google.com:sub")
