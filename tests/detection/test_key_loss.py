"""From the moment a key becomes unusable, notices say how many hours are left before DynamoDB archives the table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from secure_ddb.detection.handler.watch.countdown import hours_left, is_due
from secure_ddb.detection.handler.watch.index import WatchError
from secure_ddb.detection.handler.watch.key_loss import LASTS
from tests.detection.reference import SUBJECTS, samples
from tests.detection.watching import LATER, NOON

if TYPE_CHECKING:
    from tests.detection.watching import Account

SINCE = datetime(2026, 3, 2, 9, 14, 3, tzinfo=UTC)
FIRST = datetime(2026, 3, 2, 10, tzinfo=UTC)


def hours_told() -> list[int]:
    """Return the hours that are left at each notice of a week of runs, and of two days more."""
    runs = [FIRST + timedelta(hours=number) for number in range(9 * 24)]
    return [hours_left(SINCE, LASTS, run) for run in runs if is_due(SINCE, LASTS, run)]


def test_notices_become_more_frequent_towards_the_end() -> None:
    assert hours_told() == [
        167,
        *range(156, 24, -12),
        *range(24, 6, -3),
        *range(6, 0, -1),
        0,
        -24,
        -48,
    ]


def test_a_week_has_few_notices() -> None:
    assert len([left for left in hours_told() if left >= 0]) == 25


@pytest.mark.parametrize("minutes", [0, 1, 59])
def test_each_hour_is_told_once_whenever_the_key_was_lost(minutes: int) -> None:
    since = SINCE.replace(minute=minutes)
    runs = [FIRST + timedelta(hours=number) for number in range(8 * 24)]
    told = [hours_left(since, LASTS, run) for run in runs if is_due(since, LASTS, run)]
    assert len(told) == len(set(told))
    assert {1, 2, 3, 6, 24, 48, 156} <= set(told)


def test_notice_says_what_which_table_when_and_what_to_do(aws: Account) -> None:
    key = aws.key()
    aws.table("orders", key)
    aws.disable(key)
    aws.lose("orders", SINCE)
    (notice,) = aws.run(FIRST)
    assert notice["Subject"] == "167 hours left: KMS key of 1 DynamoDB table(s) is unusable"
    assert notice["Message"].splitlines() == [
        "The KMS key of DynamoDB tables is unusable. After seven days DynamoDB archives the tables.",
        f"What: key {key} is Disabled",
        "Tables: orders has 167 hours left, until 2026-03-09T09:14:03Z (INACCESSIBLE_ENCRYPTION_CREDENTIALS)",
        "Who: CloudTrail's event history of the key shows who changed it",
        "When: 2026-03-02T10:00:00Z, account 111122223333, Region eu-central-1",
        "What to do: Run EnableKey.",
        "Runbook: https://wiki.example.com/dynamodb#key-loss",
    ]


def test_runs_in_between_say_nothing(aws: Account) -> None:
    aws.table("orders", aws.key())
    aws.lose("orders", SINCE)
    assert [len(aws.run(FIRST + timedelta(hours=number))) for number in range(12)] == [1, *[0] * 10, 1]


def test_tables_of_one_key_are_told_together_with_the_least_time(aws: Account) -> None:
    key = aws.key()
    for name, since in (("carts", SINCE), ("orders", SINCE - timedelta(hours=12))):
        aws.table(name, key)
        aws.lose(name, since)
    (notice,) = aws.run(FIRST)
    assert notice["Subject"].startswith("155 hours left: KMS key of 2 ")
    assert "carts has 167 hours left" in notice["Message"]
    assert "orders has 155 hours left" in notice["Message"]


@pytest.mark.parametrize(
    ("operation", "more", "state", "step"),
    [
        ("disable_key", {}, "Disabled", "Run EnableKey."),
        ("schedule_key_deletion", {"PendingWindowInDays": 7}, "PendingDeletion", "Run CancelKeyDeletion, then"),
    ],
)
def test_unusable_key_is_told_before_dynamodb_notices(
    aws: Account, operation: str, more: dict[str, Any], state: str, step: str
) -> None:
    key = aws.key()
    aws.table("orders", key)
    getattr(aws.client("kms"), operation)(KeyId=key.rpartition("/")[2], **more)
    (notice,) = aws.run(NOON)
    assert f"is {state}" in notice["Message"]
    assert f"What to do: {step}" in notice["Message"]
    assert "orders has at most 168 hours left, and DynamoDB has not noticed yet" in notice["Message"]
    assert not aws.run(LATER)


def test_event_of_a_key_tells_at_once_and_of_its_tables_only(aws: Account) -> None:
    key, other = aws.key(), aws.key()
    aws.table("orders", key)
    aws.table("carts", other)
    for each in (key, other):
        aws.disable(each)
    event = next(each.event for each in samples() if each.title == "DisableKey" and each.is_reported)
    detail = {**event["detail"], "resources": [{"ARN": key, "type": "AWS::KMS::Key"}]}
    (notice,) = aws.send({**event, "time": "2026-03-02T13:07:00Z", "detail": detail})
    assert "Tables: orders has at most 168 hours left" in notice["Message"]
    assert "carts" not in notice["Message"]


@pytest.mark.parametrize("subject", [name for name, each in SUBJECTS.items() if each.concerns_key])
def test_every_event_of_a_key_names_it(aws: Account, subject: str) -> None:
    names = {each.event["detail"].get("eventName") for each in samples() if each.subject == subject}
    assert names
    for sample in samples():
        if sample.subject != subject or not sample.is_reported or "errorCode" in sample.event["detail"]:
            continue
        key = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
        aws.answers["ListTables"] = {"TableNames": ["orders"]}
        aws.answers["DescribeTable"] = {
            "Table": {
                "TableStatus": "INACCESSIBLE_ENCRYPTION_CREDENTIALS",
                "SSEDescription": {"KMSMasterKeyArn": key, "InaccessibleEncryptionDateTime": SINCE},
            }
        }
        aws.answers["DescribeKey"] = {"KeyMetadata": {"KeyState": "Disabled"}}
        assert aws.send(sample.event), sample.title


def test_event_that_names_no_key_tells_nothing(aws: Account) -> None:
    key = aws.key()
    aws.table("orders", key)
    aws.disable(key)
    event = {"source": "aws.kms", "time": "2026-03-02T13:07:00Z", "detail": {"eventName": "RevokeGrant"}}
    assert not aws.send(event)


def test_deleted_key_and_archived_table_are_told(aws: Account) -> None:
    aws.table("orders", "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab")
    aws.described["orders"] = {
        "TableStatus": "ARCHIVED",
        "ArchivalSummary": {"ArchivalDateTime": SINCE, "ArchivalReason": "INACCESSIBLE_ENCRYPTION_CREDENTIALS"},
    }
    (notice,) = aws.run(FIRST)
    assert "is deleted" in notice["Message"]
    assert "orders was archived at 2026-03-02T09:14:03Z" in notice["Message"]
    days = [bool(aws.run(FIRST + timedelta(hours=number))) for number in range(1, 49)]
    assert sum(days) == 2


def test_usable_keys_and_tables_without_one_tell_nothing(aws: Account) -> None:
    aws.table("orders", aws.key())
    aws.table("sessions")
    assert not aws.run(NOON)


def test_key_that_may_not_be_seen_leaves_it_to_dynamodb(aws: Account) -> None:
    key = aws.key()
    aws.table("orders", key)
    aws.disable(key)
    aws.denied["DescribeKey"] = "AccessDeniedException"
    assert not aws.run(NOON)
    aws.lose("orders", SINCE)
    (notice,) = aws.run(FIRST)
    assert "Restore the key's policy" in notice["Message"]


def test_table_that_may_not_be_described_hides_no_other(aws: Account) -> None:
    key = aws.key()
    aws.table("hidden", key)
    aws.table("orders", key)
    aws.disable(key)
    aws.lose("orders", SINCE)
    answer = aws._answer

    def deny(operation: str, asked: dict[str, Any], really: Any) -> Any:
        if asked.get("TableName") == "hidden":
            error = {"Error": {"Code": "AccessDeniedException", "Message": "explicit deny in a resource-based policy"}}
            raise ClientError(error, operation)
        return answer(operation, asked, really)

    aws._answer = deny  # type: ignore[method-assign]
    with pytest.raises(WatchError, match="hidden cannot be described"):
        aws.run(FIRST)
    (notice,) = aws.published
    assert "orders has 167 hours left" in notice["Message"]


def test_failure_is_an_error_and_hides_nothing_else(aws: Account) -> None:
    aws.table("orders", aws.key())
    aws.denied["DescribeKey"] = "KMSInternalException"
    aws.answers["FilterLogEvents"] = {
        "events": [
            {"eventId": "1", "message": '{"denied":{"id":"1","event":"GetItem","on":"orders","who":"a","from":"b"}}'}
        ]
    }
    with pytest.raises(WatchError, match="KMSInternalException"):
        aws.run(NOON)
    assert [each["Subject"][:10] for each in aws.published] == ["1 requests"]
