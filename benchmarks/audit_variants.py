"""The audit handler, other ways to do its job, and parts of the job that none can do without."""

from __future__ import annotations

import hmac
import io
import json
import os
import sys
import time
from contextlib import redirect_stdout
from functools import cache, partial
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent
from boto3.dynamodb.types import TypeDeserializer  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

    Event = dict[str, Any]
    Variant = Callable[[Event], object]

HANDLER_FOLDER = Path(__file__).parents[1] / "secure_ddb" / "audit_trail" / "handler"

_SECRET = b"secret of thirty-two bytes......"
_BY_MAPPING = SimpleNamespace(
    invoked_function_arn="arn:aws:lambda:eu-central-1:111122223333:function:AuditFunction:secure-ddb"
)

# Text is encoded on its way, as on the way to Lambda's log.
SINK = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - stays open until the end


def measure(name: str, text: str, invocations: int) -> tuple[float, float]:
    """Return the processor's seconds of parsing an event, and of a variant that gets it then.

    Both are medians of some invocations in a row, as under load.
    """
    taken = [_measure_once(VARIANTS[name], text) for _ in range(invocations)]
    return median(parsing for parsing, _ in taken), median(own for _, own in taken)


def _measure_once(variant: Variant, text: str) -> tuple[float, float]:
    start = time.process_time()
    event = json.loads(text)
    parsed = time.process_time()
    with redirect_stdout(SINK):
        variant(event)
        return parsed - start, time.process_time() - parsed


def output(text: str) -> str:
    """Return what the handler writes."""
    written = io.StringIO()
    with redirect_stdout(written):
        handler(json.loads(text))
    return written.getvalue()


def handler(event: Event) -> None:
    """Run the handler, all of it."""
    _handler()(event, _BY_MAPPING)


class _Printed:
    """Prints lines, as the other ways do, in place of a request to CloudWatch Logs."""

    def create_log_stream(self, **_: str) -> None:
        """Make nothing."""

    def put_log_events(self, *, logEvents: list[dict[str, Any]], **_: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        """Print the lines."""
        sys.stdout.write("".join([f"{event['message']}\n" for event in logEvents]))
        sys.stdout.flush()
        return {}


@cache
def _handler() -> Callable[[Event, object], object]:
    """Load the handler as Lambda would; only AWS is not asked."""
    sys.path.insert(0, str(HANDLER_FOLDER))
    index, keys, log, settings = (import_module(f"audit_trail.{name}") for name in ("index", "keys", "log", "settings"))
    fixed = settings.Settings(keys.key_digest(_SECRET), "arn:aws:dynamodb:")
    vars(index)["_settings"] = lambda: fixed
    printed = log.Log(_Printed(), "Orders-AuditLogGroup")
    vars(index)["_log"] = lambda _table: printed
    loaded: Callable[[Event, object], object] = index.handler
    return loaded


_LOGGER = Logger(service="audit", level="INFO", stream=SINK)
_PROCESSOR = BatchProcessor(event_type=EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)


def powertools(event: Event) -> None:
    """Log the digest of the key and what was touched with Powertools for AWS Lambda; no sizes, no links."""
    for record in DynamoDBStreamEvent(event).records:
        _log(record, _type)


def powertools_in_full(event: Event) -> object:
    """Do the handler's job with Powertools, but for the links: sizes and a batch that fails in part as well."""
    return process_partial_response(
        event=event, record_handler=partial(_log, describe=_type_and_size), processor=_PROCESSOR
    )


def _log(record: DynamoDBRecord, describe: Callable[[object], object]) -> None:
    change = record.dynamodb
    assert change is not None  # noqa: S101 - each record has one
    assert record.event_name is not None  # noqa: S101 - likewise
    _LOGGER.info(
        "change",
        event_id=record.event_id,
        table=(record.event_source_arn or "").split("/")[1],
        region=record.aws_region,
        action=record.event_name.name,
        sequence_number=change.sequence_number,
        # The logger has a field `created` of its own.
        changed_at=change.approximate_creation_date_time,
        key=_digest(change.keys),
        **_touched(change.old_image, change.new_image, change.keys, describe),
    )


_deserialize = TypeDeserializer().deserialize


def deserializer(event: Event) -> None:
    """Log the digest of the key and what was touched with boto3's deserializer and `json`; no sizes, no links."""
    lines = []
    for record in event["Records"]:
        change = record["dynamodb"]
        old, new, keys = (
            {name: _deserialize(value) for name, value in change.get(part, {}).items()}
            for part in ("OldImage", "NewImage", "Keys")
        )
        line = {
            "event_id": record["eventID"],
            "table": record["eventSourceARN"].split("/")[1],
            "region": record["awsRegion"],
            "action": record["eventName"],
            "sequence_number": change["SequenceNumber"],
            "created": change["ApproximateCreationDateTime"],
            "key": _digest(keys),
        }
        lines.append(json.dumps(line | _touched(old, new, keys, _type)) + "\n")
    sys.stdout.write("".join(lines))
    sys.stdout.flush()


def _digest(keys: dict[str, Any]) -> str:
    text = json.dumps(keys, sort_keys=True, default=str)
    return hmac.new(_SECRET, text.encode(), sha256).hexdigest()


def _touched(
    old: dict[str, Any], new: dict[str, Any], keys: dict[str, Any], describe: Callable[[object], object]
) -> dict[str, Any]:
    return {
        "added": {name: describe(new[name]) for name in new.keys() - old.keys() - keys.keys()},
        "removed": {name: describe(old[name]) for name in old.keys() - new.keys() - keys.keys()},
        "changed": {
            name: [describe(old[name]), describe(value)]
            for name, value in new.items()
            if name in old and old[name] != value
        },
    }


def _type(value: object) -> str:
    return type(value).__name__


def _type_and_size(value: object) -> tuple[str, int]:
    return type(value).__name__, _size(value)


def _size(value: object) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, dict):
        return sum(len(name.encode()) + _size(element) for name, element in value.items())
    if isinstance(value, list | set):
        return sum(map(_size, value))
    return 1 if value is None or isinstance(value, bool) else len(str(value))


def compare_alone(event: Event) -> None:
    """Find the attributes that differ, and no more."""
    for record in event["Records"]:
        old, new = (record["dynamodb"].get(part, {}) for part in ("OldImage", "NewImage"))
        sorted([name for name, value in new.items() if value != old.get(name)])


_lines: list[Any] = []


def dump_lines(event: Event) -> None:
    """Write the finished lines with `json`."""
    if len(_lines) != len(event["Records"]):
        _lines[:] = map(json.loads, output(json.dumps(event)).splitlines())
    for line in _lines:
        json.dumps(line)


OURS, POWERTOOLS, SAME_JOB = "this handler", "Powertools", "Powertools, all of the job"
VARIANTS: dict[str, Variant] = {
    OURS: handler,
    POWERTOOLS: powertools,
    SAME_JOB: powertools_in_full,
    "boto3's deserializer": deserializer,
    "finding what differs, alone": compare_alone,
    "json.dumps of the lines": dump_lines,
}
