"""What the construct tells the audit function, through environment variables."""

from __future__ import annotations

import json

from .keys import key_digest, plain_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .keys import WriteKey


# Of the function, for stream records only: it names a version of code and settings, and is not for people to invoke.
ALIAS = "live"


class Settings:
    """How lines are written.

    Attributes:
        write_key: Writes the field of an item's key.
        streams: How the ARNs of the table's streams begin.
        clear: The attributes whose values are allowed to be logged.
    """

    __slots__ = ("clear", "streams", "write_key")

    def __init__(self, write_key: WriteKey, streams: str, clear: frozenset[str] = frozenset()) -> None:
        """Take them as they are."""
        self.write_key = write_key
        self.streams = streams
        self.clear = clear


def read_settings(environment: Mapping[str, str], ask_secret: Callable[[str], bytes]) -> Settings:
    """Return the settings in environment variables; ask for the secret by the key's id only if there is one to ask for.

    Raises:
        KeyError: There is no `STREAMS`, or keys are to be digested and there is no `HMAC_KEY_ID`.
        ValueError: A variable holds something else than it should.
    """
    keys = environment.get("KEYS", "digest")
    if keys not in ("digest", "plain"):
        raise ValueError("KEYS is neither digest nor plain")
    clear = json.loads(environment.get("CLEAR_ATTRIBUTES", "[]"))
    if not isinstance(clear, list) or not all(isinstance(name, str) for name in clear):
        raise ValueError("CLEAR_ATTRIBUTES is not a JSON list of names")
    write_key = plain_keys if keys == "plain" else key_digest(ask_secret(environment["HMAC_KEY_ID"]))
    return Settings(write_key, environment["STREAMS"], frozenset(clear))
