"""Where lines come from: plain files, exports of CloudWatch Logs, objects of a subscription, output of the AWS CLI."""

from __future__ import annotations

import codecs
import gzip
import io
import json
import re
import sys
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

from secure_ddb.audit_trail.verify import event_list
from secure_ddb.audit_trail.verify.entry import Entry, shown
from secure_ddb.audit_trail.verify.text import InputError, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Found = TypeVar("Found")

STDIN = Path("-")
"""The path that stands for standard input."""

_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 18

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html
_EXPORTED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ")
# `aws logs tail` with `--format detailed`, the default, or `short`. `json` rewrites lines, so they cannot be verified:
# https://github.com/aws/aws-cli/blob/v2/awscli/customizations/logs/tail.py
_TAILED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6}\+00:00 (\S+))? ")
# `aws logs filter-log-events --output text`: id, time of ingestion, log stream, message and time of each event. The
# time is on the next line where the message ends with a newline, as Lambda's own do.
# https://github.com/aws/aws-cli/blob/v2/awscli/text.py
_PRINTED = re.compile(r"EVENTS\t\d+\t\d+\t([^\t]+)\t(.*?)(?:\t\d+)?")
_PRINTED_BETWEEN = re.compile(r"\t\d+|SEARCHEDLOGSTREAMS\t.*")
_PRINTED_MORE = "NEXTTOKEN\t"
# CloudWatch Logs puts this next to an export, to test whether it may write there.
_WRITE_TEST = ("aws-logs-write-test", b"Permission Check Successful")

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
_DELIVERED = ('{"messageType"', '{"owner"')

# Between two documents without a newline. No JSON document has such a place inside: a string that ends there would have
# to go on with a comma or the like.
_DOCUMENT = re.compile(r'\{"(?:schema|messageType|owner|time|timestamp)":')
_BETWEEN = re.compile(rf"\}}[ \t]*+(?=(?:{_DOCUMENT.pattern}|{event_list.BEGINNING.pattern}))")
_LIST = re.compile(rf"[ \t\r]*{event_list.BEGINNING.pattern}")
# More than the beginning of any document takes.
_AHEAD = 200


def find_files(paths: Iterable[Path]) -> list[Path]:
    """Return files as they are, and those below folders in the order of their names."""
    return [
        file
        for path in paths
        for file in (sorted(below for below in path.rglob("*") if below.is_file()) if path.is_dir() else [path])
    ]


def read_files(files: Iterable[Path], advance: Callable[[int], None] = lambda _: None) -> Iterator[Entry]:
    """Return the log events in files, one file after the other; arguments and errors as of `read_with`."""
    return read_with(read_text, files, advance)


def read_with(
    read: Callable[[Text], Iterator[Found]], files: Iterable[Path], advance: Callable[[int], None]
) -> Iterator[Found]:
    """Return the results of a function for the text of files, one file after the other, compressed or not.

    Args:
        read: Reads the text of a file to its end.
        files: The files, or `STDIN`.
        advance: Called with the number of bytes read since the last call.

    Raises:
        InputError: A file cannot be read to its end.
        OSError: A file cannot be opened.
    """
    for path in files:
        if path == STDIN:
            yield from _read(read, sys.stdin.buffer, "standard input", advance)
            continue
        with path.open("rb") as file:
            yield from _read(read, file, str(path), advance)


def read_entries(file: IO[bytes], path: str, advance: Callable[[int], None] = lambda _: None) -> Iterator[Entry]:
    """Return the log events in a file, whichever of the formats it has.

    Args:
        file: The file, open.
        path: Its name.
        advance: Called with the number of bytes read since the last call.

    Raises:
        InputError: The file cannot be read to its end.
    """
    return _read(read_text, file, path, advance)


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


def _read(
    read: Callable[[Text], Iterator[Found]], file: IO[bytes], path: str, advance: Callable[[int], None]
) -> Iterator[Found]:
    try:
        content: io.BufferedReader = io.BufferedReader(_Counted(file, advance), _CHUNK)
        # CloudWatch Logs compresses what a subscription delivers, and Firehose may compress that once more.
        while content.peek(len(_GZIP))[: len(_GZIP)] == _GZIP:
            content = io.BufferedReader(gzip.GzipFile(fileobj=content, mode="rb"), _CHUNK)
        name, only = _WRITE_TEST
        if Path(path).name == name and content.peek(_CHUNK).strip() == only:
            return
        yield from read(Text(_texts(content), path))
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: {error}") from error


def _texts(file: IO[bytes]) -> Iterator[str]:
    # A byte that is no UTF-8 stays in its line, where the link does not match.
    decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="surrogateescape")
    while data := file.read(_CHUNK):
        if text := decoder.decode(data):
            yield text
    if text := decoder.decode(b"", final=True):
        yield text


def read_text(text: Text) -> Iterator[Entry]:
    """Return the log events in a text.

    Raises:
        InputError: It cannot be read to its end.
    """
    # An export has a folder for each log stream.
    folder = Path(text.path).parent.name
    after_list = False
    while text.has(1):
        text.has(_AHEAD)
        if _LIST.match(text.buffer, text.start):
            yield from event_list.read_event_list(text)
            after_list = True
            continue
        line = text.line
        piece = _take_piece(text).rstrip("\r")
        if not piece.strip():
            continue
        if after_list and not _DOCUMENT.match(piece) and not _EXPORTED.match(piece):
            raise InputError(f"{text.path}:{line}: text after a list of events that cannot be read: {shown(piece)}")
        after_list = False
        yield from _entries(piece, text.path, line, folder)


def _take_piece(text: Text) -> str:
    """Return the next line, or the next of the documents on it."""
    while True:
        end = text.newline()
        # A document may begin at the end of this line, and only the next one shows its kind.
        if len(text.buffer) - _AHEAD < end < len(text.buffer) and text.grow():
            continue
        between = _find_between(text, end)
        if between is not None:
            piece = text.buffer[text.start : between.start() + 1]
            text.start = between.end()
        elif end < len(text.buffer):
            piece = text.buffer[text.start : end]
            text.start = end + 1
        elif text.grow():
            continue
        else:
            piece = text.buffer[text.start :]
            text.start = end
        text.line += 1
        return piece


def _find_between(text: Text, end: int) -> re.Match[str] | None:
    stop = end + _AHEAD if text.buffer.endswith(("{", "{\r"), text.start, end) else end
    between = _BETWEEN.search(text.buffer, text.start, stop)
    return between if between and between.end() < end else None


def _entries(piece: str, path: str, line: int, folder: str) -> Iterator[Entry]:
    if piece.startswith(_DELIVERED):
        yield from _delivered(piece, path, line)
    elif piece.startswith("{"):
        yield Entry(piece, path, line)
    elif _EXPORTED.match(piece):
        yield Entry(piece[len("2026-11-21T20:14:39.123Z ") :], path, line, stream=folder)
    elif tailed := _TAILED.match(piece):
        stream = tailed[1].replace("/", "-") if tailed[1] else None
        yield Entry(piece[tailed.end() :], path, line, stream=stream)
    elif printed := _PRINTED.fullmatch(piece):
        yield Entry(printed[2], path, line, stream=printed[1].replace("/", "-"))
    elif piece.startswith(_PRINTED_MORE):
        raise InputError(f"{path}:{line}: {event_list.more_pages('NEXTTOKEN')}")
    elif not _PRINTED_BETWEEN.fullmatch(piece):
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
