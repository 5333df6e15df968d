"""The model of Lambda's deliveries does what AWS's documentation says of batches that fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.harness.delivery import EXHAUSTED, INFINITE, TOO_OLD, Answer, Delivery, GivenUp, Record

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = 1_000_000.0


def record(number: int, *, age: int = 0) -> Record:
    return {"dynamodb": {"SequenceNumber": str(number), "ApproximateCreationDateTime": NOW - age}}


def numbers(records: list[Record]) -> list[int]:
    return [int(each["dynamodb"]["SequenceNumber"]) for each in records]


class Lambda:
    """Runs a function and remembers what it was invoked with, and what was given up."""

    def __init__(self, function: Callable[[list[int]], Answer], **settings: Any) -> None:
        self.function = function
        self.invoked: list[list[int]] = []
        self.given_up: list[tuple[list[int], str, int]] = []
        self.delivery = Delivery(
            invoke=self._invoke, give_up=self._give_up, now=lambda: NOW, **{"retries": 2, "halves": True, **settings}
        )

    def deliver(self, *records: Record) -> None:
        self.delivery.deliver(list(records))

    def _invoke(self, records: list[Record]) -> Answer:
        self.invoked.append(numbers(records))
        return self.function(numbers(records))

    def _give_up(self, given_up: GivenUp) -> None:
        self.given_up.append((numbers(given_up.records), given_up.condition, given_up.attempts))


def fails(*failing: int) -> Callable[[list[int]], Answer]:
    return lambda records: {"error": True} if set(failing) & set(records) else {"body": {"batchItemFailures": []}}


def names(failing: int) -> Callable[[list[int]], Answer]:
    def answer(records: list[int]) -> Answer:
        failures = [{"itemIdentifier": str(failing)}] if failing in records else []
        return {"body": {"batchItemFailures": failures}}

    return answer


def test_a_batch_that_is_taken_is_delivered_once() -> None:
    service = Lambda(fails())
    service.deliver(record(1), record(2))
    assert (service.invoked, service.given_up) == ([[1, 2]], [])


def test_a_batch_that_fails_is_halved_without_using_an_attempt_and_the_order_is_kept() -> None:
    service = Lambda(fails(3))
    service.deliver(*(record(number) for number in range(1, 5)))
    assert service.invoked == [[1, 2, 3, 4], [1, 2], [3, 4], [3], [3], [3], [4]]
    assert service.given_up == [([3], EXHAUSTED, 3)]


def test_a_batch_that_must_not_be_halved_is_repeated_and_given_up_as_a_whole() -> None:
    service = Lambda(fails(3), halves=False)
    service.deliver(record(3), record(4))
    assert service.invoked == [[3, 4]] * 3
    assert service.given_up == [([3, 4], EXHAUSTED, 3)]


def test_a_record_that_is_named_is_repeated_with_what_comes_after_it() -> None:
    service = Lambda(names(2))
    service.deliver(record(1), record(2), record(3))
    assert service.invoked == [[1, 2, 3], [2, 3], [2, 3], [2, 3]]
    assert service.given_up == [([2, 3], EXHAUSTED, 3)]


def test_a_record_that_is_too_old_is_given_up_without_an_invocation() -> None:
    service = Lambda(fails(), maximum_age=60)
    service.deliver(record(1, age=61), record(2, age=60), record(3))
    assert service.invoked == [[2, 3]]
    assert service.given_up == [([1], TOO_OLD, 0)]


def test_a_record_that_becomes_too_old_between_attempts_is_given_up() -> None:
    times = iter([NOW, NOW, NOW + 61])
    service = Lambda(fails(1), maximum_age=60, retries=INFINITE)
    Delivery(service._invoke, service._give_up, lambda: next(times), INFINITE, 60).deliver([record(1)])
    assert service.invoked == [[1], [1]]
    assert service.given_up == [([1], TOO_OLD, 2)]


def test_a_throttled_function_uses_no_attempt() -> None:
    answers = iter([{"throttle": True}] * 9 + [{"error": True}] * 3)
    service = Lambda(lambda _: next(answers))
    service.deliver(record(1))
    assert service.given_up == [([1], EXHAUSTED, 3)]
    assert len(service.invoked) == 12


@pytest.mark.parametrize("failure", [{"itemIdentifier": ""}, {"itemIdentifier": None}, {}])
def test_an_identifier_that_is_none_fails_the_whole_batch(failure: dict[str, Any]) -> None:
    service = Lambda(lambda _: {"body": {"batchItemFailures": [failure]}}, retries=0)
    service.deliver(record(1), record(2))
    assert service.given_up == [([1, 2], EXHAUSTED, 1)]
