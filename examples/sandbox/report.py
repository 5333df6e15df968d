"""What a run saw, and how it is printed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from rich.console import Console


class Observation(NamedTuple):
    """One claim and what AWS did.

    Attributes:
        claim: What should be so.
        seen: Whether it was.
        detail: What was seen instead, or what else is worth knowing.
    """

    claim: str
    seen: bool
    detail: str = ""


@dataclass
class Report:
    """What a run saw.

    Attributes:
        observations: In the order of the steps.
        stopped: Why the run ended early, if it did.
        remains: What could not be deleted.
        kept: What was not to be deleted.
    """

    observations: list[Observation] = field(default_factory=list)
    stopped: str = ""
    remains: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether every claim was seen, and nothing went wrong."""
        return all(each.seen for each in self.observations) and not self.stopped and not self.remains

    def print(self, console: Console) -> None:
        """Print the observations as a table, then what went wrong."""
        table = Table("claim", "seen", "detail", title="What the account showed")
        for each in self.observations:
            table.add_row(escape(each.claim), "yes" if each.seen else "[red]no[/]", escape(each.detail))
        console.print(table)
        if self.stopped:
            console.print(f"[red]stopped:[/] {escape(self.stopped)}")
        for what in self.remains:
            console.print(f"[red]remains:[/] {escape(what)}")
        for what in self.kept:
            console.print(f"kept: {escape(what)}")
