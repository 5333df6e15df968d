"""A timeline has what was asked for, once and in order, from any mixture of the audit log and CloudTrail."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secure_ddb.audit_trail.timeline import Timeline, Wanted, read_timeline
from secure_ddb.audit_trail.timeline.wanted import parse_key
from secure_ddb.audit_trail.verify import InputError
from tests.audit.cloud_trail import FIRST, KEY, ROLE, SESSION, log_file, management, record, update
from tests.audit.trail import Environment, change, failure

if TYPE_CHECKING:
    from pathlib import Path

DIGEST = "q1Zt8sVw0mKxT5yBfN2rJ7uHc9LpDgEa4oIiSvXzQbM"
OTHER = "A1Zt8sVw0mKxT5yBfN2rJ7uHc9LpDgEa4oIiSvXzQbM"
ITEM = Wanted(keys=({"pk": {"S": "a"}, "sk": {"N": "1"}},), digests=frozenset([DIGEST]))


def lines(*changes: dict[str, Any]) -> bytes:
    return "".join(f"{line}\n" for line in Environment().batch(changes)).encode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "input").mkdir()
    return tmp_path / "input"


def read(folder: Path, wanted: Wanted, **contents: bytes) -> Timeline:
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return read_timeline([folder], wanted)


def actions(timeline: Timeline) -> list[str]:
    return [event.action for event in timeline]


def test_an_item_is_followed_through_both_by_key_and_digest(folder: Path) -> None:
    timeline = read(
        folder,
        ITEM,
        log=lines(change(0, action="INSERT"), change(1, key=OTHER), change(4)),
        trail=gzip.compress(log_file(update(1, seconds=4), update(2, {"pk": "b", "sk": 1}), update(3, {"pk": "a"}))),
    )
    assert [(event.source, event.action, event.who) for event in timeline] == [
        ("audit log", "INSERT", ""),
        ("CloudTrail", "dynamodb:UpdateItem", SESSION),
        ("audit log", "MODIFY", ""),
    ]
    assert timeline.count == 3
    assert timeline.notes.sentences() == []


@pytest.mark.parametrize(
    "request_of",
    [
        {"tableName": "Orders", "key": KEY},
        {"tableName": "Orders", "key": {"pk": "a", "sk": "1"}},
        {"tableName": "Orders", "key": {"pk": {"S": "a"}, "sk": {"N": "1"}}},
        {"requestItems": [{"operation": "Put", "tableName": "Orders", "key": {"pk": "b", "sk": 1}}, {"Key": KEY}]},
        {"requestItems": {"Orders": {"keys": [{"pk": "b", "sk": 1}, KEY]}}},
    ],
    ids=["number", "text", "typed", "transaction", "batch"],
)
def test_keys_are_found_however_a_request_has_them(folder: Path, request_of: object) -> None:
    assert actions(read(folder, ITEM, trail=log_file(record(1, "Call", request_of)))) == ["dynamodb:Call"]


def test_keys_in_clear_are_found_in_lines(folder: Path) -> None:
    keys = [{"pk": {"S": pk}, "sk": {"N": "1"}} for pk in "ab"]
    timeline = read(folder, ITEM, log=lines(*(change(n, key=..., keys=each) for n, each in enumerate(keys))))
    assert [event.what for event in timeline] == [f"Orders {json.dumps(keys[0])}"]


def test_what_may_concern_the_item_is_counted_or_listed(folder: Path) -> None:
    trail = log_file(
        record(1, "Query", {"tableName": "Orders", "keyConditionExpression": "pk = :a"}),
        record(2, "ExecuteStatement", {"statement": "SELECT * FROM Orders WHERE pk = 'a' AND sk = 1"}),
        record(3, "ExecuteStatement", {"statement": "SELECT * FROM Orders WHERE pk = 'b' AND sk = 2"}),
        record(4, "ExecuteStatement", {"statement": "INSERT INTO Orders VALUE {'pk' : ***(Redacted)}"}),
        management(5, "kms", "Decrypt", {"key": KEY}),
        record(6, "DescribeTable", {"tableName": "Orders"}, eventCategory="Management"),
    )
    timeline = read(folder, ITEM, trail=trail)
    assert (actions(timeline), timeline.notes.possible, timeline.notes.hidden_keys) == ([], 2, 1)
    timeline = read(folder, Wanted(keys=ITEM.keys, with_possible=True))
    assert [(event.action, event.is_possible) for event in timeline] == [
        ("dynamodb:Query", True),
        ("dynamodb:ExecuteStatement", True),
    ]


def test_half_of_an_item_s_names_is_said_to_find_half(folder: Path) -> None:
    contents = {"log": lines(change(0)), "trail": log_file(update(1))}
    by_key = read(folder, Wanted(keys=ITEM.keys), **contents)
    assert (actions(by_key), by_key.notes.digests_not_compared) == (["dynamodb:UpdateItem"], 1)
    by_digest = read(folder, Wanted(digests=ITEM.digests))
    assert (actions(by_digest), by_digest.notes.keys_not_compared) == (["MODIFY"], 1)


@pytest.mark.parametrize(
    "principal",
    ["orders", ROLE, "arn:aws:iam::111122223333:role/orders", SESSION, "ASIAEXAMPLE", "AROAEXAMPLE:i-0123"],
)
def test_a_principal_is_known_by_each_of_its_names(folder: Path, principal: str) -> None:
    other = {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/alice", "userName": "alice"}
    timeline = read(
        folder,
        Wanted(principals=frozenset([principal])),
        log=lines(change(0)),
        trail=log_file(update(1), update(2, userIdentity=other)),
    )
    assert actions(timeline) == ["dynamodb:UpdateItem"]
    assert timeline.notes.lines_without_who == 1


def test_who_assumed_and_who_changed_a_role_is_part_of_its_timeline(folder: Path) -> None:
    alice = {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/alice"}
    trail = log_file(
        management(1, "sts", "AssumeRole", {"roleArn": ROLE}, userIdentity=alice, seconds=0),
        management(2, "iam", "PutRolePolicy", {"roleName": "orders"}, userIdentity=alice, seconds=1),
        management(3, "iam", "PutRolePolicy", {"roleName": "carts"}, userIdentity=alice, seconds=2),
        management(4, "lambda", "Invoke", {"roleName": "orders"}, userIdentity=alice, seconds=3),
    )
    wanted = Wanted(principals=frozenset(["arn:aws:iam::111122223333:role/orders"]))
    assert actions(read(folder, wanted, trail=trail)) == ["sts:AssumeRole", "iam:PutRolePolicy"]


def test_a_service_is_a_sender(folder: Path) -> None:
    service = {"type": "AWSService", "invokedBy": "backup.amazonaws.com"}
    wanted = Wanted(principals=frozenset(["backup.amazonaws.com"]))
    (event,) = read(folder, wanted, trail=log_file(update(1, userIdentity=service)))
    assert event.who == "backup.amazonaws.com"


def test_a_day_begins_with_its_first_moment_and_ends_before_the_next(folder: Path) -> None:
    wanted = Wanted(since=FIRST + 1, until=FIRST + 3)
    trail = log_file(*(update(number, seconds=number) for number in range(5)))
    timeline = read(folder, wanted, log=lines(*map(change, range(5))), trail=trail)
    assert [event.at - FIRST for event in timeline] == [1, 1, 2, 2]
    # Of one second, the request comes before what it has changed.
    assert [event.source for event in timeline] == ["CloudTrail", "audit log"] * 2


def test_a_table_leaves_out_the_others(folder: Path) -> None:
    arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/Carts"
    trail = log_file(
        update(1),
        record(2, "PutItem", {"tableName": arn}, resources=[{"ARN": f"{arn}/index/i"}]),
        management(3, "s3", "GetObject", {"tableName": "Orders"}),
    )
    timeline = read(
        folder, Wanted(table="Orders", since=0), log=lines(change(0), change(1, table="Carts")), trail=trail
    )
    assert [event.source for event in timeline] == ["CloudTrail", "audit log"]


def test_changes_of_an_item_in_one_second_are_in_the_order_of_their_numbers(folder: Path) -> None:
    numbers = ["99", "100", "9"]
    changes = [change(n, created=FIRST, sequence_number=number) for n, number in enumerate(numbers)]
    timeline = read(folder, ITEM, log=lines(*changes))
    assert [event.details["sequence_number"] for event in timeline] == ["9", "99", "100"]


def test_what_cannot_be_read_is_named(folder: Path) -> None:
    log = lines(change(0), change(1, created="yesterday")) + b"not a line\n" + failure("f" * 32).encode() + b"\n"
    trail = log_file({"eventName": "GetItem"}, update(1, eventTime="yesterday"), update(2))
    notes = read(folder, Wanted(since=0), log=log, trail=trail).notes
    assert (notes.failures, notes.unreadable) == (1, 4)
    assert [reason for _, reason in notes.first_unreadable] == [
        "a line with a wrong created",
        "not JSON",
        "a record without eventTime",
        "a record whose eventTime is no time",
    ]
    assert notes.first_unreadable[2][0].endswith("trail:1, record 1")


def test_log_files_that_are_cut_off_are_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="cut off"):
        read(folder, ITEM, trail=log_file(update(1))[:-2])


def test_pages_that_are_missing_are_refused(folder: Path) -> None:
    page = {"Events": [], "NextToken": "t"}
    with pytest.raises(InputError, match="there are more pages"):
        read(folder, ITEM, page=json.dumps(page).encode())


def test_what_the_cli_prints_and_what_a_log_group_has_are_read(folder: Path) -> None:
    event = {"EventId": "1", "CloudTrailEvent": json.dumps(update(1))}
    message = {"events": [{"message": json.dumps(update(2), separators=(",", ":")), "timestamp": 1}]}
    timeline = read(
        folder,
        ITEM,
        looked_up=json.dumps({"Events": [event]}, indent=4).encode(),
        filtered=json.dumps(message).encode(),
    )
    assert timeline.count == 2


def test_digest_files_are_left_out(folder: Path) -> None:
    digests = folder / "CloudTrail-Digest"
    digests.mkdir()
    (digests / "a.json").write_text('{"awsAccountId":"111122223333"}')
    assert read(folder, ITEM).notes.unreadable == 0


@pytest.mark.parametrize("text", ["a", "{}", '{"pk": "a"}', '{"pk": {"S": 1}}', '{"pk": {"BOOL": true}}', "[]"])
def test_keys_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="allowed: the item's key as DynamoDB's JSON"):
        parse_key(text)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_order_of_the_input_makes_no_difference(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    seconds = data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=12))
    records = [update(number, seconds=each) for number, each in enumerate(seconds)]
    expected = read(tmp_path_factory.mktemp("a"), Wanted(since=0), trail=log_file(*records))
    shuffled = data.draw(st.permutations([*records, *records[:3]]))
    cut = data.draw(st.integers(0, len(shuffled)))
    timeline = read(
        tmp_path_factory.mktemp("b"), Wanted(since=0), one=log_file(*shuffled[:cut]), two=log_file(*shuffled[cut:])
    )
    assert [event.id for event in timeline] == [event.id for event in expected]
    assert timeline.notes.duplicates == len(records[:3])


def test_memory_does_not_grow_with_the_input(folder: Path) -> None:
    for part in range(10):
        (folder / f"{part}").write_bytes(log_file(*(update(part * 1000 + number) for number in range(1000))))
    tracemalloc.start()
    timeline = read(folder, Wanted(since=0))
    assert sum(1 for _ in timeline) == 10_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # All events together are 15 MB as Python has them. A chunk of a file and one record are less.
    assert peak < 5_000_000
