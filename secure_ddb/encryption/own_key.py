"""Which of the keys that are made for a table encrypts it (ENC-7)."""

from __future__ import annotations

from dataclasses import dataclass

from secure_ddb.errors import reject, require_type


@dataclass(frozen=True, kw_only=True)
class OwnKey:
    """A key that is made for the table. With another number it is another key, with an alias of its own.

    Attributes:
        generation: 1 for the key that a table has unless told otherwise, 2 for the one that replaces it, and so on.

    Raises:
        InvalidArgumentError: It is not a positive number.
    """

    generation: int = 1

    def __post_init__(self) -> None:
        """Check the number."""
        require_type("OwnKey.generation", self.generation, int)
        if self.generation < 1 or isinstance(self.generation, bool):
            reject("OwnKey.generation", self.generation, "1 or more")

    @property
    def suffix(self) -> str:
        """The end of its construct id and of its alias; empty for the first."""
        return "" if self.generation == 1 else str(self.generation)
