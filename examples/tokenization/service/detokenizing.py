"""Tokens become values again, for one caller and one purpose, so many times a minute, and never without a record."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, NoReturn

from .items import (
    COUNTS,
    ONE_TIME,
    RECORDS,
    Item,
    Tables,
    from_stored,
    person_key,
    seconds,
    selection,
    to_stored,
    token_key,
    update,
    value_key,
    written,
)
from .requests import RequestError
from .transactions import read_together, write_together

_MINUTE = 60
# A count is of no use after its minute.
_KEEP_COUNT = 60 * _MINUTE


@dataclass(frozen=True)
class Detokenizing:
    """Gives values back.

    Attributes:
        tables: The tables.
        caller: Who calls; each caller has a function of its own, which no other role may invoke.
        purpose: What for.
        per_minute: How many requests of this caller are answered in a minute.
    """

    tables: Tables
    caller: str
    purpose: str
    per_minute: int

    def value(self, token: str, user: str) -> str:
        """Return the value of a token. It is recorded first: a value that is given out has a record.

        Args:
            token: The token.
            user: Who wants it at the caller, as the caller states.

        Raises:
            RequestError: The caller has had its share, or the token is not valid for this purpose.
        """
        moment = seconds()
        self._count(moment)
        names = ("person", "value_id", "purpose", "kind", "used_at", "delete_at")
        found = self.tables.read(self.tables.references, token_key(token), *names)
        value = self._usable_value(found, moment)
        if found is None or value is None:
            self._refuse(token, user, found, moment)
        condition = "attribute_exists(#record)"
        if found["kind"] == ONE_TIME:
            condition += " AND attribute_not_exists(#used_at)"
        used = update(self.tables.references, token_key(token), {"used_at": written(moment)}, condition)
        record = self._record(token, user, found, moment, "given out")
        if not write_together(self.tables.client, {"Update": used}, {"Put": record}):
            # Another request was faster: it used the token, or deleted it.
            self._refuse(token, user, found, moment)
        return value

    def _usable_value(self, found: Item | None, moment: int) -> str | None:
        """Return the value of a token that is valid, or None."""
        if found is None or found.get("purpose") != self.purpose:
            return None
        # Time to live deletes an item some days after its time.
        if found.get("delete_at", moment + 1) <= moment:
            return None
        if found["kind"] == ONE_TIME and "used_at" in found:
            return None
        vault = self.tables.vault
        reads = [
            {"Key": to_stored(person_key(found["person"])), **selection(vault, "record", "forgotten_at")},
            {"Key": to_stored(value_key(found["person"], found["value_id"])), **selection(vault, "value")},
        ]
        # As of one moment, so that no value is read of a person whose data is being deleted.
        person, kept = map(from_stored, read_together(self.tables.client, *reads))
        return kept.get("value") if person and "forgotten_at" not in person else None

    def _count(self, moment: int) -> None:
        """Count a request, including refused ones, so that tokens cannot be guessed."""
        key = {"reference": f"{COUNTS}{self.caller}", "record": written(moment - moment % _MINUTE)}
        try:
            self.tables.client.update_item(
                TableName=self.tables.references,
                Key=to_stored(key),
                UpdateExpression="SET delete_at = :delete_at ADD requests :one",
                ConditionExpression="attribute_not_exists(requests) OR requests < :most",
                ExpressionAttributeValues=to_stored(
                    {":delete_at": moment + _KEEP_COUNT, ":one": 1, ":most": self.per_minute}
                ),
            )
        except self.tables.client.exceptions.ConditionalCheckFailedException:
            had = f"{self.caller!r}, which had {self.per_minute} requests in this minute"
            raise RequestError("caller", had, f"{self.per_minute} in a minute") from None

    def _refuse(self, token: str, user: str, found: Item | None, moment: int) -> NoReturn:
        """Record a request that is refused. The error does not say why, so that it tells nothing about the token."""
        self.tables.client.put_item(**self._record(token, user, found, moment, "refused"))
        raise RequestError("token", repr(token), f"a valid one for {self.purpose}")

    def _record(self, token: str, user: str, found: Item | None, moment: int, outcome: str) -> dict[str, Any]:
        item = {
            "reference": f"{RECORDS}{self.caller}",
            "record": f"{written(moment)}#{secrets.token_hex(8)}",
            "token": token,
            "user": user,
            "purpose": self.purpose,
            "outcome": outcome,
        }
        if found is not None:
            item["person"] = found["person"]
        return {
            "TableName": self.tables.references,
            "Item": to_stored(item),
            "ConditionExpression": "attribute_not_exists(#record)",
            "ExpressionAttributeNames": {"#record": "record"},
        }
