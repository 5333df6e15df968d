"""How AWS Lambda delivers a batch of stream records to a function: each record until it is taken or given up.

A function that names a record has the batch repeated from there on; one that fails as a whole has it halved. What
still fails after all attempts is given up, and so is a record that has become too old, without another attempt. Halving
uses no attempt, nor does a function that is throttled, as it was not invoked.
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html

Left out: the pauses between attempts, and several batches of a shard at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

Record = dict[str, Any]
Answer = dict[str, Any]

EXHAUSTED = "RetryAttemptsExhausted"
# AWS's pages do not show this one; other models of Lambda have it.
TOO_OLD = "RecordAgeExceeded"
INFINITE = -1


class GivenUp(NamedTuple):
    """Records that Lambda delivers no more.

    Attributes:
        records: In the order of the stream.
        condition: Why, as the invocation record has it.
        attempts: How often the function was invoked with all of them.
        answer: What it answered last; `None` if it was not invoked.
    """

    records: list[Record]
    condition: str
    attempts: int
    answer: Answer | None


class _Part(NamedTuple):
    """Records of the batch that are still to be taken, and what came of the attempts so far."""

    records: list[Record]
    attempts: int = 0
    answer: Answer | None = None


@dataclass(frozen=True)
class Delivery:
    """What an event source mapping says of deliveries.

    Attributes:
        invoke: Runs the function. An answer with `throttle` means that it did not run, one with `error` that it failed.
        give_up: Takes what is not delivered any more.
        now: The time in seconds since 1970.
        retries: Attempts after the first, or `INFINITE`.
        maximum_age: Seconds, or `INFINITE`.
        halves: Whether batches are halved where the function fails.
    """

    invoke: Callable[[list[Record]], Answer]
    give_up: Callable[[GivenUp], None]
    now: Callable[[], float]
    retries: int = INFINITE
    maximum_age: int = INFINITE
    halves: bool = False

    def deliver(self, records: list[Record]) -> None:
        """Deliver a batch, and come back when nothing of it is left."""
        waiting = [_Part(records)]
        while waiting:
            part = self._give_up_old(waiting.pop())
            if part.records:
                # The next one is the last of the list, as the stream's order is kept.
                waiting += reversed(self._try(part))

    def _try(self, part: _Part) -> list[_Part]:
        """Invoke the function once; return what is still to be delivered, in the stream's order."""
        records, attempts, _ = part
        answer = self.invoke(records)
        if answer.get("throttle"):
            return [part]
        failed = _first_failed(answer, records)
        if failed is None:
            return []
        if failed > 0:
            return [_Part(records[failed:])]
        if answer.get("error") and self.halves and len(records) > 1:
            half = len(records) // 2
            return [_Part(records[:half], attempts, answer), _Part(records[half:], attempts, answer)]
        attempts += 1
        if self.retries == INFINITE or attempts <= self.retries:
            return [_Part(records, attempts, answer)]
        self.give_up(GivenUp(records, EXHAUSTED, attempts, answer))
        return []

    def _give_up_old(self, part: _Part) -> _Part:
        """Return the part without the records that have become too old, which come first."""
        if self.maximum_age == INFINITE:
            return part
        oldest = self.now() - self.maximum_age
        ages = [record["dynamodb"]["ApproximateCreationDateTime"] for record in part.records]
        old = next((place for place, created in enumerate(ages) if created >= oldest), len(ages))
        if old:
            self.give_up(GivenUp(part.records[:old], TOO_OLD, part.attempts, part.answer))
        return part._replace(records=part.records[old:])


def _first_failed(answer: Answer, records: list[Record]) -> int | None:
    """Return the place of the record from which on the batch failed."""
    if answer.get("error"):
        return 0
    named = {failure.get("itemIdentifier") for failure in (answer.get("body") or {}).get("batchItemFailures", ())}
    if not all(named):
        return 0
    # AWS does not say what comes of a number that is not of the batch. Here it is lost, so that tests notice.
    places = [place for place, record in enumerate(records) if record["dynamodb"]["SequenceNumber"] in named]
    return min(places, default=None)
