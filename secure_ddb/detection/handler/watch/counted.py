"""Requests of which there may be thousands: one line of the log for each, and one notice for those of an hour.

These are denied requests (DET-7), and requests to keys that fail because of the key itself or of a quota (MON-4).
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
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
# How AWS KMS answers if a key is disabled, pending deletion or without its material, or if the quota of requests or
# of grants on a key, 50,000, is used up. https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
# https://docs.aws.amazon.com/kms/latest/developerguide/throttling.html
# https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
KEY_ERRORS = ("Disabled", "KMSInvalidState", "KeyUnavailable", "LimitExceeded", "Throttling")


@dataclass(frozen=True)
class Counted:
    """A kind of requests that are counted.

    Attributes:
        name: What its lines in the log begin with.
        sources: Sources of the events; none for any.
        errors: What the errors of the requests begin with.
        what: What happened to the requests, for the subject of a mail.
        happened: The sentence that begins the notice.
        steps: What to do about it.
        anchor: The section of the runbook.
    """

    name: str
    sources: tuple[str, ...]
    errors: tuple[str, ...]
    what: str
    happened: str
    steps: str
    anchor: str

    def matches(self, event: Mapping[str, Any]) -> bool:
        """Tell whether an event is the record of such a request."""
        is_of_source = not self.sources or event.get("source") in self.sources
        return is_of_source and str(event.get("detail", {}).get("errorCode", "")).startswith(self.errors)


DENIED = Counted(
    name="denied",
    sources=(),
    errors=("AccessDenied",),
    what="requests to DynamoDB tables, keys or backups were denied",
    happened="Requests to DynamoDB tables, KMS keys or backups were denied.",
    steps=(
        "A deployment that lost a permission looks the same as an attack: ask the caller. If the denials are expected, "
        "add the role to DetectionSettings(expected_denials=[...])."
    ),
    anchor="access-denied",
)
KEY_FAILED = Counted(
    name="failed",
    sources=("aws.kms",),
    errors=KEY_ERRORS,
    what="requests to KMS keys failed",
    happened="Requests to KMS keys failed: a key is unusable, or a quota is exhausted.",
    steps=(
        "Check the state of the key: run EnableKey or CancelKeyDeletion, or import its material again. A table whose "
        "key is unusable for seven days is archived. For ThrottlingException see the alarm KeyRequests; for "
        "LimitExceededException check the key's grants."
    ),
    anchor="key-failed",
)
KINDS = (DENIED, KEY_FAILED)


def kind_of(event: Mapping[str, Any]) -> Counted | None:
    """Return the kind of requests that an event is the record of; None if it is of none."""
    return next((kind for kind in KINDS if kind.matches(event)), None)


def line(kind: Counted, event: Mapping[str, Any]) -> str:
    """Return the line of a request, without the keys and values that a request on items names."""
    detail = event["detail"]
    asked, who = detail.get("requestParameters") or {}, detail.get("userIdentity") or {}
    arns = [each.get("ARN", "") for each in detail.get("resources") or []]
    names = ("tableName", "keyId", "backupVaultName", "recoveryPointArn")
    on = next((str(asked[name]) for name in names if asked.get(name)), next(filter(None, arns), ""))
    said = {
        "id": detail.get("eventID", ""),
        "event": detail.get("eventName", ""),
        "on": on,
        # Of a caller from another account, the record has no more than that account.
        "who": who.get("arn") or who.get("invokedBy") or " ".join(filter(None, map(who.get, ("type", "accountId")))),
        "from": detail.get("sourceIPAddress", ""),
        "error": detail["errorCode"],
    }
    return json.dumps({kind.name: said})


def counted_requests(kind: Counted, logs: Any, group: str, now: datetime) -> Iterator[Notice]:  # noqa: ANN401 - boto3 makes its clients at run time
    """Yield one notice on the requests of an hour, if there were any."""
    until = now - _SETTLED
    found: Counter[str] = Counter()
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group,
        filterPattern=f'{{ $.{kind.name}.event = "*" }}',
        startTime=_milliseconds(until - _HOUR),
        endTime=_milliseconds(until) - 1,
    )
    more, seen = "", set()
    for number, page in enumerate(pages):
        if number == _MOST_PAGES:
            more = "at least "
            break
        for each in page["events"]:
            request = json.loads(each["message"])[kind.name]
            # EventBridge delivers at least once, and a failed call that changes a key comes by two rules.
            id_ = request["id"] or each["eventId"]
            if id_ not in seen:
                seen.add(id_)
                found[_said(kind, request)] += 1
    if found:
        yield _notice(kind, found, more, until)


def _said(kind: Counted, request: Mapping[str, str]) -> str:
    who, address = request["who"] or "?", request["from"] or "?"
    # A denied request says no more than that by its error.
    why = "" if kind is DENIED else f": {request['error']}"
    return f"{request['event']} of {request['on'] or '?'} by {who} from {address}{why}"


def _notice(kind: Counted, found: Counter[str], more: str, until: datetime) -> Notice:
    shown = [f"{count} times {what}" for what, count in found.most_common(_MOST_GROUPS)]
    rest = len(found) - len(shown)
    others = [f"and {rest} more combinations, see the log group of the function"] if rest else []
    return Notice(
        subject=f"{more}{sum(found.values())} {kind.what}",
        happened=kind.happened,
        fields={
            "What": f"{more}{sum(found.values())} requests from {written(until - _HOUR)} to {written(until)}",
            "Who": "; ".join([*shown, *others]),
        },
        steps=kind.steps,
        anchor=kind.anchor,
    )


def _milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)
