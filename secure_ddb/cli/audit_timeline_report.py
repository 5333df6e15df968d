"""A timeline, to read or as JSON. Events are printed one by one, as many as there are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
from rich.markup import escape
from rich.rule import Rule

from secure_ddb.audit_trail.verify.entry import shown
from secure_ddb.audit_trail.verify.report import moment
from secure_ddb.cli.terminal import report_console
from secure_ddb.counted import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.audit_trail.timeline import Event, Timeline

_LONGEST = 500


def print_timeline(timeline: Timeline) -> None:
    """Print the events and the notes about them."""
    console = report_console()
    console.print(Rule("timeline", align="left"))
    for event in timeline:
        for line in _lines(event):
            console.print(line, soft_wrap=True)
    console.print(Rule("notes", align="left"))
    console.print(f"- {counted(timeline.count, 'event')}. Times of the audit log are approximate, to the second.")
    for sentence in timeline.notes.sentences():
        console.print(f"- {sentence}", soft_wrap=True)
    for where, reason in timeline.notes.first_unreadable:
        console.print(f"  {escape(shown(where, _LONGEST))}: {escape(shown(reason))}", soft_wrap=True)


def print_json(timeline: Timeline) -> None:
    """Print one document, event by event."""
    click.echo('{"events":[')
    separator = ""
    for event in timeline:
        fields = {name: value for name, value in event._asdict().items() if name != "order"}
        click.echo(f"{separator}{json.dumps(fields | {'at': moment(event.at)})}", nl=False)
        separator = ",\n"
    click.echo(f'\n],"count":{timeline.count},"notes":{json.dumps(timeline.notes.to_dict())}}}')


def _lines(event: Event) -> Iterator[str]:
    possible = " [yellow](possible)[/]" if event.is_possible else ""
    yield f"{moment(event.at)}  [bold]{escape(shown(event.action))}[/]{possible}  {escape(shown(event.who, _LONGEST))}"
    yield f"  {escape(shown(event.what, _LONGEST))}"
    if event.details:
        yield f"  {escape(shown(', '.join(_detail(*each) for each in event.details.items()), _LONGEST))}"
    yield f"  [dim]{escape(event.where)}[/]"


def _detail(name: str, value: object) -> str:
    return f"{name} {value if isinstance(value, str) else json.dumps(value)}"
