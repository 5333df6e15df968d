"""Values of a source, as far as they are known before the deployment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from secure_ddb.adoption.existing import AdoptionError, Unknown
from secure_ddb.cloudformation.values import as_bool, as_number, at, is_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

# A placeholder of the reader of templates. Policies may hold variables such as ${aws:username}, which are known.
_PLACEHOLDER = re.compile(r"\$\{(?!\w+:)")


class Known:
    """Reads values and collects those that are unknown.

    Attributes:
        place: Where the values stand, for messages.
        unknown: Requested values that are unknown.
    """

    def __init__(self, place: str, properties: Mapping[str, Any]) -> None:
        """Store the properties, without intrinsic functions."""
        self.place = place
        self.properties = dict(properties)
        self.unknown: dict[str, Unknown] = {}

    def any(self, path: str, code: str = "") -> Any:  # noqa: ANN401 - a value of a template
        """Return a value by its dotted path, or None if it is missing or unknown."""
        value = at(self.properties, *path.split("."))
        if self.is_known(value):
            return value
        self.unknown.setdefault(path, Unknown(name=path, code=code))
        return None

    def text(self, path: str, code: str = "") -> str | None:
        """Return a text."""
        value = self.any(path, code)
        return None if value is None else str(value)

    def truth(self, path: str, code: str = "") -> bool:
        """Return whether a setting is on. Unknown counts as off."""
        return as_bool(self.any(path, code))

    def number(self, path: str, code: str = "") -> int | None:
        """Return a whole number."""
        value = as_number(self.any(path, code))
        return None if value is None else int(value)

    def needed(self, value: Any, name: str, instead: str = "read the table itself with --table") -> str:  # noqa: ANN401
        """Return a text without which there is no table.

        Raises:
            AdoptionError: It is missing, or known only at deployment.
        """
        if not isinstance(value, str) or not value:
            raise AdoptionError(f"{self.place} has no {name}; a table needs one")
        if not self.is_known(value):
            raise AdoptionError(f"{self.place}: {name} is known only at deployment; {instead}")
        return value

    @staticmethod
    def is_known(value: Any) -> bool:  # noqa: ANN401 - a value of a template
        """Return whether a value is known, and everything inside it."""
        if isinstance(value, dict):
            return all(map(Known.is_known, value.values()))
        if isinstance(value, list):
            return all(map(Known.is_known, value))
        return not is_unknown(value) and not (isinstance(value, str) and _PLACEHOLDER.search(value))
