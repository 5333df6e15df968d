"""What DynamoDB leaves unprocessed is asked for again, more slowly each time, and not for ever."""

from __future__ import annotations

from typing import Any

import pytest

from examples.orders.batches import Batches
from examples.orders.items_file import key_of
from examples.orders.service.items import account_key, to_stored
from examples.unprocessed import MOST_FRUITLESS, UnprocessedError

Requests = list[dict[str, Any]]
ITEMS = [{**account_key(f"C-{number}"), "credit": number} for number in range(60)]
KEYS = [key_of(item) for item in ITEMS]


class Table:
    """A table that processes as many requests of a batch as it is told to; in the end, all."""

    def __init__(self, *processed: int, always: int | None = None) -> None:
        self._processed = iter(processed)
        self._always = always
        self.asked: list[int] = []
        self.items: dict[str, Any] = {}
        self.is_consistent = True

    def batch_write_item(self, RequestItems: dict[str, Requests]) -> dict[str, Any]:  # noqa: N803
        (puts,) = RequestItems.values()
        done, left = self._split(puts)
        self.items.update({put["PutRequest"]["Item"]["customer"]["S"]: put["PutRequest"]["Item"] for put in done})
        return {"UnprocessedItems": {"orders": left} if left else {}}

    def batch_get_item(self, RequestItems: dict[str, dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        (asked,) = RequestItems.values()
        self.is_consistent &= asked["ConsistentRead"]
        done, left = self._split(asked["Keys"])
        found = [self.items[key["customer"]["S"]] for key in done if key["customer"]["S"] in self.items]
        return {"Responses": {"orders": found}, "UnprocessedKeys": {"orders": {"Keys": left}} if left else {}}

    def _split(self, asked: Requests) -> tuple[Requests, Requests]:
        self.asked.append(len(asked))
        count = len(asked) if self._always is None else self._always
        count = next(self._processed, count)
        # DynamoDB promises no order.
        return asked[len(asked) - count :], asked[: len(asked) - count]


class Pauses:
    """Records each pause, and the longest that it could have been."""

    def __init__(self) -> None:
        self.waited: list[float] = []
        self.longest: list[float] = []

    def between(self, least: float, most: float) -> float:
        assert least == 0
        self.longest.append(most)
        return most / 2

    def batches(self, table: Table) -> Batches:
        return Batches(table, "orders", self.waited.append, self.between)


def written(batches: Batches) -> list[int]:
    return [len(keys) for keys in batches.write(ITEMS)]


def found(batches: Batches) -> list[tuple[int, int]]:
    return [(answered, len(items)) for answered, items in batches.read(KEYS * 2)]


def test_all_is_written_in_batches_of_25() -> None:
    table, pauses = Table(), Pauses()
    assert written(pauses.batches(table)) == [25, 25, 10]
    assert table.items == {item["customer"]: to_stored(item) for item in ITEMS}
    assert pauses.waited == []


def test_each_request_yields_the_keys_that_it_has_written() -> None:
    yielded = [key for keys in Pauses().batches(Table(7, 0, 3)).write(ITEMS) for key in keys]
    assert sorted(yielded) == sorted(KEYS)
    first = next(Pauses().batches(Table(7)).write(ITEMS))
    assert first == KEYS[18:25]


def test_only_what_is_left_is_written_again() -> None:
    table, pauses = Table(20, 0, 4), Pauses()
    assert written(pauses.batches(table)) == [20, 0, 4, 1, 25, 10]
    assert table.asked == [25, 5, 5, 1, 25, 10]
    assert len(table.items) == len(ITEMS)


def test_pauses_double_while_nothing_is_processed_and_are_short_again_after_that() -> None:
    table, pauses = Table(20, 0, 0, 0, 1, 0), Pauses()
    written(pauses.batches(table))
    assert pauses.longest == pytest.approx([0.1, 0.2, 0.4, 0.8, 0.1, 0.2])
    assert pauses.waited == [longest / 2 for longest in pauses.longest]


def test_writing_is_given_up_when_nothing_is_processed_for_long() -> None:
    table, pauses = Table(25, 5, always=0), Pauses()
    yielded: list[int] = []
    with pytest.raises(UnprocessedError, match=f"nothing of {MOST_FRUITLESS} requests in a row"):
        yielded.extend(len(keys) for keys in pauses.batches(table).write(ITEMS))
    assert table.asked == [25, 25, *[20] * MOST_FRUITLESS]
    assert len(table.items) == 30
    assert max(pauses.longest) == 20
    assert sum(pauses.longest) < 70


def test_slow_progress_is_not_given_up() -> None:
    table = Table(always=1)
    assert sum(written(Pauses().batches(table))) == 60


def test_all_is_read_in_batches_of_100_and_as_it_is_now() -> None:
    table, pauses = Table(), Pauses()
    batches = pauses.batches(table)
    written(batches)
    assert found(batches) == [(100, 100), (20, 20)]
    assert table.is_consistent


def test_only_keys_that_are_left_are_read_again() -> None:
    table, pauses = Table(), Pauses()
    batches = pauses.batches(table)
    written(batches)
    table._processed = iter([60, 0])
    table.asked.clear()
    assert [answered for answered, _ in found(batches)] == [60, 0, 40, 20]
    assert table.asked == [100, 40, 40, 20]


def test_reading_is_given_up_when_nothing_is_processed_for_long() -> None:
    with pytest.raises(UnprocessedError):
        found(Pauses().batches(Table(always=0)))


def test_keys_without_an_item_count_as_answered() -> None:
    assert found(Pauses().batches(Table())) == [(100, 0), (20, 0)]


def test_the_pause_is_random() -> None:
    waited: list[float] = []
    with pytest.raises(UnprocessedError):
        list(Batches(Table(always=0), "orders", waited.append).write(ITEMS))
    assert len(set(waited)) == len(waited) == MOST_FRUITLESS - 1
