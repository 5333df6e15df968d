"""Writes lines in every form in which they leave CloudWatch Logs."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

STREAM = "2026/11/21/[$LATEST]0a1b"
CONTROL = '{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"","logEvents":[]}'


def delivered(lines: Sequence[str], kind: str = "DATA_MESSAGE", first: str = "messageType") -> str:
    """Return what a subscription delivers at once."""
    document = {
        "messageType": kind,
        "owner": "111122223333",
        "logGroup": "Orders",
        "logStream": STREAM,
        "subscriptionFilters": ["all"],
        "logEvents": [{"id": str(number), "timestamp": 1, "message": line} for number, line in enumerate(lines)],
    }
    document = {first: document[first]} | document
    return json.dumps(document, separators=(",", ":"))


def listed(lines: Sequence[str], indent: int | None = 4) -> str:
    """Return what `aws logs filter-log-events` prints."""
    events = [
        {"logStreamName": STREAM, "timestamp": 1, "message": line + "\n", "ingestionTime": 2, "eventId": "3"}
        for line in lines
    ]
    return json.dumps({"events": events, "searchedLogStreams": []}, indent=indent)


def printed(lines: Sequence[str]) -> str:
    """Return what `aws logs filter-log-events --output text` prints."""
    return "".join(f"EVENTS\t3\t2\t{STREAM}\t{line}\t1\n" for line in lines) + "SEARCHEDLOGSTREAMS\tTrue\tstream\n"


def _in_twos(lines: Sequence[str]) -> list[bytes]:
    """Return documents of two lines each, as a subscription delivers them."""
    return [delivered(lines[start : start + 2]).encode() for start in range(0, len(lines), 2)]


FORMS: dict[str, Callable[[Sequence[str]], bytes]] = {
    "lines": lambda lines: "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass"),
    "export": lambda lines: "".join(f"2026-11-21T20:14:39.123Z {line}\n" for line in lines).encode(),
    "aws logs tail": lambda lines: "".join(
        f"2026-11-21T20:14:39.123000+00:00 {STREAM} {line}\n" for line in lines
    ).encode(),
    "aws logs tail --format short": lambda lines: "".join(f"2026-11-21T20:14:39 {line}\n" for line in lines).encode(),
    "filter-log-events": lambda lines: listed(lines).encode(),
    "filter-log-events in one line": lambda lines: listed(lines, None).encode(),
    "filter-log-events --output text": lambda lines: printed(lines).encode(),
    "subscription": lambda lines: b"".join(map(gzip.compress, _in_twos(lines))),
    "subscription, decompressed": lambda lines: b"".join(_in_twos(lines)),
    "subscription, decompressed, in lines": lambda lines: b"\n".join(_in_twos(lines)),
}
"""Each may be compressed, or compressed once more."""
