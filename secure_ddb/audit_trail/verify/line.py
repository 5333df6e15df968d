"""One line: of the trail, or another one that Lambda writes to the same log."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import blake2b, sha256
from typing import Any, NamedTuple

from secure_ddb.audit_trail.verify.entry import shown
from secure_ddb.audit_trail.verify.schema import FAILURE_FIELDS, faults_of, is_batch, is_previous, is_read

_ENDING = re.compile(r',"link":"([A-Za-z0-9_-]{43})"\}')
_ENDING_LENGTH = len(',"link":""}') + 43
_ENDING_WITH_MAC = re.compile(r',"link":"([A-Za-z0-9_-]{43})","link_mac":"([A-Za-z0-9_-]{43})"\}')
_ENDING_WITH_MAC_LENGTH = _ENDING_LENGTH + len(',"link_mac":""') + 43

# Fields that differ if a change is delivered twice.
_OF_THE_DELIVERY = frozenset({"batch", "previous", "previous_lost", "link", "link_mac", "shard"})
_MARKS = frozenset({"schema", "event_id", "action", "sequence_number", "batch", "link", "failure"})

_BEGINNING = '{"schema":'

_to_json = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False).encode


class Line(NamedTuple):
    """A line of the trail that says where it belongs.

    Attributes:
        event_id: DynamoDB's id of the change.
        table: The table's name.
        region: The Region of the log.
        created: About when the change was made, in seconds since 1970; 0 in a line with a fault.
        first: The first sequence number of the batch.
        place: The line's place in the batch, from 0.
        size: The number of lines in the batch.
        previous: In the first line of a batch, the link before; otherwise `None`.
        previous_lost: Whether the line says that the log stream with the line before is gone.
        link: The link to the previous line.
        mac: In the last line of a batch, the MAC of its link, if it has one; otherwise `None`.
        body: The text that the link is computed of.
        event_digest: Digest of the event's id.
        text_digest: Digest of the line.
        content: Digest of the content that every line about the same change must share.
        fault: How the line breaks the format, or nothing.
        is_read: Whether the line is about a read, and not about a change.
    """

    event_id: str
    table: str
    region: str
    created: float
    first: str
    place: int
    size: int
    previous: str | None
    previous_lost: bool
    link: str
    mac: str | None
    body: bytes
    event_digest: bytes
    text_digest: bytes
    content: bytes
    fault: str
    is_read: bool = False

    def follows(self, link: str) -> bool:
        """Whether this line was written after a line with that link."""
        return _link_after(link, self.body) == self.link


class Failure(NamedTuple):
    """A line that names a change which the handler could not write."""

    event_id: str | None
    sequence_number: str
    error: str


class Other(NamedTuple):
    """A line that Lambda itself or its runtime wrote."""


class Damaged(NamedTuple):
    """A line that is neither, or that was one.

    Attributes:
        reason: Why it is none.
        has_marks: Whether it has something that only lines of a trail have.
    """

    reason: str
    has_marks: bool = False


AnyLine = Line | Failure | Other | Damaged


def read_line(text: str) -> AnyLine:
    """Return the parsed line."""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return Damaged("not JSON", text.startswith(_BEGINNING))
    if not isinstance(fields, dict):
        return Damaged("not a JSON object")
    if "failure" in fields:
        return _failure(fields)
    if _is_lambda_s(fields):
        return Other()
    return _line(text, fields)


def digest(data: bytes) -> bytes:
    """Return what stands for data where only equality counts."""
    return blake2b(data, digest_size=16).digest()


def encoded(text: str) -> bytes:
    """Return the bytes of any text; invalid UTF-8 cannot be from the handler, and matches no link."""
    return text.encode("utf-8", "surrogatepass")


# Of a line it is asked first whether it belongs to a batch, then whether it was altered.
@lru_cache(maxsize=2)
def _link_after(link: str, body: bytes) -> str:
    return urlsafe_b64encode(sha256(b"%b\n%b" % (link.encode(), body)).digest())[:43].decode()


def _line(text: str, fields: dict[str, Any]) -> Line | Damaged:
    ending = _ENDING.fullmatch(text[-_ENDING_LENGTH:]) or _ENDING_WITH_MAC.fullmatch(text[-_ENDING_WITH_MAC_LENGTH:])
    if ending is None:
        return Damaged("does not end with a link", not _MARKS.isdisjoint(fields))
    if not is_batch(fields.get("batch")):
        return Damaged("has no valid place in a batch", has_marks=True)
    first, place, size = fields["batch"]
    faults = faults_of(fields)
    event_id, previous = str(fields.get("event_id")), fields.get("previous")
    rest = {name: value for name, value in fields.items() if name not in _OF_THE_DELIVERY}
    return Line(
        event_id=event_id,
        table=str(fields.get("table")),
        region=str(fields.get("region")),
        created=0 if faults else fields["created"],
        first=first,
        place=place,
        size=size,
        previous=previous if is_previous(previous) else None,
        previous_lost="previous_lost" in fields,
        link=ending[1],
        mac=ending[2] if ending.re is _ENDING_WITH_MAC else None,
        body=encoded(text[: -len(ending[0])]),
        event_digest=digest(encoded(event_id)),
        text_digest=digest(encoded(text)),
        content=digest(_to_json(rest).encode()),
        fault=", ".join(shown(name) for name in faults),
        is_read=is_read(fields),
    )


def _failure(fields: dict[str, Any]) -> Failure | Damaged:
    failure = fields["failure"]
    if fields.keys() != {"schema", "failure"} or not isinstance(failure, dict):
        return Damaged("describes a failure in an unknown format", has_marks=True)
    event_id, number, error = (failure.get(name) for name in FAILURE_FIELDS)
    if not isinstance(event_id, str | None) or not isinstance(number, str) or not isinstance(error, str):
        return Damaged("describes a failure in an unknown format", has_marks=True)
    return Failure(event_id, number, error)


def _is_lambda_s(fields: dict[str, Any]) -> bool:
    """Whether a line is Lambda's own, or its runtime's; a line of the trail must not pass for one.

    Lambda's client for Python called the level of uncaught exceptions `log_level` before its version 4.0.4.
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
    https://github.com/aws/aws-lambda-python-runtime-interface-client/issues/220
    """
    if not _MARKS.isdisjoint(fields):
        return False
    kind = fields.get("type")
    if isinstance(kind, str) and kind.startswith("platform."):
        return isinstance(fields.get("time"), str) and isinstance(fields.get("record"), dict)
    level = fields.get("level", fields.get("log_level"))
    return isinstance(fields.get("timestamp"), str) and isinstance(level, str)
