"""Detections: one EventBridge rule with one message for each subject."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The events of one EventBridge rule.

    Attributes:
        name: The construct id of the rule, which is contract.
        happened: The event, in a sentence that begins the message.
        pattern: The pattern of its events.
        fields: Name of a line of the message to the template of its text, such as `<event> of <table>`; none if events
            are counted.
        paths: Name of a variable to its JSON path in the event.
        steps: The steps to take, in full sentences.
        reads: Whether the rule has to get read-only calls of APIs, too.
        is_counted: Whether its events may be thousands: the watch function counts them, and reports once an hour.
        concerns_key: Whether the watch function also looks at the tables of the key that it is about.
    """

    name: str
    happened: str
    pattern: Mapping[str, Any]
    fields: Mapping[str, str]
    paths: Mapping[str, str] = field(default_factory=dict)
    steps: Sequence[str] = ()
    reads: bool = False
    is_counted: bool = False
    concerns_key: bool = False

    @property
    def anchor(self) -> str:
        """The section of the runbook: `key-changed` for `KeyChanged`."""
        return "".join(f"-{each.lower()}" if each.isupper() else each for each in self.name).lstrip("-")
