"""Writes the list of messages into docs/detection.md: `python -m tests.detection.page`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from secure_ddb.detection.api_calls import API_CALL
from tests.detection.notices import counted_notice, notices_written
from tests.detection.reference import SUBJECTS, message, samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.detection.subject import Subject

PAGE = Path(__file__).parents[2] / "docs" / "detection.md"
BEGIN, END = "<!-- begin: written by python -m tests.detection.page -->", "<!-- end -->"
# The rows of the requirements that the messages serve.
ROWS = {
    "KeyChanged": "DET-3",
    "KeyLost": "DET-3",
    "KeyFailed": "MON-4",
    "TableChanged": "DET-2",
    "TableCopied": "DET-2",
    "BackupJobFailed": "BAK-2",
    "BackupChanged": "BAK-2",
    "EndpointChanged": "NET-1",
    "AuditChanged": "DET-6",
    "TrailChanged": "DET-8",
    "AccessDenied": "DET-7",
    "HealthEvent": "DET-9",
    "GuardDutyFinding": "DET-1",
    "MacieFinding": "DET-1",
    "SecurityHubFinding": "DET-1",
}


def written() -> str:
    """Return what stands between the markers, in Markdown."""
    rows = [("Rule", "Reports", "Row", "Needs"), ("---",) * 4, *map(_row, SUBJECTS.values())]
    table = [f"| {' | '.join(row)} |" for row in rows]
    sections = (line for each in SUBJECTS.values() for line in _section(each))
    return "\n".join([*table, *sections, *notices_written()])


def with_messages(text: str) -> str:
    """Return the page with its list renewed."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin, "the page has lost its markers"
    assert end, "the page has lost its markers"
    return f"{before}{BEGIN}\n{written()}\n{END}{after}"


def _row(subject: Subject) -> tuple[str, ...]:
    return f"[`{subject.name}`](#{subject.anchor})", subject.happened, ROWS[subject.name], _needs(subject)


def _needs(subject: Subject) -> str:
    kinds = set(_kinds(subject.pattern))
    if kinds == {API_CALL}:
        also = ", of items data events" if subject.reads else ""
        return f"a trail{also}"
    service = {"aws.guardduty": "GuardDuty on", "aws.macie": "Macie on", "aws.securityhub": "Security Hub CSPM on"}
    return "for some a trail" if API_CALL in kinds else service.get(subject.pattern["source"][0], "nothing")


def _kinds(pattern: Any) -> Iterator[str]:
    for each in (pattern, *pattern.get("$or", ())):
        yield from each.get("detail-type", ())


def _section(subject: Subject) -> Iterator[str]:
    reported = [each for each in samples() if each.subject == subject.name and each.is_reported]
    yield f"\n### {subject.anchor.replace('-', ' ').capitalize()}\n"
    yield f"{' '.join(subject.steps)}\n"
    yield "```text"
    yield counted_notice(reported[0].event) if subject.is_counted else message(subject.name, reported[0].event)
    yield "```"
    pages = dict.fromkeys(f"[{each.page.rpartition('/')[2].removesuffix('.html')}]({each.page})" for each in reported)
    published = sum(each.is_published for each in reported)
    yield f"\nEvents: {len(reported)}, of which {published} as published. {', '.join(pages)}."


if __name__ == "__main__":
    PAGE.write_text(with_messages(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
