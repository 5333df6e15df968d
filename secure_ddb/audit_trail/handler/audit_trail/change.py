"""What a line says of a change, before it takes its place among the other lines."""

from __future__ import annotations

from functools import lru_cache

from .attributes import write_touched
from .text import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .settings import Settings

    Record = dict[str, Any]

SCHEMA = 1
_BEGINNING = f'{{"schema":{SCHEMA},"event_id":'

_INFINITY = float("inf")

_ACTIONS = ("INSERT", "MODIFY", "REMOVE")

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
_TIME_TO_LIVE = ("Service", "dynamodb.amazonaws.com")


def write_change(record: Record, settings: Settings, shard: str) -> str:
    """Return the line of a stream record up to where `batch` begins; the shard is in JSON already."""
    change = record["dynamodb"]
    action = record["eventName"]
    if action not in _ACTIONS:
        raise ValueError("Unknown eventName")
    keys = change["Keys"]
    old = {} if action == "INSERT" else change["OldImage"]
    new = {} if action == "REMOVE" else change["NewImage"]
    cause = _cause(record["userIdentity"]) if "userIdentity" in record else "request"
    number = change["SequenceNumber"] or sequence_number(record)
    stream_arn = record["eventSourceARN"]
    return (
        f"{_BEGINNING}{quoted(record['eventID'])},{_source(stream_arn, settings.streams)},"
        f'"action":"{action}","cause":"{cause}","shard":{shard},"sequence_number":{quoted(number)},'
        f'"created":{_created(change["ApproximateCreationDateTime"])},'
        f"{settings.write_key_of(stream_arn)(keys)}{write_touched(old, new, keys, settings.clear_of(stream_arn))}"
    )


def sequence_number(record: Record) -> str:
    """Return where a record stands in its shard.

    Raises:
        ValueError: The record does not say.
    """
    try:
        number = record["dynamodb"]["SequenceNumber"]
    except (KeyError, TypeError):
        number = None
    # Lambda takes an empty one for a failure of the whole batch as well, but says nothing in the log.
    if not isinstance(number, str) or not number:
        raise ValueError("A record has no SequenceNumber")
    return number


# A function has one stream, unless tables share it; a replay of failed records may have some.
@lru_cache(maxsize=256)
def _source(stream_arn: str, own: str) -> str:
    """Write the table and region of arn:aws:dynamodb:REGION:ACCOUNT:table/TABLE/stream/LABEL, if it begins as ours do.

    Raises:
        ValueError: It is the stream of another table.
    """
    if not stream_arn.startswith(own):
        raise ValueError("A record of another table's stream")
    _, _, _, region, _, resource = stream_arn.split(":", 5)
    _, table, _ = resource.split("/", 2)
    return f'"table":{quoted(table)},"region":{quoted(region)}'


def _cause(identity: dict[str, Any] | None) -> str:
    # DynamoDB names nobody for what somebody has requested.
    if not identity:
        return "request"
    by_time_to_live = (identity.get("type"), identity.get("principalId")) == _TIME_TO_LIVE
    return "time to live" if by_time_to_live else "request"


def _created(seconds: object) -> str:
    # JSON knows neither infinity nor what is not a number, which is not less than anything.
    if type(seconds) is int or (type(seconds) is float and abs(seconds) < _INFINITY):
        return repr(seconds)
    raise ValueError("ApproximateCreationDateTime is not a number")
