"""Reads items out of files: DynamoDB's JSON, plain JSON and CSV.

The formats are those of DynamoDB's own import, but for plain JSON, which that does not take, and Amazon Ion.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Format.html
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from decimal import DecimalException
from itertools import chain
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeSerializer  # type: ignore[import-untyped]

from examples.exact_json import EXACT
from examples.loading.values import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from examples.loading.table_keys import TableKeys

    # A line, from 1, and the item that begins there, or the error.
    Found = tuple[int, dict[str, Any] | RefusedError]

_INCREMENTAL = {"Keys", "NewImage", "OldImage"}
_ALLOWED = ".json, .jsonl or .csv, and each of them with .gz"
_serialize = TypeSerializer().serialize


class SourceError(Exception):
    """A source that cannot be loaded at all."""


def read_items(name: str, data: IO[bytes], table: TableKeys) -> Iterator[Found]:
    """Yield the items of a file.

    Args:
        name: Of the file; its ending says what the format is.
        data: Its bytes.
        table: CSV has no types, so key attributes get those of the table.

    Raises:
        SourceError: The format is none of those, or the file is no text in UTF-8.
    """
    path = PurePosixPath(name)
    is_packed = path.suffix == ".gz"
    ending = PurePosixPath(path.stem).suffix if is_packed else path.suffix
    if ending not in {".csv", ".json", ".jsonl"}:
        hint = "; export or write it as DYNAMODB_JSON" if ending == ".ion" else ""
        raise SourceError(f"{name} ends in {ending or 'nothing'}; allowed: {_ALLOWED}{hint}")
    unpacked = gzip.GzipFile(fileobj=data) if is_packed else data
    try:
        with io.TextIOWrapper(unpacked, encoding="utf-8-sig", newline="") as text:
            yield from _csv(text, table) if ending == ".csv" else _json(text)
    except (UnicodeDecodeError, EOFError, gzip.BadGzipFile, zlib.error, csv.Error) as error:
        raise SourceError(f"{name} cannot be read to its end: {error}") from error


def _json(text: IO[str]) -> Iterator[Found]:
    first, line = text.read(1), 1
    while first.isspace():
        line += first == "\n"
        first = text.read(1)
    if first == "[":
        yield from _list(f"[{text.read()}", line)
    else:
        yield from _lines(first, text, line)


def _lines(first: str, text: IO[str], begins: int) -> Iterator[Found]:
    """Yield the items of a file that has one on each line, as exports have."""
    for number, line in enumerate(chain([f"{first}{text.readline()}"], text), start=begins):
        if not line.strip():
            continue
        try:
            found = _DECODER.decode(line)
        except (ValueError, RecursionError) as error:
            yield number, RefusedError("$", f"not JSON: {_without_values(error)}")
            continue
        if not isinstance(found, dict) or not isinstance(found.get("Item"), dict):
            is_incremental = isinstance(found, dict) and _INCREMENTAL & {*found}
            hint = "of an incremental export, which is not loaded" if is_incremental else 'not {"Item": {...}}'
            yield number, RefusedError("$", hint)
            continue
        yield number, found["Item"]


def _list(text: str, line: int) -> Iterator[Found]:
    """Yield the items of a list of plain JSON. The rest cannot be parsed after an error, so it is the last."""
    position = 1
    while True:
        start = _next(text, position)
        line += text.count("\n", position, start)
        if text[start : start + 1] == "]":
            if text[start + 1 :].strip():
                yield line, RefusedError("$", "text behind the end of the list")
            return
        try:
            item, position = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError) as error:
            yield line, RefusedError("$", f"not JSON, so the rest was not read: {_without_values(error)}")
            return
        yield line, _typed(item)
        line += text.count("\n", start, position)
        end = _next(text, position)
        line += text.count("\n", position, end)
        position = end + 1 if text[end : end + 1] == "," else end
        if text[end : end + 1] not in {",", "]"}:
            yield line, RefusedError("$", "neither , nor ] behind an item, so the rest was not read")
            return


def _next(text: str, position: int) -> int:
    while text[position : position + 1].isspace():
        position += 1
    return position


def _typed(item: object) -> dict[str, Any] | RefusedError:
    if not isinstance(item, dict):
        return RefusedError("$", "not an item")
    typed = {}
    for name, value in item.items():
        try:
            typed[name] = _serialize(value)
        except DecimalException:
            return RefusedError(f"$.{name}", "a number of more than 38 digits, or too large or small for DynamoDB")
    return typed


def _csv(text: IO[str], table: TableKeys) -> Iterator[Found]:
    rows = csv.reader(text, strict=True)
    header = next(rows, [])
    if len({*header}) != len(header) or "" in header:
        yield 1, RefusedError("$", "a header with a name that is empty or stands twice, so nothing was read")
        return
    begins = rows.line_num + 1
    for row in rows:
        line, begins = begins, rows.line_num + 1
        if not row:
            continue
        if len(row) != len(header):
            yield line, RefusedError("$", f"{len(row)} cells; the header has {len(header)}")
            continue
        # An empty cell is an item without the attribute.
        yield line, {name: {table.types.get(name, "S"): cell} for name, cell in zip(header, row, strict=True) if cell}


def _without_values(error: Exception) -> str:
    # What the decoder says names the place only, but for our own errors below.
    return error.msg if isinstance(error, json.JSONDecodeError) else str(error)


_DECODER = json.JSONDecoder(**EXACT)
