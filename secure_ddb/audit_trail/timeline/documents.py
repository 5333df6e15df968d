"""The contents of an investigation's files: log events, and CloudTrail records."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.audit_trail.verify.event_list import more_pages
from secure_ddb.audit_trail.verify.json_text import expect, next_character, read_value
from secure_ddb.audit_trail.verify.sources import read_text
from secure_ddb.audit_trail.verify.text import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.audit_trail.verify.entry import Entry
    from secure_ddb.audit_trail.verify.text import Text

# A log file of a trail, and what `aws cloudtrail lookup-events` prints.
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html
_LIST = re.compile(r'\s*\{\s*"(?:Records|Events)"\s*:\s*\[')
_AHEAD = 200
# What a trail sends to a log group: a record is one log event.
_RECORD = '{"eventVersion"'
# They prove that log files are whole, and hold none of their records.
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
_DIGEST_FOLDER = "/CloudTrail-Digest/"


class Record(NamedTuple):
    """A record of CloudTrail, not yet checked, and where it was found."""

    content: object
    where: str


def read_documents(text: Text) -> Iterator[Entry | Record]:
    """Return the log events and records in a text.

    Raises:
        InputError: It cannot be read to its end.
    """
    if _DIGEST_FOLDER in text.path:
        return
    text.has(_AHEAD)
    if _LIST.match(text.buffer, text.start):
        yield from _records(text)
        return
    for entry in read_text(text):
        if not entry.text.startswith(_RECORD):
            yield entry
            continue
        try:
            yield Record(json.loads(entry.text), entry.where)
        except ValueError:
            yield entry


def _records(text: Text) -> Iterator[Record]:
    expect(text, "{")
    while True:
        name = read_value(text)
        expect(text, ":")
        if name in ("Records", "Events"):
            yield from _list(text)
        elif (value := read_value(text)) and name == "NextToken":
            raise InputError(f"{text.where}: {more_pages(str(value)[:20])}")
        if expect(text, "}", ",") == "}":
            return


def _list(text: Text) -> Iterator[Record]:
    expect(text, "[")
    if next_character(text) == "]":
        expect(text, "]")
        return
    number = 0
    while True:
        number += 1
        next_character(text)
        where = f"{text.where}, record {number}"
        yield Record(_unwrapped(read_value(text)), where)
        if expect(text, "]", ",") == "]":
            return


def _unwrapped(value: object) -> object:
    """Return the record that `aws cloudtrail lookup-events` prints as a text inside of another document."""
    if isinstance(value, dict) and isinstance(value.get("CloudTrailEvent"), str):
        try:
            return json.loads(value["CloudTrailEvent"])
        except ValueError:
            return None
    return value
