"""Reads the lines of files in a process of its own, while this one follows their links: each is half of the work."""

from __future__ import annotations

import json
import os
import pickle
import sys
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from typing import TYPE_CHECKING, Any

from secure_ddb.audit_trail.verify.entry import LONGEST_SHOWN, Entry
from secure_ddb.audit_trail.verify.line import Damaged, Failure, Line, Other
from secure_ddb.audit_trail.verify.sources import STDIN, find_files, read_files
from secure_ddb.audit_trail.verify.text import InputError
from secure_ddb.audit_trail.verify.usual_line import read_quickly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from secure_ddb.audit_trail.verify.line import AnyLine

# In bytes. Starting the process takes as long as reading about so much.
_LARGE = 1_000_000

# How much is handed over at once, in lines and in bytes of their text.
_MOST_ROWS = 500
_MOST_TEXT = 250_000

_KINDS: tuple[type[AnyLine], ...] = (Line, Failure, Other, Damaged)

# Isolated, so that nothing is imported from the current folder. What this process can import the other can, too.
# A user who presses Ctrl-C interrupts this process, which then ends the other.
_PROGRAM = (
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); "
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    f"from {__name__} import main; main(sys.argv[2:])"
)
_STARTED = "started"


@contextmanager
def open_lines(
    paths: Sequence[Path], advance: Callable[[int], None], size: int | None
) -> Iterator[Iterator[tuple[AnyLine, Entry]]]:
    """Return the lines of files and folders, with the entries that they were read from.

    The text of the entries may be cut to what is shown of it.

    Args:
        paths: The files and folders, or `STDIN`.
        advance: Called with the number of bytes read since the last call.
        size: Bytes of all files, if known.

    Raises:
        InputError: A file cannot be read to its end.
        OSError: A file cannot be opened.
    """
    process = _start(paths) if size is None or size >= _LARGE else None
    if process is None:
        yield ((read_quickly(entry.text), entry) for entry in read_files(find_files(paths), advance))
        return
    with process:
        try:
            yield _receive(process, advance)
        finally:
            process.kill()


def _start(paths: Sequence[Path]) -> Popen[bytes] | None:
    """Start the other process, unless that cannot be done here."""
    # If standard input was replaced, read the replacement.
    if not sys.executable or (STDIN in paths and sys.stdin is not sys.__stdin__):
        return None
    command = [sys.executable, "-I", "-c", _PROGRAM, json.dumps(sys.path), *map(str, paths)]
    try:
        process = Popen(command, stdout=PIPE)  # noqa: S603 - this module itself
    except OSError:
        return None
    try:
        if _next(process) == _STARTED:
            return process
    except InputError:
        pass
    with process:
        process.kill()
    return None


def _receive(process: Popen[bytes], advance: Callable[[int], None]) -> Iterator[tuple[AnyLine, Entry]]:
    while (message := _next(process)) is not None:
        if isinstance(message, Exception):
            raise message
        rows, count = message
        advance(count)
        for kind, line, entry in rows:
            yield _KINDS[kind](*line), Entry(*entry)


def _next(process: Popen[bytes]) -> Any:  # noqa: ANN401 - what `main` sends
    try:
        return pickle.load(process.stdout)  # type: ignore[arg-type]  # noqa: S301 - from our own process
    except (EOFError, pickle.UnpicklingError) as error:
        raise InputError(f"the process that reads it ended early, with exit status {process.wait()}") from error


def main(paths: Iterable[str]) -> None:
    """Send the lines of files and folders to the process that has started this one."""
    try:
        for message in _messages(paths):
            pickle.dump(message, sys.stdout.buffer)
            sys.stdout.buffer.flush()
    except BrokenPipeError:
        # The other process is gone. Python would try again to write when it ends.
        os._exit(1)


def _messages(paths: Iterable[str]) -> Iterator[object]:
    yield _STARTED
    end: Exception | None = None
    rows: list[tuple[int, tuple[Any, ...], tuple[Any, ...]]] = []
    text_length = 0
    counts: list[int] = []
    try:
        for entry in read_files(find_files(map(Path, paths)), counts.append):
            line = read_quickly(entry.text)
            shown = "" if isinstance(line, Line) else entry.text[: LONGEST_SHOWN + 1]
            rows.append((_KINDS.index(type(line)), tuple(line), (shown, *entry[1:])))
            text_length += len(entry.text)
            if len(rows) == _MOST_ROWS or text_length >= _MOST_TEXT:
                yield rows, sum(counts)
                rows, text_length = [], 0
                counts.clear()
    except (InputError, OSError) as error:
        end = error
    yield rows, sum(counts)
    yield end
