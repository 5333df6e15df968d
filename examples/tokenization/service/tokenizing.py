"""Exchanges values for tokens. A token is random, so it says nothing about its value."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any

from .items import REUSABLE, Tables, mac_key, person_key, seconds, token_key, update, value_key, written
from .requests import RequestError
from .transactions import write_together

_TRIES = 10
_IS_NEW = "attribute_not_exists(#record)"


@dataclass(frozen=True)
class Wanted:
    """A token that a caller asks for.

    Attributes:
        person: Whose data the value is.
        value: The value.
        purpose: What it may be given out for.
        kind: One-time, expiring or reusable.
        life: For how many seconds it is valid; None, if it is reusable.
    """

    person: str
    value: str
    purpose: str
    kind: str
    life: int | None = None


@dataclass(frozen=True)
class Tokenizing:
    """Makes tokens. It reads no values."""

    tables: Tables

    def token(self, wanted: Wanted) -> str:
        """Return a token. The same value of a person has one reusable token for each purpose.

        Raises:
            RequestError: The person's data was deleted.
            RuntimeError: Other requests for this person were faster each time; nothing was written.
        """
        for _ in range(_TRIES):
            known = self._lookup_key(wanted.person)
            lookup_key = known or secrets.token_bytes(32)
            mac = _mac(lookup_key, wanted) if wanted.kind == REUSABLE else None
            found = self._reusable(mac) if known and mac else None
            if found:
                return found
            token = f"tok_{secrets.token_urlsafe(32)}"
            person = self._person(wanted.person, lookup_key, is_new=known is None)
            if write_together(self.tables.client, person, *self._writes(wanted, token, mac)):
                return token
            # Another request was faster: it made the person or the token, or deleted the person's data.
        raise RuntimeError("too many requests for one person at a time")

    def _lookup_key(self, person: str) -> bytes | None:
        """Return the key for the MACs of a person's values, or None if the vault does not know the person yet."""
        found = self.tables.read(self.tables.vault, person_key(person), "record", "lookup_key")
        if found is None:
            return None
        if "lookup_key" not in found:
            raise RequestError("person", repr(person), "one whose data was not deleted")
        return bytes(found["lookup_key"])

    def _reusable(self, mac: str) -> str | None:
        found = self.tables.read(self.tables.references, mac_key(mac), "token")
        return found["token"] if found else None

    def _person(self, person: str, lookup_key: bytes, *, is_new: bool) -> dict[str, Any]:
        """Return the write that makes the person, or that fails if the person's data was deleted meanwhile."""
        condition = _IS_NEW if is_new else "#lookup_key = :lookup_key"
        return {"Update": update(self.tables.vault, person_key(person), {"lookup_key": lookup_key}, condition)}

    def _writes(self, wanted: Wanted, token: str, mac: str | None) -> list[dict[str, Any]]:
        """Return the writes of a value, its token and, if it is reusable, its lookup entry."""
        moment, value_id = seconds(), secrets.token_hex(16)
        # Both items expire at the same time, so neither outlives the other for long.
        expires_at = moment + wanted.life if wanted.life else None
        value = {"value": wanted.value, "token": token, "mac": mac, "delete_at": expires_at}
        reference = {
            "person": wanted.person,
            "value_id": value_id,
            "purpose": wanted.purpose,
            "kind": wanted.kind,
            "made_at": written(moment),
            "delete_at": expires_at,
        }
        vault, references = self.tables.vault, self.tables.references
        writes = [
            update(vault, value_key(wanted.person, value_id), value, _IS_NEW),
            update(references, token_key(token), reference, _IS_NEW),
        ]
        if mac:
            writes.append(update(references, mac_key(mac), {"token": token}, _IS_NEW))
        return [{"Update": write} for write in writes]


def _mac(lookup_key: bytes, wanted: Wanted) -> str:
    # As JSON, because a mere join would take ("a", "bc") and ("ab", "c") for the same.
    text = json.dumps([wanted.purpose, wanted.value])
    return hmac.new(lookup_key, text.encode(), hashlib.sha256).hexdigest()
