"""What a read log has to know of its table. `SecureTable` makes it, and an environment variable brings it."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "SECURE_DDB_READ_LOG"
"""The environment variable with the settings, as JSON."""


@dataclass(frozen=True)
class ReadLogSettings:
    """Where the reads of a table are logged, and how.

    Attributes:
        table: Name of the table.
        key_attributes: Names of the attributes of its key.
        log_group: Name of the log group.
        region: Region of the log group and the key.
        hmac_key: ARN of the HMAC key under which item keys are digested; None to log them in clear.
    """

    table: str
    key_attributes: tuple[str, ...]
    log_group: str
    region: str
    hmac_key: str | None = None

    @classmethod
    def read(cls, environment: Mapping[str, str], variable: str = VARIABLE) -> ReadLogSettings:
        """Return the settings in an environment variable.

        Raises:
            KeyError: There is no such variable.
            ValueError: It holds something else.
        """
        values = json.loads(environment[variable])
        names = {field.name for field in fields(cls)}
        if (
            not isinstance(values, dict)
            or not {"table", "key_attributes", "log_group", "region"} <= values.keys() <= names
        ):
            raise ValueError(
                f"{variable}={environment[variable]!r}; allowed: what read_log_settings() of the table returns"
            )
        return cls(**{**values, "key_attributes": tuple(values["key_attributes"])})
