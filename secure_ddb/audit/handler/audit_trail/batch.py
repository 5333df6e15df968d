"""A batch of stream records becomes lines, up to the first record that cannot."""

from __future__ import annotations

from .chain import LONGEST_ENDING, link_lines
from .change import SCHEMA, sequence_number, write_change
from .text import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .change import Record
    from .settings import Settings

# A longer line reaches CloudWatch Logs in pieces: users have seen Lambda cut lines just below 256 KiB;
# the difference is for what Lambda adds.
LONGEST_LINE = 256_000


class LineTooLongError(Exception):
    """An item has more attribute names, or more in attributes that may be logged, than one log event can hold."""


class Batch:
    """What a batch comes to.

    Attributes:
        text: The lines, each with its end.
        link: The link of the last line that is written when these are; `None` as long as there is no line.
        failed: The sequence number of the record that could not be written, if there is one.
    """

    __slots__ = ("failed", "link", "text")

    def __init__(self, text: str, link: str | None, failed: list[str]) -> None:
        """Take them as they are."""
        self.text = text
        self.link = link
        self.failed = failed


def write_batch(records: Sequence[Record], settings: Settings, shard: object, previous: str | None) -> Batch:
    """Return the lines of records of one shard, after a line with the link `previous`.

    The records behind the first that cannot be written are left out, and a last line names that one.

    Raises:
        ValueError: The failed record has no sequence number.
    """
    shard_text = quoted(shard) if isinstance(shard, str) else "null"
    changes: list[str] = []
    name = ""
    failure_line = ""
    failed: list[str] = []
    for record in records:
        try:
            change = write_change(record, settings, shard_text)
            name = name or quoted(sequence_number(record))
            _require_room(len(change) + len(name) + LONGEST_ENDING)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the records before it count
            failed = [sequence_number(record)]
            failure_line = _write_failure(record, error)
            break
        changes.append(change)
    lines, link = link_lines(changes, name, previous)
    return Batch("".join(lines) + failure_line, link, failed)


def _write_failure(record: Record, error: Exception) -> str:
    """Return the line of a record that cannot be written: the kind of error only, as its text may hold values."""
    event_id = record.get("eventID")
    event_text = quoted(event_id) if isinstance(event_id, str) else "null"
    line = (
        f'{{"schema":{SCHEMA},"failure":{{"event_id":{event_text},'
        f'"sequence_number":{quoted(sequence_number(record))},"error":{quoted(type(error).__name__)}}}}}\n'
    )
    _require_room(len(line))
    return line


def _require_room(characters: int) -> None:
    if characters > LONGEST_LINE:
        raise LineTooLongError
