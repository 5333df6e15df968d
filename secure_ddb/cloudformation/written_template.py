"""A template as it was written, and the error for a file that is none."""

from __future__ import annotations

from typing import Any, NamedTuple


class TemplateError(ValueError):
    """A file is no template that can be read."""

    def __init__(self, file: str, message: str, line: int = 0) -> None:
        """Name the file, the line if known, and the error."""
        super().__init__(f"{file}:{line}: {message}" if line else f"{file}: {message}")


class Written(NamedTuple):
    """A template as it was written.

    Attributes:
        body: What it says, with `Fn::` and `Ref` in place of YAML's short forms.
        lines: Logical id of each resource to the line on which it begins, counted from 1.
    """

    body: dict[str, Any]
    lines: dict[str, int]
