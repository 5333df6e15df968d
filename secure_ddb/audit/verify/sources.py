"""Where lines come from: plain files, exports of CloudWatch Logs, objects of a subscription, answers of the AWS CLI."""

from __future__ import annotations

import codecs
import gzip
import io
import json
import re
import zlib
from itertools import chain, count
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from secure_ddb.audit.verify.entry import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 18
# An event has at most 1 MiB, and what a subscription delivers at once a few.
_LONGEST = 1 << 26

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html
_EXPORTED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ")
# What CloudWatch Logs puts beside an export, to see whether it may write there.
_WRITE_TEST = ("aws-logs-write-test", b"Permission Check Successful")

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
_DOCUMENT = ('{"messageType"', '{"owner"')
_BETWEEN_DOCUMENTS = re.compile(r'(?<=\})(?=\{"(?:messageType|owner)")')

# https://docs.aws.amazon.com/cli/latest/reference/logs/filter-log-events.html
_EVENTS = re.compile(r'\s*\{\s*"events"\s*:\s*\[')
_BETWEEN_EVENTS = re.compile(r"[\s,]*")


class InputError(Exception):
    """Something that cannot be read to its end, so that nothing can be said of the trail."""


def find_files(paths: Iterable[Path]) -> list[Path]:
    """Return files as they are, and those below folders in the order of their names."""
    return [
        file
        for path in paths
        for file in (sorted(below for below in path.rglob("*") if below.is_file()) if path.is_dir() else [path])
    ]


def read_entries(file: IO[bytes], path: str, advance: Callable[[int], None] = lambda _: None) -> Iterator[Entry]:
    """Return the log events in a file, whichever of the formats it has.

    Args:
        file: The file, open.
        path: What it is called.
        advance: Called with the number of bytes read since the last call.

    Raises:
        InputError: The file cannot be read to its end.
    """
    try:
        yield from _read(io.BufferedReader(_Counted(file, advance), _CHUNK), path)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: {error}") from error


class _Counted(io.RawIOBase):
    """Says how far reading has come."""

    def __init__(self, file: IO[bytes], advance: Callable[[int], None]) -> None:
        self._file = file
        self._advance = advance

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - a buffer has no public type before Python 3.12
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._advance(len(data))
        return len(data)


def _read(file: io.BufferedReader, path: str) -> Iterator[Entry]:
    # CloudWatch Logs compresses what a subscription delivers, and Firehose may compress that once more.
    while file.peek(len(_GZIP))[: len(_GZIP)] == _GZIP:
        file = io.BufferedReader(gzip.GzipFile(fileobj=file, mode="rb"), _CHUNK)
    name, content = _WRITE_TEST
    if Path(path).name == name and file.peek(_CHUNK).strip() == content:
        return
    texts = _texts(file)
    beginning = next(texts, "")
    head = _EVENTS.match(beginning)
    if head:
        yield from _event_list(chain([beginning[head.end() :]], texts), path)
        return
    for line, piece in enumerate(_pieces(chain([beginning], texts), path), start=1):
        yield from _entries(piece, path, line)


def _texts(file: IO[bytes]) -> Iterator[str]:
    # A byte that is no UTF-8 stays in its line, where the link does not match.
    decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="surrogateescape")
    while data := file.read(_CHUNK):
        yield decoder.decode(data)
    yield decoder.decode(b"", final=True)


def _pieces(texts: Iterable[str], path: str) -> Iterator[str]:
    """Return lines, and documents that follow each other without a newline."""
    rest = ""
    for text in texts:
        *lines, rest = (rest + text).split("\n")
        for line in lines:
            yield from _split(line)
        *documents, rest = _split(rest)
        yield from documents
        _require_short(rest, path)
    yield rest


def _require_short(text: str, path: str) -> None:
    if len(text) > _LONGEST:
        raise InputError(f"{path}: a line of more than {_LONGEST} characters")


def _split(line: str) -> list[str]:
    # No JSON document has such a place inside: a string that ends there would have to go on with a comma or the like.
    return _BETWEEN_DOCUMENTS.split(line) if "}{" in line else [line]


def _entries(piece: str, path: str, line: int) -> Iterator[Entry]:
    piece = piece.rstrip("\r")
    if not piece.strip():
        return
    if piece.startswith(_DOCUMENT):
        yield from _delivered(piece, path, line)
    elif _EXPORTED.match(piece):
        # An export has a folder for each log stream.
        yield Entry(piece[len("2026-11-21T20:14:39.123Z ") :], path, line, stream=Path(path).parent.name)
    else:
        yield Entry(piece, path, line)


def _delivered(piece: str, path: str, line: int) -> Iterator[Entry]:
    """Return the events of what a subscription delivers at once; what cannot be read is left to be a finding."""
    try:
        document = json.loads(piece)
        kind = document["messageType"]
        stream = document["logStream"].replace("/", "-")
        messages = [event["message"] for event in document["logEvents"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        yield Entry(piece, path, line)
        return
    if kind == "CONTROL_MESSAGE":
        return
    if kind != "DATA_MESSAGE" or not all(isinstance(message, str) for message in messages):
        yield Entry(piece, path, line)
        return
    for event, message in enumerate(messages, start=1):
        yield Entry(message.rstrip("\r\n"), path, line, event, stream)


def _event_list(texts: Iterable[str], path: str) -> Iterator[Entry]:
    """Return the events of an answer, which may be one line or many."""
    decode = json.JSONDecoder().raw_decode
    numbers = count(1)
    rest = ""
    for text in texts:
        rest += text
        place = 0
        while True:
            place = _BETWEEN_EVENTS.match(rest, place).end()  # type: ignore[union-attr]  # it matches nothing, too
            if rest.startswith("]", place):
                return
            try:
                event, place = decode(rest, place)
            except (ValueError, RecursionError):
                break
            yield _listed(event, path, next(numbers))
        rest = rest[place:]
        _require_short(rest, path)
    yield Entry(rest, path, 1, next(numbers))


def _listed(event: object, path: str, number: int) -> Entry:
    if isinstance(event, dict) and isinstance(event.get("message"), str):
        stream = event.get("logStreamName")
        stream = stream.replace("/", "-") if isinstance(stream, str) else None
        return Entry(event["message"].rstrip("\r\n"), path, 1, number, stream)
    return Entry(json.dumps(event), path, 1, number)
