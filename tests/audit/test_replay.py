"""A replay finds what a table's audit function could not log, and lets that function log it, in order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.audit_trail.replay import FailedObject, Outcome, ReplayError, find_objects, find_source, replay
from tests.audit.failures_in_aws import (
    BUCKET,
    FUNCTION,
    KEYS,
    OTHER_FUNCTION,
    OTHER_UUID,
    PREFIX,
    SOURCE,
    STREAM,
    TIMES,
    Aws,
    forget_configuration,
    listed,
    mapping,
    report_of,
    version,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from secure_ddb.audit_trail.replay import Source

QUEUE = "arn:aws:sqs:eu-central-1:111122223333:failed"

UNQUALIFIED = OTHER_FUNCTION.removesuffix(":live")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Aws]:
    forget_configuration(monkeypatch, tmp_path)
    aws = Aws()
    yield aws
    aws.close()


def source_of(aws: Aws, function: str | None = None) -> Source:
    return find_source(aws.clients["dynamodb"], aws.clients["lambda"], "Orders", function)


def keys_of(aws: Aws, since: datetime | None = None, until: datetime | None = None) -> list[str]:
    return [each.key for each in find_objects(aws.clients["s3"], SOURCE, since, until)]


def outcomes_of(aws: Aws, *places: int) -> list[Outcome]:
    objects = [FailedObject(KEYS[place], TIMES[place], 0, "v") for place in places]
    return list(replay(aws.clients["lambda"], SOURCE, objects))


def test_the_function_and_its_bucket_are_found_by_the_table_s_stream(aws: Aws) -> None:
    aws.has_table()
    aws.has_mappings([mapping()])
    found = source_of(aws)
    assert found == (FUNCTION, BUCKET, PREFIX)
    assert found.url == f"s3://{BUCKET}/{PREFIX}"


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_every_partition_has_buckets(aws: Aws, partition: str) -> None:
    aws.has_table()
    aws.has_mappings([mapping(destination=f"arn:{partition}:s3:::{BUCKET}")])
    assert source_of(aws).bucket == BUCKET


def test_a_function_that_keeps_failures_elsewhere_or_not_at_all_is_none(aws: Aws) -> None:
    aws.has_table()
    nothing_said = {"UUID": OTHER_UUID, "FunctionArn": OTHER_FUNCTION}
    aws.has_mappings([mapping(OTHER_FUNCTION, QUEUE), nothing_said], [mapping(OTHER_FUNCTION, ""), mapping()])
    assert source_of(aws) == SOURCE


def test_a_table_without_a_stream_cannot_be_replayed(aws: Aws) -> None:
    aws.has_table(stream=None)
    with pytest.raises(ReplayError, match=r"^it has no stream, so it has no audit trail$"):
        source_of(aws)


@pytest.mark.parametrize("pages", [[[]], [[], []]])
def test_a_stream_that_nobody_reads_cannot_be_replayed(aws: Aws, pages: list[list[dict[str, Any]]]) -> None:
    aws.has_table()
    aws.has_mappings(*pages)
    with pytest.raises(ReplayError, match=r"^no function reads its stream, so it has no audit trail$"):
        source_of(aws)


def test_failures_in_a_queue_cannot_be_replayed(aws: Aws) -> None:
    aws.has_table()
    aws.has_mappings([mapping(destination=QUEUE)])
    with pytest.raises(ReplayError, match=r"^no function that reads its stream keeps what has failed in a bucket$"):
        source_of(aws)


def test_several_functions_are_named_to_choose_from(aws: Aws) -> None:
    aws.has_table()
    aws.has_mappings([mapping()], [mapping(OTHER_FUNCTION, uuid=OTHER_UUID)])
    with pytest.raises(ReplayError, match=r"^several functions keep .* choose with --function: ") as raised:
        source_of(aws)
    assert str(raised.value).endswith(f": {FUNCTION}, {OTHER_FUNCTION}")


@pytest.mark.parametrize("name", [FUNCTION, "Orders-AuditFunction-1A2B"])
def test_one_of_several_functions_can_be_chosen(aws: Aws, name: str) -> None:
    aws.has_table()
    aws.has_mappings([mapping(OTHER_FUNCTION, uuid=OTHER_UUID), mapping()])
    assert source_of(aws, name) == SOURCE


@pytest.mark.parametrize("name", [OTHER_FUNCTION, UNQUALIFIED, "Search"])
def test_a_function_is_found_with_an_alias_and_replays_without_it(aws: Aws, name: str) -> None:
    aws.has_table()
    aws.has_mappings([mapping(OTHER_FUNCTION, uuid=OTHER_UUID), mapping()])
    assert source_of(aws, name) == (UNQUALIFIED, BUCKET, f"aws/lambda/{OTHER_UUID}/")


@pytest.mark.parametrize("name", ["Orders", "live", STREAM])
def test_a_function_that_is_none_of_them_is_refused_even_if_there_is_only_one(aws: Aws, name: str) -> None:
    aws.has_table()
    aws.has_mappings([mapping()])
    with pytest.raises(ReplayError, match=f"^no function of that name .* choose with --function: {FUNCTION}$"):
        source_of(aws, name)


def test_a_name_that_two_versions_share_is_not_enough(aws: Aws) -> None:
    aws.has_table()
    aws.has_mappings([mapping(f"{FUNCTION}:1"), mapping(f"{FUNCTION}:2", uuid=OTHER_UUID), mapping(OTHER_FUNCTION)])
    with pytest.raises(ReplayError, match=f"^several functions .*: {FUNCTION}:1, {FUNCTION}:2$"):
        source_of(aws, "Orders-AuditFunction-1A2B")


def test_all_pages_are_read_and_objects_are_in_the_order_of_their_keys(aws: Aws) -> None:
    aws.has_objects(listed(3, 1), listed(2), listed(0))
    found = find_objects(aws.clients["s3"], SOURCE)
    assert found[0] == (KEYS[0], TIMES[0], 1000, "v0", False)
    assert [each.key for each in found] == KEYS


def test_objects_behind_delete_markers_and_later_versions_are_found(aws: Aws) -> None:
    behind_marker, earlier = version(KEYS[0], 0, is_latest=False), version(KEYS[1], 1, is_latest=False)
    aws.has_objects([behind_marker, {**version(KEYS[1], 2), "VersionId": "later"}], [earlier])
    found = find_objects(aws.clients["s3"], SOURCE)
    assert [(each.key, each.version, each.is_hidden) for each in found] == [
        (KEYS[0], "v0", True),
        (KEYS[1], "v1", True),
        (KEYS[1], "later", False),
    ]


def test_a_hidden_object_is_an_error_and_nothing_is_invoked_for_it(aws: Aws) -> None:
    aws.answers(KEYS[1], {"logged": 1, "failed": []})
    objects = [FailedObject(KEYS[0], TIMES[0], 0, "v0", is_hidden=True), FailedObject(KEYS[1], TIMES[1], 0, "v1")]
    assert list(replay(aws.clients["lambda"], SOURCE, objects)) == [
        Outcome(KEYS[0], error="hidden by a delete marker or a later version (version v0)"),
        Outcome(KEYS[1], 1),
    ]


def test_a_bucket_may_be_empty(aws: Aws) -> None:
    aws.has_objects([])
    assert keys_of(aws) == []


def test_since_is_included_and_until_is_not(aws: Aws) -> None:
    for _ in range(5):
        aws.has_objects(listed(0, 1), listed(2, 3))
    assert keys_of(aws, since=TIMES[1]) == KEYS[1:3]
    assert keys_of(aws, since=TIMES[1] + timedelta(seconds=1)) == KEYS[2:3]
    assert keys_of(aws, until=TIMES[1]) == [KEYS[0], KEYS[3]]
    assert keys_of(aws, since=TIMES[0], until=TIMES[2]) == KEYS[:2]
    assert keys_of(aws, since=datetime(2026, 11, 22, tzinfo=UTC)) == []


def test_the_function_is_given_one_object_after_the_other(aws: Aws) -> None:
    # Answers that come in another order than they were added in are errors.
    aws.answers(KEYS[2], {"logged": 2, "failed": []})
    aws.answers(KEYS[0], {"logged": 1, "failed": ["7", "9"]})
    assert outcomes_of(aws, 2, 0) == [Outcome(KEYS[2], 2), Outcome(KEYS[0], 1, ("7", "9"))]


def test_the_next_object_is_not_begun_before_the_outcome_is_taken(aws: Aws) -> None:
    aws.answers(KEYS[0], {"logged": 1, "failed": []})
    objects = [FailedObject(key, TIMES[0], 0, "v") for key in KEYS[:2]]
    assert next(replay(aws.clients["lambda"], SOURCE, objects)).key == KEYS[0]


def test_an_error_of_the_function_is_the_object_s_and_only_its_kind_is_told(aws: Aws) -> None:
    aws.answers(KEYS[0], {"errorType": "KeyError", "errorMessage": "'SECRET'"}, function_error="Unhandled")
    aws.answers(KEYS[1], {"logged": 1, "failed": []})
    assert outcomes_of(aws, 0, 1) == [
        Outcome(KEYS[0], error="the audit function failed with KeyError"),
        Outcome(KEYS[1], 1),
    ]


@pytest.mark.parametrize("answer", [b"", b"SECRET", b"\xff", {"errorMessage": "SECRET"}, {"errorType": 1}, None])
def test_an_error_of_the_function_need_not_have_a_kind(aws: Aws, answer: object) -> None:
    aws.answers(KEYS[0], answer, function_error="Handled")
    assert outcomes_of(aws, 0) == [Outcome(KEYS[0], error="the audit function failed without an error type")]


def test_an_error_of_the_function_counts_whatever_it_answers(aws: Aws) -> None:
    aws.answers(KEYS[0], {"logged": 1, "failed": []}, function_error="Unhandled")
    assert outcomes_of(aws, 0)[0].error


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SECRET",
        None,
        [],
        {"batchItemFailures": []},
        {"logged": 1},
        {"failed": []},
        {"logged": "1", "failed": []},
        {"logged": 1, "failed": {}},
        {"logged": 1, "failed": [7]},
    ],
)
def test_any_other_answer_is_an_error_of_the_object(aws: Aws, answer: object) -> None:
    aws.answers(KEYS[0], answer)
    assert outcomes_of(aws, 0) == [Outcome(KEYS[0], error="the audit function did not return what it has logged")]


def test_a_report_adds_up_what_came_of_the_objects() -> None:
    report = report_of(3, Outcome("a", 2), Outcome("b", 1, ("7", "9")), Outcome("c", error="broken"))
    assert (report.tried, report.logged, report.failed_count, report.error_count) == (3, 3, 2, 1)
    assert report.failed == [("b", "7"), ("b", "9")]
    assert report.errors == [("c", "broken")]


def test_a_report_shows_the_first_hundred_and_counts_all() -> None:
    numbers = tuple(map(str, range(60)))
    report = report_of(4, Outcome("a", 0, numbers), Outcome("b", 0, numbers), Outcome("c", 0, numbers))
    assert report.failed_count == 180
    assert report.failed == [("a", number) for number in numbers] + [("b", number) for number in numbers[:40]]
    report = report_of(150, *(Outcome(str(number), error="broken") for number in range(150)))
    assert (report.error_count, len(report.errors)) == (150, 100)


@pytest.mark.parametrize(
    ("found", "outcomes", "all_logged"),
    [
        (0, [], True),
        (1, [Outcome("a", 1)], True),
        (2, [Outcome("a", 1)], False),
        (1, [Outcome("a", 1, ("7",))], False),
        (1, [Outcome("a", error="broken")], False),
    ],
)
def test_a_report_knows_whether_everything_was_logged(found: int, outcomes: list[Outcome], *, all_logged: bool) -> None:
    assert report_of(found, *outcomes).all_logged is all_logged
