"""Lets what the audit function needs fail while Lambda delivers records: only on request, and at random with a seed.

Before a log group is deleted, its lines go into a bucket, as an archive would keep them.
"""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ministack.core import lambda_runtime
from ministack.core.responses import error_response_json
from ministack.services import cloudwatch_logs, dynamodb, lambda_svc

from tests.e2e.harness import mappings
from tests.e2e.harness.handlers import client
from tests.e2e.harness.outages import ARCHIVE, NOTHING_LEFT, Outage, Outages

if TYPE_CHECKING:
    from tests.e2e.harness.delivery import Answer, Record

# Longer than the mapping's age of records.
_LONG_SECONDS = 13 * 60 * 60

_invoke = mappings.invoke
_put = cloudwatch_logs._put_log_events
_response = lambda_svc._esm_response


def install(seed: int) -> None:
    """Let things go wrong from now on."""
    faults = _Faults(Outages(seed))
    mappings.invoke = faults.invoke
    mappings.now = faults.now
    cloudwatch_logs._put_log_events = faults.put
    lambda_svc._poll_dynamodb_streams = faults.poll
    lambda_svc._esm_response = faults.describe


class _Faults:
    """What goes wrong with the invocation at hand."""

    def __init__(self, outages: Outages) -> None:
        self._poll = lambda_svc._poll_dynamodb_streams
        self._outages = outages
        self._begun: Outage | None = None
        self._repairs = ExitStack()
        self._late = 0

    def poll(self) -> Any:
        """Read the streams, and repair what is wrong as soon as nothing is left."""
        processed = self._poll()
        if not processed:
            self._outages.end()
            self._end()
        return processed

    def now(self) -> float:
        """Return the time: once much later, after the function was throttled for long."""
        late, self._late = self._late, 0
        return time.time() + late

    def invoke(self, function: dict[str, Any], records: list[Record]) -> Answer:
        """Run the function, or not, with what is wrong at the moment."""
        outage = self._outages.next()
        if outage is not self._begun:
            self._end()
            self._begun = outage
            if outage:
                self._begin(outage, function["config"]["Environment"]["Variables"])
        if outage is Outage.THROTTLED:
            return {"throttle": True}
        if outage is Outage.THROTTLED_LONG:
            self._late = _LONG_SECONDS
            return {"throttle": True}
        answer = _invoke(function, records)
        return {"error": True} if outage is Outage.RESULT_LOST else answer

    def put(self, data: dict[str, Any]) -> Any:
        """Take lines as CloudWatch Logs does at the moment. Lambda's own lines are not at stake."""
        match self._begun if data["logStreamName"].startswith("audit/") else None:
            case Outage.LOG_THROTTLED if self._outages.is_refused():
                return error_response_json("ThrottlingException", "Rate exceeded", 400)
            case Outage.LOG_UNANSWERED if self._outages.is_refused():
                _put(data)
                return error_response_json("ServiceUnavailableException", "No answer", 503)
            case Outage.KILLED:
                _kill_functions()
            case Outage.KILLED_LATE:
                _put(data)
                _kill_functions()
            case _:
                return _put(data)
        return error_response_json("ServiceUnavailableException", "There is nobody to answer", 503)

    def describe(self, mapping: dict[str, Any]) -> dict[str, Any]:
        """Say of a mapping that has read everything that nothing was left, once everything is repaired."""
        response: dict[str, Any] = _response(mapping)
        table = mapping["EventSourceArn"].partition(":table/")[2].partition("/")[0]
        position = lambda_svc._dynamodb_stream_positions.get(mapping["UUID"])
        if position is not None and position >= dynamodb.stream_end_position(table) and not self._begun:
            response["LastProcessingResult"] = NOTHING_LEFT
        return response

    def _end(self) -> None:
        self._repairs.close()
        self._begun = None

    def _begin(self, outage: Outage, variables: dict[str, str]) -> None:
        print(f"outage: {outage.name}", flush=True)  # noqa: T201 - the test counts them
        if outage is Outage.KEY_DISABLED:
            keys, key = client("kms"), variables["HMAC_KEY_ID"]
            keys.disable_key(KeyId=key)
            self._repairs.callback(keys.enable_key, KeyId=key)
        elif outage is Outage.LOG_DELETED:
            logs, group = client("logs"), variables["LOG_GROUP"]
            _archive(group)
            logs.delete_log_group(logGroupName=group)
            self._repairs.callback(logs.create_log_group, logGroupName=group)


def _archive(group: str) -> None:
    streams = cloudwatch_logs._log_groups[group]["streams"].items()
    events = [{**event, "logStreamName": name} for name, stream in streams for event in stream["events"]]
    client("s3").put_object(Bucket=ARCHIVE, Key=f"{uuid4()}.json", Body=json.dumps({"events": events}).encode())


def _kill_functions() -> None:
    for workers in list(lambda_runtime._workers.values()):
        for worker in workers:
            if worker.in_use:
                worker._proc.kill()
