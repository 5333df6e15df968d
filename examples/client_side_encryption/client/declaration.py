"""What happens to each attribute of an item: the one declaration that client and infrastructure read."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from examples.client_side_encryption.client.errors import FieldError

if TYPE_CHECKING:
    from collections.abc import Mapping

# Attributes that the client adds: the message of the AWS Encryption SDK, and the names of the signed attributes.
SEALED, SIGNED = "sealed", "signed"
_DIGEST = "_digest"
_MOST_BITS = 63


class Action(Enum):
    """What happens to an attribute before it is written."""

    ENCRYPT_AND_SIGN = "encrypt and sign"
    SIGN_ONLY = "sign only"
    DO_NOTHING = "do nothing"


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """The attributes of a table. Those of its key are always signed and never encrypted.

    Attributes:
        table: A name that stays when the table is restored under another one; bound to each item.
        partition_key: Name of the partition key, a text. Its value is the id of the branch key, too.
        sort_key: Name of the sort key, a text.
        actions: Every other attribute to what happens to it.
        digests: Encrypted attribute that can be searched for to the number of bits of its digest, 1 to 63.
        once_unsigned: Attributes to which nothing happened earlier. Old items may have them without a signature.

    Raises:
        FieldError: It contradicts itself; the error names the attribute.
    """

    table: str
    partition_key: str
    sort_key: str
    actions: Mapping[str, Action]
    digests: Mapping[str, int] = field(default_factory=dict)
    once_unsigned: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Reject contradictions."""
        for name in self.actions:
            if name in (SEALED, SIGNED, *self.key, "") or name.endswith(_DIGEST):
                taken = ", ".join([SEALED, SIGNED, *self.key])
                raise FieldError(f"actions[{name!r}]", "taken", f"names other than {taken}, not ending with {_DIGEST}")
        for name, bits in self.digests.items():
            if self.actions.get(name) is not Action.ENCRYPT_AND_SIGN:
                raise FieldError(f"digests[{name!r}]", "not encrypted", "attributes that are encrypted and signed")
            if bits not in range(1, _MOST_BITS + 1):
                raise FieldError(f"digests[{name!r}]", repr(bits), f"1 to {_MOST_BITS} bits")
        for name in self.once_unsigned:
            if self.actions.get(name, Action.DO_NOTHING) is Action.DO_NOTHING:
                raise FieldError(f"once_unsigned[{name!r}]", "not signed", "attributes that are signed now")

    @property
    def key(self) -> tuple[str, str]:
        """Names of the key attributes."""
        return self.partition_key, self.sort_key

    def encrypts(self, name: str) -> bool:
        """Return whether an attribute is encrypted."""
        return self.actions.get(name) is Action.ENCRYPT_AND_SIGN

    def signs(self, name: str) -> bool:
        """Return whether an attribute is signed in clear."""
        return name in self.key or self.actions.get(name) is Action.SIGN_ONLY

    def may_be_unsigned(self, name: str) -> bool:
        """Return whether a stored item may have an attribute without a signature."""
        return self.actions.get(name) is Action.DO_NOTHING or name in self.once_unsigned


def digest_name(attribute: str) -> str:
    """Return the attribute that holds the digest of an attribute."""
    return f"{attribute}{_DIGEST}"


def index_name(attribute: str) -> str:
    """Return the index by which an attribute is searched for."""
    return f"by-{attribute}"
