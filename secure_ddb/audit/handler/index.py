"""Writes one JSON line for each change of an item: the audit trail of a table (AUD-1).

AWS Lambda runs this file alone, invoked by an event source mapping on the table's stream. A line names the
attributes that a change touched. It never holds a value, because the log has other readers than the table.

Delivery is at least once: Lambda repeats records after a failure. Repeated lines share their `event_id`.
"""
# ruff: noqa: INP001 - the folder is the function's deployment package, where nothing else belongs

from __future__ import annotations

import json
import sys
from typing import Any

_SCHEMA = 1
_ACTIONS = ("INSERT", "MODIFY", "REMOVE")

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
_TIME_TO_LIVE = ("Service", "dynamodb.amazonaws.com")

# A longer line reaches CloudWatch Logs in pieces: users have seen Lambda cut lines just below 256 KiB;
# the difference is for what Lambda adds.
_LONGEST_LINE = 256_000

# ASCII only, as attribute names come from whoever writes items: what could end a line or a string is escaped.
_to_json = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


class LineTooLongError(Exception):
    """An item has more attribute names than one log event can hold."""


def handler(event: dict[str, Any], _context: object) -> dict[str, list[dict[str, str]]]:
    """Write the changes of a batch, up to the first that cannot be written, and name that one to Lambda.

    Lambda tries again from there on. Records behind it wait, as the stream is ordered and so is the log.
    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html

    Raises:
        ValueError: The failed record has no sequence number, so that Lambda has to repeat the whole batch.
    """
    lines: list[str] = []
    failures: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            lines.append(_line(audit_record(record)))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the records before it count
            failure = failure_record(record, error)
            lines.append(_line(failure))
            failures.append({"itemIdentifier": failure["failure"]["sequence_number"]})
            break
    # Lambda makes each line a log event of its own.
    sys.stdout.write("".join(lines))
    sys.stdout.flush()
    return {"batchItemFailures": failures}


def audit_record(record: dict[str, Any]) -> dict[str, Any]:
    """Return what is logged of a stream record: the names of the attributes that a change touched.

    Values are compared as DynamoDB wrote them, type and all: a number that became a string has changed.
    """
    change = record["dynamodb"]
    action = record["eventName"]
    if action not in _ACTIONS:
        raise ValueError("Unknown eventName")
    region, table = _source(record["eventSourceARN"])
    keys = change["Keys"].keys()
    old = {} if action == "INSERT" else change["OldImage"]
    new = {} if action == "REMOVE" else change["NewImage"]
    return {
        "schema": _SCHEMA,
        "event_id": record["eventID"],
        "table": table,
        "region": region,
        "action": action,
        "cause": _cause(record),
        "sequence_number": _sequence_number(record),
        "created": change["ApproximateCreationDateTime"],
        "keys": sorted(keys),
        "added": sorted(new.keys() - old.keys() - keys),
        "removed": sorted(old.keys() - new.keys() - keys),
        "changed": sorted(name for name, value in new.items() if name in old and old[name] != value),
    }


def failure_record(record: dict[str, Any], error: Exception) -> dict[str, Any]:
    """Return what is logged of a record that cannot be: the kind of error only, as its text may hold values.

    Raises:
        ValueError: The record has no sequence number.
    """
    sequence_number = _sequence_number(record)
    event_id = record.get("eventID")
    return {
        "schema": _SCHEMA,
        "failure": {
            "event_id": event_id if isinstance(event_id, str) else None,
            "sequence_number": sequence_number,
            "error": type(error).__name__,
        },
    }


def _line(content: dict[str, Any]) -> str:
    line = _to_json(content) + "\n"
    if len(line) > _LONGEST_LINE:
        raise LineTooLongError
    return line


def _source(stream_arn: str) -> tuple[str, str]:
    """Return the region and the table of arn:aws:dynamodb:REGION:ACCOUNT:table/TABLE/stream/LABEL."""
    _, _, _, region, _, resource = stream_arn.split(":", 5)
    _, table, _ = resource.split("/", 2)
    return region, table


def _cause(record: dict[str, Any]) -> str:
    identity = record.get("userIdentity") or {}
    by_time_to_live = (identity.get("type"), identity.get("principalId")) == _TIME_TO_LIVE
    return "time to live" if by_time_to_live else "request"


def _sequence_number(record: dict[str, Any]) -> str:
    try:
        number = record["dynamodb"]["SequenceNumber"]
    except (KeyError, TypeError):
        number = None
    # Lambda takes an empty one for a failure of the whole batch as well, but says nothing in the log.
    if not isinstance(number, str) or not number:
        raise ValueError("A record has no SequenceNumber")
    return number
