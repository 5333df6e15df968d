"""The notices of the watch function, as docs/detection.md shows them."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from secure_ddb.detection.handler.watch import counted
from secure_ddb.detection.handler.watch.key_loss import KeyLoss, _Table
from secure_ddb.detection.handler.watch.watchers import silent_rules, stopped_mappings
from secure_ddb.detection.message import runbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from secure_ddb.detection.handler.watch.notice import Notice

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
STREAM = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders/stream/2026-01-01T00:00:00.000"


def counted_notice(event: Mapping[str, Any]) -> str:
    """Return the notice on an hour in which one request was counted ten thousand times."""
    kind = counted.kind_of(event)
    assert kind
    request = json.loads(counted.line(kind, event))[kind.name]
    return _text(counted._notice(kind, Counter({counted._said(kind, request): 10_000}), "", NOW - timedelta(minutes=5)))


def notices_written() -> Iterator[str]:
    """Yield the section on the notices, in Markdown."""
    yield "\n## Notices\n"
    yield "What the watch function publishes besides, each with its steps."
    for notice in (_key_loss(), _stopped(), _off()):
        yield f"\n### {notice.anchor.replace('-', ' ').capitalize()}\n"
        yield "```text"
        yield _text(notice)
        yield "```"


def _text(notice: Notice) -> str:
    return notice.text(NOW, "111122223333", "eu-central-1", runbook(""))


def _key_loss() -> Notice:
    look = KeyLoss(None, None, NOW)
    look._states[KEY] = "PendingDeletion"
    since = datetime(2026, 3, 2, 11, 14, 3, tzinfo=UTC)
    lost = "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
    return look._notice(KEY, [_Table("orders", KEY, lost, since, None), _Table("carts", KEY, "ACTIVE", None, None)])


def _pages(name: str, page: dict[str, Any]) -> Any:
    pages = SimpleNamespace(paginate=lambda **_: [page])
    return SimpleNamespace(get_paginator=lambda asked: pages if asked == name else None)


def _stopped() -> Notice:
    mapping = {
        "UUID": "a1b2c3d4-5678-90ab-cdef-11111EXAMPLE",
        "EventSourceArn": STREAM,
        "State": "Disabled",
        "LastModified": NOW - timedelta(minutes=46),
    }
    client = _pages("list_event_source_mappings", {"EventSourceMappings": [mapping]})
    (notice,) = stopped_mappings(client, "audit", NOW)
    return notice


def _off() -> Notice:
    client = SimpleNamespace(
        describe_rule=lambda **_: {"State": "DISABLED"},
        list_targets_by_rule=lambda **_: {"Targets": []},
        exceptions=SimpleNamespace(ResourceNotFoundException=LookupError),
    )
    (notice,) = silent_rules(client, ["Platform-SharedKeyChanged-AbCdEf"], (), NOW)
    return notice
