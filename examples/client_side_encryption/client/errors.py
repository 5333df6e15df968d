"""Why an item is not written or not returned. No message shows a value."""

from __future__ import annotations


class FieldError(ValueError):
    """A field that cannot be accepted; nothing was written.

    Attributes:
        field: Its name.
    """

    def __init__(self, field: str, found: str, allowed: str) -> None:
        """Store the value found and the allowed ones."""
        self.field = field
        super().__init__(f"{field} is {found}; allowed: {allowed}")


class AlteredItemError(Exception):
    """A stored item is not as its writer left it, or was written with another key.

    Attributes:
        field: The attribute at fault, as far as known.
    """

    def __init__(self, field: str, reason: str) -> None:
        """Name the attribute and the reason."""
        self.field = field
        super().__init__(f"{field}: {reason}")


class ConflictError(Exception):
    """Another request wrote the item first; nothing was written."""


class KeyUnavailableError(Exception):
    """The branch key cannot be had: it does not exist, or AWS KMS or DynamoDB refused or failed."""
