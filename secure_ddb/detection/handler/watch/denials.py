"""Denied requests: one line of the log for each, and one notice for those of an hour (DET-7)."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

from .notice import Notice, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from typing import Any

# Lines of the last minutes may not be found yet. The next run has them.
_SETTLED = timedelta(minutes=5)
_HOUR = timedelta(hours=1)
# Of 1 MB or up to 10,000 lines each. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
_MOST_PAGES = 20
_MOST_GROUPS = 10
STEPS = (
    "A deployment that lost a permission looks the same as an attack: ask the caller. If the denials are expected, "
    "add the role to DetectionSettings(expected_denials=[...])."
)
_PATTERN = '{ $.denied.event = "*" }'


def is_denial(event: Mapping[str, Any]) -> bool:
    """Tell whether an event is the record of a denied request."""
    return str(event.get("detail", {}).get("errorCode", "")).startswith("AccessDenied")


def line(event: Mapping[str, Any]) -> str:
    """Return the line of a denied request, without the keys and values that a request on items names."""
    detail = event["detail"]
    asked, who = detail.get("requestParameters") or {}, detail.get("userIdentity") or {}
    arns = [each.get("ARN", "") for each in detail.get("resources") or []]
    names = ("tableName", "keyId", "backupVaultName", "recoveryPointArn")
    on = next((str(asked[name]) for name in names if asked.get(name)), next(filter(None, arns), ""))
    denied = {
        "id": detail.get("eventID", ""),
        "event": detail.get("eventName", ""),
        "on": on,
        # Of a caller from another account, the record has no more than that account.
        "who": who.get("arn") or who.get("invokedBy") or " ".join(filter(None, map(who.get, ("type", "accountId")))),
        "from": detail.get("sourceIPAddress", ""),
        "error": detail["errorCode"],
    }
    return json.dumps({"denied": denied})


def denied_requests(logs: Any, group: str, now: datetime) -> Iterator[Notice]:  # noqa: ANN401 - boto3 makes its clients at run time
    """Yield one notice on the denied requests of an hour, if there were any."""
    until = now - _SETTLED
    found: Counter[str] = Counter()
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group,
        filterPattern=_PATTERN,
        startTime=_milliseconds(until - _HOUR),
        endTime=_milliseconds(until) - 1,
    )
    more, seen = "", set()
    for number, page in enumerate(pages):
        if number == _MOST_PAGES:
            more = "at least "
            break
        for each in page["events"]:
            denied = json.loads(each["message"])["denied"]
            # EventBridge delivers at least once, and a denied call on a key comes by two rules.
            request = denied["id"] or each["eventId"]
            if request not in seen:
                seen.add(request)
                found[_said(denied)] += 1
    if found:
        yield _notice(found, more, until)


def _said(denied: Mapping[str, str]) -> str:
    return f"{denied['event']} of {denied['on'] or '?'} by {denied['who'] or '?'} from {denied['from'] or '?'}"


def _notice(found: Counter[str], more: str, until: datetime) -> Notice:
    shown = [f"{count} times {what}" for what, count in found.most_common(_MOST_GROUPS)]
    rest = len(found) - len(shown)
    others = [f"and {rest} more combinations, see the log group of the function"] if rest else []
    return Notice(
        subject=f"{more}{sum(found.values())} requests to DynamoDB tables, keys or backups were denied",
        happened="Requests to DynamoDB tables, KMS keys or backups were denied.",
        fields={
            "What": f"{more}{sum(found.values())} requests from {written(until - _HOUR)} to {written(until)}",
            "Who": "; ".join([*shown, *others]),
        },
        steps=STEPS,
        anchor="access-denied",
    )


def _milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)
