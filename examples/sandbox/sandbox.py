"""What the steps know of the deployed stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from examples.sandbox.connection import Aws


class Sandbox(NamedTuple):
    """The deployed stack.

    Attributes:
        aws: The account and Region.
        stack: The stack's name.
        outputs: Its outputs.
    """

    aws: Aws
    stack: str
    outputs: dict[str, str]

    @property
    def table(self) -> str:
        """The table's name."""
        return self.outputs["TableName"]
