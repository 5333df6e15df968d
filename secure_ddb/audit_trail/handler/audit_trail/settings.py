"""What the construct tells the audit function, through environment variables."""

from __future__ import annotations

import json
from functools import lru_cache

from .keys import digest_per_table, key_digest, plain_keys
from .messages import KEY_DIGESTS, link_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from .keys import WriteKey


# The function takes stream records through this alias only. The name is the library's, so that a policy can deny
# `function:*:secure-ddb` whatever the function is called.
ALIAS = "secure-ddb"
# The value of `DIGESTS` for a function that tables share.
PER_TABLE = "per table"
# The variable with the key of digests, where an application that logs its reads shares it: another than that of MACs.
DIGEST_KEY = "DIGEST_KEY_ID"
# The variable with settings of single tables that share the function: name to {"clear": [...], "keys": ...}.
TABLES = "TABLES"


class Settings:
    """How lines are written.

    Attributes:
        write_key_of: Returns what writes the field of an item's key, for the ARN of a stream.
        streams: How the ARNs of the streams begin.
        clear_of: Returns the attributes whose values are allowed to be logged, for the ARN of a stream.
        mac_of: Computes the MAC of a link; `None` where keys are logged in clear, as there is no HMAC key then.
        table_of: Tells the tables of records apart; the same for all where tables do not share the function.
    """

    __slots__ = ("clear_of", "mac_of", "streams", "table_of", "write_key_of")

    def __init__(  # noqa: PLR0917 - keyword-only arguments take longer
        self,
        write_key: WriteKey,
        streams: str,
        clear: frozenset[str] = frozenset(),
        mac_of: Callable[[str], bytes] | None = None,
        write_key_of: Callable[[str], WriteKey] | None = None,
        clear_of: Callable[[str], frozenset[str]] | None = None,
    ) -> None:
        """Take them as they are; `write_key` and `clear` are for all tables, unless a function tells them apart."""
        self.write_key_of = write_key_of or (lambda _: write_key)
        self.streams = streams
        self.clear_of = clear_of or (lambda _: clear)
        self.mac_of = mac_of
        self.table_of = _table_of if write_key_of else _any_table


def _table_of(record: dict[str, Any]) -> str:
    try:
        table, _, _ = record["eventSourceARN"].partition("/stream/")
    except (KeyError, TypeError, AttributeError):
        # It cannot be written, whichever table it is of.
        return ""
    return str(table)


def _any_table(_record: dict[str, Any]) -> str:
    return ""


def read_settings(environment: Mapping[str, str], ask_mac: Callable[[str, bytes], bytes]) -> Settings:
    """Return the settings in environment variables.

    `ask_mac` computes a MAC by the key's id. It is asked for the secret of key digests if keys are to be digested.

    Raises:
        KeyError: There is no `STREAMS`, or keys are to be digested and there is no `HMAC_KEY_ID`.
        ValueError: A variable holds something else than it should.
    """
    keys = environment.get("KEYS", "digest")
    if keys not in ("digest", "plain"):
        raise ValueError("KEYS is neither digest nor plain")
    clear = _names(json.loads(environment.get("CLEAR_ATTRIBUTES", "[]")))
    tables = json.loads(environment.get(TABLES, "{}"))
    if not isinstance(tables, dict):
        raise ValueError("TABLES is not a JSON object")  # noqa: TRY004 - as for all variables
    clear_of = _clear_of(tables, clear) if tables else None
    streams = environment["STREAMS"]
    if keys == "plain":
        return Settings(plain_keys, streams, clear, clear_of=clear_of)
    digests = environment.get("DIGESTS")
    if digests not in (None, PER_TABLE):
        raise ValueError(f"DIGESTS is not {PER_TABLE!r}")
    key_id = environment["HMAC_KEY_ID"]
    secret = ask_mac(environment.get(DIGEST_KEY, key_id), KEY_DIGESTS)
    return Settings(
        key_digest(secret),
        streams,
        clear,
        lambda link: ask_mac(key_id, link_message(link)),
        _plain_or(digest_per_table(secret), tables) if digests else None,
        clear_of,
    )


def _names(names: object) -> frozenset[str]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("Attributes to log in clear are not a JSON list of names")
    return frozenset(names)


# What is wrong in the settings of one table is found with the first change of it, and concerns no other table.
def _clear_of(tables: dict[str, Any], otherwise: frozenset[str]) -> Callable[[str], frozenset[str]]:
    @lru_cache(maxsize=256)
    def clear_of(stream_arn: str) -> frozenset[str]:
        own = tables.get(_table_name(stream_arn))
        return otherwise if own is None else _names(own["clear"])

    return clear_of


def _plain_or(digest_of: Callable[[str], WriteKey], tables: dict[str, Any]) -> Callable[[str], WriteKey]:
    def write_key_of(stream_arn: str) -> WriteKey:
        own = tables.get(_table_name(stream_arn))
        return plain_keys if own is not None and own.get("keys") == "plain" else digest_of(stream_arn)

    return write_key_of if tables else digest_of


def _table_name(stream_arn: str) -> str:
    """Return the name in arn:aws:dynamodb:REGION:ACCOUNT:table/TABLE/stream/LABEL."""
    return stream_arn.split("/", 2)[1]
