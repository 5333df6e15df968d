"""`secure-ddb compare-tables` finds every item that differs, and says which without showing values."""

from __future__ import annotations

import json
import threading
import tracemalloc
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from secure_ddb.cli.main import main
from secure_ddb.incident.compare import Kind, Options, compare
from secure_ddb.incident.items import content_digest
from secure_ddb.incident.scan import scan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.incident.items import Item

REGION = "eu-central-1"


def make(client: Any, name: str, items: list[Item], sort_key: str = "sk") -> None:
    names = ["pk", sort_key]
    client.create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": each, "KeyType": kind} for each, kind in zip(names, ("HASH", "RANGE"), strict=True)
        ],
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in names],
        BillingMode="PAY_PER_REQUEST",
    )
    for item in items:
        client.put_item(TableName=name, Item=item)


def item(number: int, **attributes: dict[str, Any]) -> Item:
    return {"pk": {"S": f"a{number % 3}"}, "sk": {"S": str(number)}, "total": {"N": str(number)}, **attributes}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield boto3.client("dynamodb", REGION)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["compare-tables", *arguments])


def test_equal_tables_are_status_0(client: Any) -> None:
    for name in ("orders", "restored"):
        make(client, name, [item(number) for number in range(20)])
    result = run("orders", "restored")
    assert (result.exit_code, result.stdout) == (0, "orders: 20 items; restored: 20 items\nequal: 20 items\n")


def test_differences_are_named_by_key_if_asked_for(client: Any) -> None:
    make(client, "orders", [item(0), item(1), item(2)])
    make(client, "restored", [item(1, total={"N": "7"}), item(2), item(3)])
    result = run("orders", "restored", "--keys")
    assert result.exit_code == 1
    assert sorted(result.stdout.splitlines()) == [
        'different: {"pk":{"S":"a1"},"sk":{"S":"1"}}',
        "not equal: 1 only in the first, 1 only in the second, 1 different; 1 equal",
        'only in the first: {"pk":{"S":"a0"},"sk":{"S":"0"}}',
        'only in the second: {"pk":{"S":"a0"},"sk":{"S":"3"}}',
        "orders: 3 items; restored: 3 items",
    ]


def test_digests_show_no_key_and_hold_for_one_comparison(client: Any) -> None:
    make(client, "orders", [item(0)])
    make(client, "restored", [])
    named = [json.loads(run("orders", "restored", "--json").stdout)["first"][0]["item"] for _ in range(2)]
    assert len({*named}) == 2
    assert all(len(each) == 32 for each in named)


def test_attributes_can_be_ignored(client: Any) -> None:
    make(client, "orders", [item(0, at={"N": "1"})])
    make(client, "restored", [item(0, at={"N": "2"})])
    assert run("orders", "restored").exit_code == 1
    assert run("orders", "restored", "--ignore", "at").exit_code == 0


def test_tables_with_other_keys_are_not_compared(client: Any) -> None:
    make(client, "orders", [])
    make(client, "carts", [], sort_key="day")
    result = run("orders", "carts")
    assert result.exit_code == 2
    assert "the key of orders is pk (S), sk (S), that of carts pk (S), day (S)" in result.stderr


def test_a_table_that_is_not_there_is_status_2(client: Any) -> None:
    make(client, "orders", [])
    result = run("orders", "restored")
    assert result.exit_code == 2
    assert "there is no such table" in result.stderr


class Tables:
    """Two tables of any size, which boto3's clients would page through; one may fail."""

    def __init__(self, first: list[Item], second: list[Item], fails_at: int = -1) -> None:
        self._items = {"first": first, "second": second}
        self._fails_at = fails_at
        self.pages = 0

    def describe_table(self, **_: str) -> dict[str, Any]:
        schema = [{"AttributeName": "sk", "KeyType": "RANGE"}, {"AttributeName": "pk", "KeyType": "HASH"}]
        types = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")]
        return {"Table": {"KeySchema": schema, "AttributeDefinitions": types}}

    def get_paginator(self, _: str) -> Tables:
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        assert request["ConsistentRead"]
        of_segment = self._items[request["TableName"]][request["Segment"] :: request["TotalSegments"]]
        for start in range(0, len(of_segment), 50):
            self.pages += 1
            if self.pages == self._fails_at:
                raise OSError("the connection is gone")
            yield {"Items": of_segment[start : start + 50]}


@settings(max_examples=60, deadline=None)
@given(
    first=st.dictionaries(st.integers(0, 30), st.integers(0, 3)),
    second=st.dictionaries(st.integers(0, 30), st.integers(0, 3)),
    segments=st.integers(1, 4),
)
def test_every_difference_is_found(first: dict[int, int], second: dict[int, int], segments: int) -> None:
    items = [[item(n, v={"N": str(v)}) for n, v in each.items()] for each in (first, second)]
    tables = Tables(items[0], items[1])
    result = compare(tables, "first", "second", Options(segments=segments, shows_keys=True))
    found = {kind: {json.loads(each.item)["sk"]["S"] for each in result.first if each.kind is kind} for kind in Kind}
    assert found == {
        Kind.MISSING: {str(n) for n in first if n not in second},
        Kind.EXTRA: {str(n) for n in second if n not in first},
        Kind.DIFFERENT: {str(n) for n in first if n in second and first[n] != second[n]},
    }
    assert result.equal == sum(second.get(n) == v for n, v in first.items())
    assert result.items == [len(first), len(second)]


def test_a_scan_that_fails_ends_the_comparison_and_its_threads() -> None:
    before = threading.active_count()
    tables = Tables([item(n) for n in range(2000)], [], fails_at=7)
    with pytest.raises(OSError, match="the connection is gone"):
        compare(tables, "first", "second", Options())
    assert threading.active_count() == before


def test_a_reader_that_goes_away_ends_the_threads() -> None:
    before = threading.active_count()
    pages = scan(Tables([item(n) for n in range(5000)], []), "first", 3)
    next(pages)
    pages.close()  # type: ignore[attr-defined]  # a generator
    assert threading.active_count() == before


def test_memory_does_not_grow_with_the_tables() -> None:
    class Endless(Tables):
        def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
            for start in range(request["Segment"], 400, request["TotalSegments"]):
                yield {"Items": [item(start * 50 + n, text={"S": "x" * 500}) for n in range(50)]}

    tracemalloc.start()
    result = compare(Endless([], []), "first", "second", Options())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (result.equal, result.is_equal) == (20_000, True)
    # All items of one table are about 40 MB as Python has them.
    assert peak < 8_000_000


@pytest.mark.parametrize(
    ("left", "right", "are_equal"),
    [
        ({"SS": ["a", "b"]}, {"SS": ["b", "a"]}, True),
        ({"BS": [b"a", b"b"]}, {"BS": [b"b", b"a"]}, True),
        ({"L": [{"S": "a"}, {"S": "b"}]}, {"L": [{"S": "b"}, {"S": "a"}]}, False),
        ({"M": {"a": {"S": "1"}, "b": {"NULL": True}}}, {"M": {"b": {"NULL": True}, "a": {"S": "1"}}}, True),
        ({"S": "1"}, {"N": "1"}, False),
        ({"B": b"a"}, {"B": b"b"}, False),
        ({"S": "\ud800"}, {"S": "\ud801"}, False),
    ],
)
def test_values_are_equal_as_dynamodb_means_it(left: dict[str, Any], right: dict[str, Any], *, are_equal: bool) -> None:
    digests = [content_digest(item(0, value=value), ()) for value in (left, right)]
    assert (digests[0] == digests[1]) is are_equal
