"""What AWS Lambda runs: an event of EventBridge in, notices out."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from functools import cache, partial
from itertools import chain

from .counted import KINDS, counted_requests, kind_of, line
from .key_loss import KeyLoss
from .watchers import require_heard, silent_rules, stopped_mappings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from .notice import Notice


class WatchError(Exception):
    """Something of which no notice can tell, or that could not be looked at. The alarm on errors tells of it."""


def handler(event: dict[str, Any], context: Any) -> None:  # noqa: ANN401 - Lambda's class is not at hand
    """Look at what an event is about.

    - Each hour, `{"time": ..., "rules": [...]}`: at all keys, mappings, rules, counted requests, and the topic.
    - An event of AWS KMS: at the tables of that key.
    - The record of a request that is counted: it becomes a line of the log, of which the next full hour tells.

    Raises:
        WatchError: The topic has no confirmed subscription, or a look failed. What else was found is published.
    """
    if kind := kind_of(event):
        sys.stdout.write(f"{line(kind, event)}\n")
        return
    # The scheduled time, not that of a late run: the full hour decides what is due.
    now = datetime.fromisoformat(event["time"])
    if "rules" not in event:
        _run([lambda: KeyLoss(_client("dynamodb"), _client("kms"), now).notices(_changed_key(event))], now)
        return
    function, topic = context.invoked_function_arn, os.environ["TOPIC"]
    _run(
        [
            lambda: KeyLoss(_client("dynamodb"), _client("kms"), now).notices(),
            lambda: stopped_mappings(_client("lambda"), os.environ["AUDIT_FUNCTION"], now),
            lambda: silent_rules(_client("events"), event["rules"], (topic, function), now),
            *(partial(counted_requests, each, _client("logs"), os.environ["LOG_GROUP"], now) for each in KINDS),
            # Last, because it raises: no notice would tell of it.
            lambda: require_heard(_client("sns"), topic),
        ],
        now,
    )


def _run(looks: Iterable[Callable[[], Iterable[Notice]]], now: datetime) -> None:
    """Publish what is found. One look that fails must not hide what the others see."""
    problems = []
    for look in looks:
        try:
            for notice in look():
                notice.publish(_client("sns"), os.environ["TOPIC"], now, os.environ["RUNBOOK"])
        except Exception as error:  # noqa: BLE001 - it is raised below, with the others
            problems.append(f"{type(error).__name__}: {error}")
    if problems:
        raise WatchError("; ".join(problems))


def _changed_key(event: dict[str, Any]) -> str:
    """Return the id or ARN of the key that an event is about."""
    detail = event.get("detail") or {}
    arns = [each.get("ARN") for each in detail.get("resources") or []]
    return str(next(filter(None, chain(arns, event.get("resources") or [])), "") or _asked_for(detail))


def _asked_for(detail: dict[str, Any]) -> str:
    return str((detail.get("requestParameters") or {}).get("keyId") or "no key")


@cache
def _client(service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    # A request that is counted needs none, and boto3 takes longer to load than all else.
    import boto3  # type: ignore[import-untyped]  # noqa: PLC0415
    from botocore.config import Config  # type: ignore[import-untyped]  # noqa: PLC0415

    return boto3.client(service, config=Config(retries={"mode": "standard", "total_max_attempts": 5}))
