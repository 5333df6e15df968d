"""How lines are tied to each other, so that an auditor finds what is missing or was altered."""

from __future__ import annotations

from hashlib import sha256

from .text import quoted, url_safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

# What `link_lines` and `add_mac` add to a change, apart from the batch's name: two links and a MAC of 43 characters,
# two numbers, the fields.
LONGEST_ENDING = 260


def link_lines(
    changes: Sequence[str], batch: str, previous: str | None, *, previous_lost: bool = False
) -> tuple[list[str], str | None]:
    """Return the lines of a batch's changes, and the link of the last line that is written then.

    Args:
        changes: The lines up to where `batch` begins.
        batch: The first sequence number of the batch, in JSON.
        previous: The link of the line that was written before.
        previous_lost: The log stream that had that line is gone.
    """
    lines = []
    link = previous or ""
    beginning = f',"batch":[{batch},'
    end_of_others = f",{len(changes)}]"
    end = f'{end_of_others},"previous":{quoted(previous) if previous else "null"}'
    if previous_lost:
        end += ',"previous_lost":true'
    for place, change in enumerate(changes):
        text = f"{change}{beginning}{place}{end}"
        link = url_safe(sha256(f"{link}\n{text}".encode()).digest())
        lines.append(f'{text},"link":"{link}"}}')
        end = end_of_others
    return lines, link or None


def add_mac(line: str, mac: bytes) -> str:
    """Return the last line of a batch with the MAC of its link."""
    return f'{line[:-1]},"link_mac":"{url_safe(mac)}"}}'
