"""Where AWS Lambda enters. A refused request is an answer, so that the metric of errors counts faults only."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]

from .detokenizing import Detokenizing
from .forgetting import Forgetting
from .items import EXPIRING, ONE_TIME, REUSABLE, Tables, seconds, token_key, written
from .requests import Fields, RequestError
from .tokenizing import Tokenizing, Wanted

if TYPE_CHECKING:
    from collections.abc import Callable

    Answer = dict[str, Any]

# Three attempts fit into the function's ten seconds.
_CONFIG = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3})


def tokenize(event: object, _context: object) -> Answer:
    """Return a token for a value."""
    return _answer(event, _tokenize)


def detokenize(event: object, _context: object) -> Answer:
    """Return the value of a token, for the caller and purpose of this function."""
    return _answer(event, _detokenize)


def check(event: object, _context: object) -> Answer:
    """Return a token's purpose and whether it is valid, without its value."""
    return _answer(event, _check)


def forget(event: object, _context: object) -> Answer:
    """Delete a person's data."""
    return _answer(event, _forget)


def _answer(event: object, action: Callable[[Fields], Answer]) -> Answer:
    try:
        return action(Fields(event))
    except RequestError as error:
        return {"error": {"field": error.field, "message": str(error)}}


def _tokenize(fields: Fields) -> Answer:
    kind = fields.read_choice("kind", (ONE_TIME, EXPIRING, REUSABLE))
    wanted = Wanted(
        person=fields.read_id("person"),
        value=fields.read_value("value"),
        purpose=fields.read_choice("purpose", os.environ["PURPOSES"].split(",")),
        kind=kind,
        life=fields.read_life("valid_seconds", wanted=kind != REUSABLE),
    )
    fields.end()
    return {"token": Tokenizing(_tables()).token(wanted)}


def _detokenize(fields: Fields) -> Answer:
    token, user = fields.read_token("token"), fields.read_id("user")
    fields.end()
    mine = Detokenizing(_tables(), os.environ["CALLER"], os.environ["PURPOSE"], int(os.environ["PER_MINUTE"]))
    return {"value": mine.value(token, user)}


def _check(fields: Fields) -> Answer:
    token = fields.read_token("token")
    fields.end()
    names = ("purpose", "kind", "used_at", "delete_at")
    found = _tables().read(os.environ["REFERENCES"], token_key(token), *names)
    if found is None:
        return {"valid": False}
    is_used = found["kind"] == ONE_TIME and "used_at" in found
    expires_at = found.get("delete_at")
    is_valid = not is_used and (expires_at is None or expires_at > seconds())
    expires = {} if expires_at is None else {"expires_at": written(int(expires_at))}
    return {"valid": is_valid, "purpose": found["purpose"], "kind": found["kind"], **expires}


def _forget(fields: Fields) -> Answer:
    person = fields.read_id("person")
    fields.end()
    deleted, has_more = Forgetting(_tables()).forget(person)
    return {"deleted": deleted, "has_more": has_more}


@cache
def _client() -> Any:
    return boto3.client("dynamodb", config=_CONFIG)


def _tables() -> Tables:
    # The function that checks tokens does not even know the vault's name.
    return Tables(_client(), os.environ.get("VAULT", ""), os.environ["REFERENCES"])
