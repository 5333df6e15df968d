"""Failing requests to the keys of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.detection.reported_events import call, judge_reported
from secure_ddb.rules.rule import Judgement, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


@Rule(
    id="SecureDdb-MON19",
    title="Failed requests to the table's key are reported",
    problem="A rule on failed requests to the table's key is off or does not report to a topic",
    severity=Severity.MEDIUM,
    requirements=("MON-4",),
    controls=nist("SI-4", "CA-7", "SC-12"),
    rationale=(
        "If a key is disabled or its quota is exhausted, requests to the table, its audit and its topic fail. "
        "EventBridge receives such calls only in the state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS, from a "
        "trail."
    ),
    remedy=(
        "Use SharedResources for the table, or create an EventBridge rule on the default bus, in that state, with a "
        "topic as its target, for calls to kms whose errorCode begins with Disabled, KMSInvalidState, LimitExceeded "
        "or Throttling."
    ),
    source="https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html",
)
def failing_key(assembly: Assembly) -> Iterator[Judgement]:
    """Look for EventBridge rules on requests to keys that fail because of the key or of a quota."""
    for table, replica in assembly.tables.replicas:
        if not table.key_of(replica):
            continue
        calls = [
            call(table, replica, "kms", "Decrypt", reads=True, errorCode="DisabledException"),
            call(table, replica, "kms", "Decrypt", reads=True, errorCode="ThrottlingException"),
            call(table, replica, "kms", "GenerateDataKey", reads=True, errorCode="KMSInvalidStateException"),
            call(table, replica, "kms", "CreateGrant", errorCode="LimitExceededException"),
        ]
        yield from judge_reported(assembly, table, replica, calls)
