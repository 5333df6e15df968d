"""Writes docs/threat-model.md, who gets what attackers are after: `python -m tests.policies.threat_model`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.policies.requests.guardrails import (
    ALARM,
    ENDPOINT,
    EVENT_RULE,
    FUNCTION,
    LOG,
    MAPPING,
    NEW_EXEMPT,
    PLAN,
    ROLE,
    SERVICE_ROLE,
    TRAIL,
    VAULT,
)
from tests.policies.requests.positions import POSITIONS
from tests.policies.requests.threats import (
    ALIAS,
    ASSET,
    GOALS,
    MEANT,
    NEVER,
    NO,
    ROUTE_TABLE,
    STACK,
    USELESS,
)
from tests.policies.threat_notes import NOTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.policies.requests.positions import Position
    from tests.policies.requests.threats import Attempt, Goal

PAGE = Path(__file__).parents[2] / "docs" / "threat-model.md"
INTRODUCTION = """# Threat model

What an attacker can achieve from each position. A policy engine decides the
[requests](../tests/policies/requests/threats.py) behind each cell
([how, and what it cannot show](../tests/policies/README.md)) by the policies of a RESTRICTED table with a lane, a
perimeter, an archive and its own trail. Requests come from a company network, unless stated otherwise.
Data flow and STRIDE of the table, and of each application, are in [threats](threats/README.md).
`python -m tests.policies.threat_model` writes this page.

| A cell says | of its requests |
| --- | --- |
| never | Each is denied, whatever else is allowed. |
| no | None is allowed, or only useless ones. |
| yes | Some are allowed, as intended. |
| **open** | Some are allowed, though not intended. The [notes](#what-is-open) say what to do about them. |

Positions add up: an attacker in two positions can make the requests of both."""
# ARNs that the template does not make.
CALLED = {
    ALARM: "alarm",
    ALIAS: "alias of the audit function",
    ASSET: "file in CDK's bucket",
    ENDPOINT: "VPC endpoint",
    EVENT_RULE: "rule about backup jobs",
    FUNCTION: "audit function",
    LOG: "log group",
    MAPPING: "event source mapping",
    NEW_EXEMPT: "exempt role",
    PLAN: "backup plan",
    ROLE: "role without a boundary",
    ROUTE_TABLE: "route table",
    SERVICE_ROLE: "audit function's role",
    STACK: "stack with an exempt role",
    TRAIL: "trail",
    VAULT: "vault",
    "*": "audit function",
}
NUMBERS = {letter: number for number, letter in enumerate(NOTES, start=1)}


def verdict(letters: set[str]) -> str:
    """Return what a cell says, by the letters of its requests: the worst of them."""
    if letters & NOTES.keys():
        return "open"
    if MEANT in letters:
        return "yes"
    return "never" if letters == {NEVER} else "no"


def letters_of(goal: Goal, position: Position) -> set[str]:
    """Return the letters of a cell."""
    return {attempt.letters[position] for attempt in goal.attempts} | set(position.unasked.get(goal.title, ""))


def page() -> str:
    """Return the page in Markdown."""
    parts = (
        INTRODUCTION,
        _table(("Position", *(goal.title for goal in GOALS)), _matrix()),
        "## What is open",
        "\n".join(f"{NUMBERS[letter]}. {note}" for letter, note in NOTES.items()),
        "## What was tried",
        "Each column is a group of requests in [test_requests.py](../tests/policies/test_requests.py):",
        "\n".join(f"- {goal.title}: `test_requests_are_decided[{goal.group}]`" for goal in GOALS),
        *(part for position in POSITIONS for part in _section(position)),
    )
    return "\n\n".join(parts) + "\n"


def _matrix() -> Iterator[tuple[str, ...]]:
    for position in POSITIONS:
        yield position.title, *(_cell(letters_of(goal, position)) for goal in GOALS)


def _cell(letters: set[str]) -> str:
    said = verdict(letters)
    if said != "open":
        return said
    return f"**open** ({', '.join(str(number) for letter, number in NUMBERS.items() if letter in letters)})"


def _section(position: Position) -> Iterator[str]:
    yield f"### {position.title}"
    if position.remark:
        yield position.remark
    yield _table(
        ("Goal", "Allowed (note)", "Denied, whatever else is allowed", "Allowed by nothing"),
        ((goal.title, *_tried(goal, position)) for goal in GOALS),
    )


def _tried(goal: Goal, position: Position) -> tuple[str, str, str]:
    """Return the requests of a cell by what is decided."""
    requests = [(attempt.letters[position], _request(attempt)) for attempt in goal.attempts]
    remarks = {USELESS: " (useless)", **{letter: f" ({number})" for letter, number in NUMBERS.items()}}
    allowed = [f"{request}{remarks.get(letter, '')}" for letter, request in requests if letter not in {NO, NEVER}]
    denied, not_allowed = ([request for letter, request in requests if letter == each] for each in (NEVER, NO))
    return "; ".join(allowed), "; ".join(denied), "; ".join(not_allowed)


def _request(attempt: Attempt) -> str:
    first, *rest = attempt.names.split()
    names = ", ".join(f"`{name}`" for name in (f"{attempt.service}:{first}", *rest))
    how = f", {attempt.how}" if attempt.how else ""
    return f"{names} → {CALLED.get(attempt.on, attempt.on)}{how}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *rows))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
