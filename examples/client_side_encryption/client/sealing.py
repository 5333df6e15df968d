"""Turns items into stored ones and back: encrypted attributes go into one message, together with the signed ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from examples.client_side_encryption.client.declaration import SEALED, SIGNED, digest_name
from examples.client_side_encryption.client.digests import digest
from examples.client_side_encryption.client.errors import AlteredItemError, FieldError
from examples.client_side_encryption.client.messages import AlteredMessageError
from examples.client_side_encryption.client.values import canonical, from_canonical, plain, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from examples.client_side_encryption.client.declaration import Declaration
    from examples.client_side_encryption.client.messages import Messages

Stored = dict[str, dict[str, Any]]
# The AWS Encryption SDK takes a context of 65,535 bytes; the rest is for names and lengths.
_LARGEST_CONTEXT = 60_000


class Sealing:
    """Seals items as they are declared."""

    def __init__(self, declaration: Declaration, messages: Messages, digest_key: Callable[[str], bytes]) -> None:
        """Store the encrypter, and the function that returns the digest key of a partition key."""
        self.declaration = declaration
        self._messages = messages
        self._digest_key = digest_key

    def seal(self, item: Mapping[str, Any]) -> Stored:
        """Return an item as it is stored.

        Raises:
            FieldError: An attribute is missing, not declared, or no value of DynamoDB.
            KeyUnavailableError: The branch key cannot be had.
        """
        values = self._checked(item)
        hidden = {name: value for name, value in values.items() if self.declaration.encrypts(name)}
        stored = {name: value for name, value in values.items() if name not in hidden}
        for attribute in self.declaration.digests:
            if attribute in hidden:
                stored[digest_name(attribute)] = {"S": self.digest(self._branch(stored), attribute, hidden[attribute])}
        digests = {digest_name(attribute) for attribute in self.declaration.digests}
        signed = sorted(name for name in stored if self.declaration.signs(name) or name in digests)
        context = self._context(stored, signed)
        _require_small(context)
        plaintext = json.dumps({name: canonical(value) for name, value in hidden.items()})
        message = self._messages.encrypt(plaintext.encode(), context)
        return {**stored, SIGNED: {"L": [{"S": name} for name in signed]}, SEALED: {"B": message}}

    def unseal(self, stored: Stored) -> dict[str, Any]:
        """Return the item, if it is as it was sealed.

        Raises:
            AlteredItemError: It is not, or was sealed with another key.
            KeyUnavailableError: The branch key cannot be had.
        """
        signed = _signed_names(stored)
        for name in (*self.declaration.key, *signed):
            if name not in stored or name not in signed:
                raise AlteredItemError(name, "is missing, and was signed")
        message = stored.get(SEALED, {}).get("B")
        if not isinstance(message, bytes):
            raise AlteredItemError(SEALED, "is missing or no message")
        try:
            plaintext = self._messages.decrypt(message, self._context(stored, signed))
        except AlteredMessageError as error:
            reason = "an attribute was altered, removed, added or moved from another item, or the key is another one"
            raise AlteredItemError(SEALED, reason) from error
        hidden = {name: from_canonical(value) for name, value in json.loads(plaintext).items()}
        clear = {name: value for name, value in stored.items() if name not in (SEALED, SIGNED)}
        for name in clear:
            if name in hidden or (name not in signed and not self.declaration.may_be_unsigned(name)):
                raise AlteredItemError(name, "is not signed")
        digests = {digest_name(attribute) for attribute in hidden}
        return {name: plain(value) for name, value in (clear | hidden).items() if name not in digests}

    def digest(self, branch: str, attribute: str, value: dict[str, Any]) -> str:
        """Return the digest of a typed value under the key of a partition key."""
        return digest(self._digest_key(branch), self.declaration, attribute, value)

    def key(self, item: Mapping[str, Any]) -> Stored:
        """Return the key of an item.

        Raises:
            FieldError: A part of it is missing or empty or no text.
        """
        for name in self.declaration.key:
            if not isinstance(item.get(name), str) or not item[name]:
                raise FieldError(name, "missing, empty or no text", "a text")
        return {name: typed(name, item[name]) for name in self.declaration.key}

    def _checked(self, item: Mapping[str, Any]) -> Stored:
        """Return all values, typed, before anything is encrypted or written."""
        values = self.key(item)
        for name, value in item.items():
            if name not in self.declaration.actions and name not in values:
                declared = [*self.declaration.key, *self.declaration.actions]
                raise FieldError(str(name), "not declared", ", ".join(declared))
            values[name] = typed(name, value)
        return values

    def _branch(self, stored: Stored) -> str:
        return str(stored[self.declaration.partition_key].get("S"))

    def _context(self, stored: Stored, signed: list[str]) -> dict[str, str]:
        """Return the context bound to the message but stored outside; it has the names of the signed attributes."""
        attributes = {f"attribute:{name}": canonical(stored[name]) for name in signed}
        return {"format": "1", "table": self.declaration.table, "key": self._branch(stored), **attributes}


def _signed_names(stored: Stored) -> list[str]:
    names = [name.get("S") for name in stored.get(SIGNED, {}).get("L", [])]
    if not names or not all(isinstance(name, str) for name in names):
        raise AlteredItemError(SIGNED, "is missing or no list of names")
    return names


def _require_small(context: Mapping[str, str]) -> None:
    sizes = {name: len(value.encode()) for name, value in context.items()}
    if sum(sizes.values()) > _LARGEST_CONTEXT:
        largest = max(sizes, key=sizes.__getitem__)
        raise FieldError(
            largest.removeprefix("attribute:"),
            f"of {sizes[largest]} bytes",
            f"{_LARGEST_CONTEXT} bytes for all attributes together that are signed only",
        )
