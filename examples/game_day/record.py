"""The record of a game day: what was triggered, and what was reported. For auditors, and for the next one."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Outcome(StrEnum):
    """What came of a trigger."""

    REPORTED = "reported"
    MATCHES = "pattern matches"
    NOT_REPORTED = "not reported"
    NOT_TRIED = "not tried"


@dataclass
class Result:
    """A detection and what came of its trigger.

    Attributes:
        detection: Its name.
        kind: How near to an incident the trigger is.
        trigger: What was done.
        at: When, in UTC.
        outcome: The result.
        seconds: How long it took until the message came.
        note: What else is to be known, or why it was not tried.
    """

    detection: str
    kind: str
    trigger: str
    at: str
    outcome: Outcome = Outcome.NOT_REPORTED
    seconds: int | None = None
    note: str = ""


@dataclass
class Record:
    """A game day.

    Attributes:
        day: The day, such as 2026-11-21.
        account: The account.
        region: The Region.
        topic: ARN of the alarm topic that was listened at.
        results: One for each detection.
        remains: What could not be deleted.
    """

    day: str
    account: str
    region: str
    topic: str
    results: list[Result] = field(default_factory=list)
    remains: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether everything that was tried was reported, and nothing is left."""
        return not self.remains and all(each.outcome is not Outcome.NOT_REPORTED for each in self.results)

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write the record as JSON and as Markdown, and return the files."""
        files = (folder / f"game-day-{self.day}.json", folder / f"game-day-{self.day}.md")
        files[0].write_text(f"{json.dumps(asdict(self), indent=2)}\n", encoding="utf-8")
        files[1].write_text(self._markdown(), encoding="utf-8")
        return files

    def _markdown(self) -> str:
        counts = {outcome: sum(each.outcome is outcome for each in self.results) for outcome in Outcome}
        rows = [
            f"| {each.detection} | {each.kind} | {_cell(each.trigger)} | {each.at} | {each.outcome.value}"
            f"{'' if each.seconds is None else f' after {each.seconds} s'} | {_cell(each.note)} |"
            for each in self.results
        ]
        lines = [
            f"# Game day of {self.day}",
            "",
            f"Account {self.account}, {self.region}, topic `{self.topic}`. "
            + ", ".join(f"{count} {outcome.value}" for outcome, count in counts.items())
            + ".",
            "",
            "| Detection | Trigger | What was done | When | Outcome | Note |",
            "|---|---|---|---|---|---|",
            *rows,
            *(["", "Not deleted:", "", *(f"- {each}" for each in self.remains)] if self.remains else []),
            "",
            "Ran by: ______ Looked at by: ______",
        ]
        return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
