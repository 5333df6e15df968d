"""Asks DynamoDB again for what it leaves unprocessed, ever more slowly.

Sources: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html and
https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    # Takes requests; returns their results, and the unprocessed ones.
    Ask = Callable[[list[Any]], tuple[list[Any], list[Any]]]

# Requests in a row that process nothing. The pauses between them add up to a minute at most.
MOST_FRUITLESS = 10
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 20.0


class UnprocessedError(Exception):
    """DynamoDB has left the same items unprocessed for too long."""


@dataclass(frozen=True)
class Patience:
    """How long to wait between requests.

    Attributes:
        sleep: Waits for some seconds.
        between: Returns a random number between two others.
    """

    sleep: Callable[[float], None] = time.sleep
    between: Callable[[float, float], float] = random.uniform

    def repeat(self, ask: Ask, asked: list[Any]) -> Iterator[tuple[int, list[Any]]]:
        """Ask until nothing is left; yield for each request how much it has processed, and what came of it.

        Raises:
            UnprocessedError: Nothing was processed for too long.
        """
        fruitless = 0
        while asked:
            result, left = ask(asked)
            yield len(asked) - len(left), result
            fruitless = 0 if len(left) < len(asked) else fruitless + 1
            if fruitless == MOST_FRUITLESS:
                raise UnprocessedError(f"DynamoDB processed nothing of {fruitless} requests in a row")
            if left:
                self.sleep(self.between(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**fruitless)))
            asked = left
