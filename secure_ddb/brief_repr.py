"""Settings that read in signatures and errors as a user would write them."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from typing import Any, ClassVar

from secure_ddb.errors import shown


class BriefRepr:
    """A dataclass that shows only values other than its defaults: `BackupSettings()`."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def __repr__(self) -> str:
        """Name the fields that were chosen."""
        values = [(field.name, getattr(self, field.name), _default(field)) for field in fields(self)]
        chosen = [f"{name}={shown(value)}" for name, value, default in values if value != default]
        return f"{type(self).__name__}({', '.join(chosen)})"


def _default(field: Field[Any]) -> object:
    return field.default if field.default_factory is MISSING else field.default_factory()
