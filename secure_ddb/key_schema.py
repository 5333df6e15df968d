"""Names of the key attributes of a table and its indexes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class IndexKeys:
    """The key attributes of an index.

    Attributes:
        name: The index's name.
        partition: Attributes of its partition key; a global secondary index may have several.
        sort: Attributes of its sort key.
        is_global: Whether it is a global secondary index.
    """

    name: str
    partition: tuple[str, ...]
    sort: tuple[str, ...]
    is_global: bool


@dataclass(frozen=True, kw_only=True)
class KeySchema:
    """The key attributes of a table and its indexes.

    Attributes:
        partition: The table's partition key.
        sort: The table's sort key, if it has one.
        indexes: Its indexes.
    """

    partition: str
    sort: str | None
    indexes: tuple[IndexKeys, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The table's key attributes."""
        return (self.partition, self.sort) if self.sort else (self.partition,)
