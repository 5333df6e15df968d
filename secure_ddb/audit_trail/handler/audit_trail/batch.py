"""A batch of stream records becomes lines, up to the first record that cannot."""

from __future__ import annotations

from .chain import LONGEST_ENDING, add_mac, link_lines
from .change import SCHEMA, sequence_number, write_change
from .text import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .change import Record
    from .settings import Settings

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
# A log event had at most 256 KiB for years, and whatever reads the log may still rely on it.
LONGEST_LINE = 256_000
LARGEST_REQUEST = 1_048_576
MOST_LINES = 10_000
LINE_OVERHEAD = 26


class LineTooLongError(Exception):
    """An item has more attribute names, or more in attributes that may be logged, than one log event can hold."""


class Batch:
    """What as many records as fit in one request to CloudWatch Logs come to.

    Attributes:
        lines: Without their ends.
        link: The link of the last line that is written when these are; `None` as long as there is no line.
        taken: How many records these are, a failed one included.
        failed: The sequence number of the record that could not be written, if there is one.
    """

    __slots__ = ("failed", "lines", "link", "taken")

    def __init__(self, lines: list[str], link: str | None, taken: int, failed: list[str]) -> None:
        """Take them as they are."""
        self.lines = lines
        self.link = link
        self.taken = taken
        self.failed = failed

    def add_mac(self, mac_of: Callable[[str], bytes]) -> None:
        """Add the MAC of the last link to its line. A batch without a change has no link of its own, and gets none.

        A line about a failure is not linked, and stays behind it as it is.
        """
        linked = len(self.lines) - len(self.failed)
        if linked and self.link is not None:
            self.lines[linked - 1] = add_mac(self.lines[linked - 1], mac_of(self.link))


def write_batch(
    records: Sequence[Record], settings: Settings, shard: object, previous: str | None, *, previous_lost: bool = False
) -> Batch:
    """Return the lines of records of one shard, after a line with the link `previous`, whose log stream may be gone.

    The records behind the first that cannot be written are left out, and a last line names that one. So are those that
    one request has no room for.

    Raises:
        ValueError: The failed record has no sequence number.
    """
    shard_text = quoted(shard) if isinstance(shard, str) else "null"
    changes: list[str] = []
    name = ""
    # Room for a line about a failure is always left.
    room = LARGEST_REQUEST - LONGEST_LINE - LINE_OVERHEAD
    failure: list[str] = []
    failed: list[str] = []
    for record in records[: MOST_LINES - 1]:
        try:
            change = write_change(record, settings, shard_text)
            name = name or quoted(sequence_number(record))
            length = len(change) + len(name) + LONGEST_ENDING
            _require_room(length)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the records before it count
            failed = [sequence_number(record)]
            failure = [_write_failure(record, error)]
            break
        room -= length + LINE_OVERHEAD
        if room < 0:
            break
        changes.append(change)
    lines, link = link_lines(changes, name, previous, previous_lost=previous_lost)
    return Batch(lines + failure, link, len(lines) + len(failure), failed)


def _write_failure(record: Record, error: Exception) -> str:
    """Return the line of a record that cannot be written: the kind of error only, as its text may hold values."""
    event_id = record.get("eventID")
    event_text = quoted(event_id) if isinstance(event_id, str) else "null"
    line = (
        f'{{"schema":{SCHEMA},"failure":{{"event_id":{event_text},'
        f'"sequence_number":{quoted(sequence_number(record))},"error":{quoted(type(error).__name__)}}}}}'
    )
    _require_room(len(line))
    return line


def _require_room(characters: int) -> None:
    if characters > LONGEST_LINE:
        raise LineTooLongError
