"""The function that exports tables: nothing is missed, and what fails is tried again and told."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.item_archive.exporting import BUCKET, DAY, HOUR, KEY, TABLE, Exports, at, exports, handler

if TYPE_CHECKING:
    from collections.abc import Iterator

START = at("2026-11-21")


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> Iterator[Exports]:
    with exports(monkeypatch) as found:
        # The table was made at noon of the day before.
        found.dynamodb.earliest = START - DAY // 2
        yield found


def joined(periods: list[tuple[int, int]]) -> bool:
    return all(before[1] == after[0] for before, after in pairwise(sorted(periods)))


def test_the_first_full_export_comes_with_the_first_day_that_can_be_restored(exported: Exports) -> None:
    assert exported.run_often(START - DAY // 2 + 600, START) == []
    assert exported.dynamodb.requests == []
    assert exported.run(START + 600) == []
    (request,) = exported.dynamodb.requests
    assert request["ExportTime"] == START
    assert (request["S3Bucket"], request["S3SseKmsKeyId"], request["TableArn"]) == (BUCKET, KEY, TABLE)
    assert request["S3Prefix"] == "orders/full/day=2026-11-21/at=20261121T000000Z-1"


def test_periods_join_from_the_full_export_on(exported: Exports) -> None:
    assert exported.run_often(START + 600, START + 10 * DAY + 8 * HOUR, 8 * HOUR) == []
    periods = exported.periods()
    assert periods[0] == (START, START + DAY)
    assert periods[-1] == (START + 9 * DAY, START + 10 * DAY)
    assert len(periods) == 10
    assert joined(periods)
    prefixes = {each["S3Prefix"] for each in exported.dynamodb.requests}
    assert "orders/incremental/day=2026-11-22/from=20261122T000000Z-1" in prefixes
    assert len(prefixes) == len(exported.dynamodb.requests)


def test_full_exports_come_again_after_their_time(exported: Exports) -> None:
    exported.run_often(START + 600, START + 61 * DAY, 12 * HOUR)
    assert [each["ExportTime"] for each in exported.requested("full")] == [START, START + 30 * DAY, START + 60 * DAY]


def test_without_a_time_the_first_full_export_stays_the_only_one(exported: Exports) -> None:
    exported.settings = type(exported.settings)(BUCKET, KEY, full_every=0, incremental_every=0)
    exported.run_often(START + 600, START + 40 * DAY, DAY)
    assert len(exported.dynamodb.requests) == 1


@pytest.mark.parametrize("hours", [1, 6, 12])
def test_shorter_periods_join_as_well(exported: Exports, hours: int) -> None:
    exported.settings = type(exported.settings)(BUCKET, KEY, full_every=0, incremental_every=hours * HOUR)
    assert exported.run_often(START + 600, START + 2 * DAY + 600) == []
    periods = exported.periods()
    assert joined(periods)
    assert {end - start for start, end in periods} == {hours * HOUR}
    assert periods[-1][1] >= START + 2 * DAY - hours * HOUR


def test_runs_that_are_missed_lose_no_period(exported: Exports) -> None:
    exported.run(START + 600)
    # Nothing ran for three weeks.
    assert exported.run_often(START + 21 * DAY, START + 21 * DAY + 3 * HOUR) == []
    assert len(exported.periods()) == 21
    assert joined(exported.periods())


def test_more_periods_than_a_run_requests_follow_in_the_next(exported: Exports) -> None:
    exported.settings = type(exported.settings)(BUCKET, KEY, full_every=0, incremental_every=HOUR)
    exported.run(START + 600)
    exported.run(START + 2 * DAY + 600)
    assert len(exported.periods()) == 20
    exported.run_often(START + 2 * DAY + 1200, START + 2 * DAY + 3 * HOUR)
    assert len(exported.periods()) >= 48
    assert joined(exported.periods())


def test_a_failed_export_is_told_and_requested_again_elsewhere(exported: Exports) -> None:
    exported.run(START + 600)
    exported.run(START + DAY + 600)
    (period,) = exported.requested("incremental")
    exported.dynamodb.status[f"{TABLE}/export/{1:014}-a1b2c3d4"] = "FAILED"
    (problem,) = exported.run(START + DAY + 600 + HOUR)
    assert problem == ("orders: incremental export of 20261121T000000Z failed: AccessDenied: no access to the bucket")
    assert exported.run_often(START + DAY + 600 + 2 * HOUR, START + 2 * DAY) == []
    first, second = exported.requested("incremental")
    assert first == period
    assert first["IncrementalExportSpecification"] == second["IncrementalExportSpecification"]
    # A failed export may have left files, which are not to be counted twice.
    assert second["S3Prefix"] == "orders/incremental/day=2026-11-21/from=20261121T000000Z-2"
    steps = [each["step"] for each in exported.journal() if each["kind"] == "incremental"]
    assert sorted(steps) == ["completed", "failed", "requested", "requested"]


def test_an_export_that_always_fails_is_told_each_hour_and_requested_less_and_less(exported: Exports) -> None:
    exported.run(START + 600)
    exported.dynamodb.becomes = "FAILED"
    end = START + 3 * DAY
    exported.settings = type(exported.settings)(BUCKET, KEY, full_every=0, incremental_every=DAY)
    told = {moment: exported.run(moment) for moment in range(START + DAY + 600, end, HOUR)}
    attempts = [each for each in exported.periods() if each[0] == START]
    assert 5 < len(attempts) < 20
    silent = [moment for moment, problems in told.items() if not problems]
    # Those in which an attempt is under way.
    assert len(silent) <= len(attempts)


def test_what_is_too_old_is_given_up_and_told_once(exported: Exports) -> None:
    exported.run(START + 600)
    exported.dynamodb.becomes = "COMPLETED"
    # Somebody turned point-in-time recovery off and on again.
    exported.dynamodb.earliest = START + 3 * DAY + DAY // 2
    problems = exported.run_often(START + 6 * DAY, START + 6 * DAY + 6 * HOUR)
    assert [each.split(" is ")[0] for each in problems] == [
        f"orders: incremental export of 202611{day}T000000Z" for day in (21, 22, 23, 24)
    ]
    assert all("is lost" in each for each in problems)
    assert [each["step"] for each in exported.journal() if each["step"] == "lost"] == ["lost"] * 4
    assert exported.periods() == [(START + 4 * DAY, START + 5 * DAY), (START + 5 * DAY, START + 6 * DAY)]


def test_a_run_that_ends_before_it_writes_down_its_request_does_not_export_twice(
    exported: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_request: object) -> None:
        raise RuntimeError("out of time")

    with monkeypatch.context() as broken:
        broken.setattr(exported.s3, "put_object", fail)
        with pytest.raises(RuntimeError, match="out of time"):
            exported.run(START + 600)
    assert exported.run(START + 600 + HOUR) == []
    assert len(exported.dynamodb.requests) == 1
    assert [each["step"] for each in exported.journal()] == ["requested"]


def test_a_request_that_dynamodb_refuses_is_told_and_made_again(exported: Exports) -> None:
    exported.dynamodb.refuses = True
    (problem,) = exported.run(START + 600)
    assert "cannot be requested: An error occurred (LimitExceededException)" in problem
    exported.dynamodb.refuses = False
    assert exported.run(START + 600 + HOUR) == []
    assert len(exported.dynamodb.requests) == 1


def test_an_export_that_runs_for_more_than_a_day_is_told(exported: Exports) -> None:
    exported.dynamodb.becomes = "IN_PROGRESS"
    assert exported.run_often(START + 600, START + DAY) == []
    (problem, *_) = exported.run(START + DAY + 2 * HOUR)
    assert "running for more than a day" in problem


def test_recovery_that_is_off_is_told(exported: Exports) -> None:
    exported.dynamodb.recovery = "DISABLED"
    assert exported.run(START + 600) == ["orders: point-in-time recovery is off, so nothing can be exported"]


def test_the_journal_says_where_an_export_is_and_what_is_in_it(exported: Exports) -> None:
    exported.run_often(START + 600, START + 3 * HOUR)
    completed, requested = exported.journal()
    assert requested["step"] == "requested"
    assert completed == {
        "table": "orders",
        "kind": "full",
        "from": "20261121T000000Z",
        "to": "20261121T000000Z",
        "attempt": 1,
        "step": "completed",
        "export": "00000000000000-a1b2c3d4",
        "prefix": "orders/full/day=2026-11-21/at=20261121T000000Z-1",
        "items": 7,
        "billed_bytes": 4096,
        "manifest": "manifest-summary.json",
    }


def test_the_function_fails_if_anything_is_not_exported(
    exported: Exports, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = handler(monkeypatch, exported.dynamodb, exported.s3, START + 600)
    assert run({}, None) == {"tables": 1}
    exported.dynamodb.recovery = "DISABLED"
    with pytest.raises(RuntimeError, match="1 problems, the first: orders: point-in-time recovery is off"):
        run({}, None)
    assert "point-in-time recovery is off" in capsys.readouterr().out


def test_a_table_that_is_gone_does_not_keep_others_from_being_exported(
    exported: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = handler(monkeypatch, exported.dynamodb, exported.s3, START + 600)
    monkeypatch.setenv("TABLES", f'{{"gone": 1, "orders": "{TABLE}"}}')
    with pytest.raises(RuntimeError, match="the first: gone: AssertionError"):
        run({}, None)
    assert len(exported.dynamodb.requests) == 1
