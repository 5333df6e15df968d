"""DynamoDB's deletion of expired items, which is in the stream with DynamoDB as the principal.

The emulator deletes them once a minute and writes no record. DynamoDB takes up to a few days.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import Any

from ministack.services import dynamodb

_SECONDS = 0.5
# Of the emulator's own thread as well.
_THREAD = "dynamodb-ttl-reaper"
_EXPIRY = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}

_remove = dynamodb._remove_item
_build = dynamodb._build_change_record


def install() -> None:
    """Let whatever expires be recorded, and expire soon."""
    dynamodb._remove_item = _remove_and_record
    dynamodb._build_change_record = _build_for_expiry
    threading.Thread(target=_expire_for_ever, daemon=True, name=_THREAD).start()


def _expire_for_ever() -> None:
    while True:
        time.sleep(_SECONDS)
        with dynamodb._lock:
            for (_, _, name), setting in list(dynamodb._ttl_settings.all_items()):
                if setting.get("TimeToLiveStatus") == "ENABLED" and name in dynamodb._tables:
                    _expire(dynamodb._tables[name], setting["AttributeName"])


def _expire(table: dict[str, Any], attribute: str) -> None:
    items = [(pk, sk, item) for pk, group in table["items"].items() for sk, item in group.items()]
    for pk, sk, item in items:
        # Only numbers expire.
        with suppress(KeyError, ValueError):
            if float(item[attribute]["N"]) <= time.time():
                _remove_and_record(table, pk, sk)


def _remove_and_record(table: dict[str, Any], pk: str, sk: str) -> Any:
    removed = _remove(table, pk, sk)
    if removed is not None and _is_expiring():
        dynamodb._emit_stream_event(table["TableName"], "REMOVE", removed, None)
    return removed


def _build_for_expiry(*arguments: Any) -> dict[str, Any]:
    record: dict[str, Any] = _build(*arguments)
    return {**record, "userIdentity": _EXPIRY} if _is_expiring() else record


def _is_expiring() -> bool:
    return threading.current_thread().name == _THREAD
