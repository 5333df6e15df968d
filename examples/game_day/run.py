"""Triggers everything, then listens until all of it was reported or time is over."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from examples.game_day.game import FailedError, NotTriedError
from examples.game_day.listening import Listener
from examples.game_day.record import Outcome, Record, Result
from examples.game_day.triggers import TRIGGERS, Kind
from secure_ddb.cli.aws import in_one_sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from examples.game_day.game import Game
    from examples.game_day.triggers import Trigger


def play(
    game: Game,
    topic_arn: str,
    *,
    minutes: float,
    say: Callable[[str], None],
    triggers: Sequence[Trigger] = TRIGGERS,
    clock: Callable[[], float] = time.time,
) -> Record:
    """Run a game day and delete everything, also after a failure or Ctrl-C.

    Args:
        game: The account.
        topic_arn: ARN of the alarm topic.
        minutes: How long to listen.
        say: Prints what happens.
        triggers: What to trigger.
        clock: Returns seconds since 1970.
    """
    record = Record(f"{datetime.fromtimestamp(clock(), UTC):%Y-%m-%d}", game.account, game.aws.region, topic_arn)
    try:
        listener = Listener(game, topic_arn)
        waiting: dict[str, tuple[Result, float]] = {}
        for trigger in triggers:
            say(f"{trigger.subject.name}: {trigger.what}")
            result = _trigger(game, trigger, clock)
            record.results.append(result)
            if result.outcome is Outcome.NOT_REPORTED and trigger.kind is not Kind.PATTERN:
                waiting[trigger.message] = (result, clock())
        _listen(listener, waiting, clock() + minutes * 60, clock, say)
    finally:
        say("deleting everything")
        record.remains = game.cleanup.run()
    return record


def _trigger(game: Game, trigger: Trigger, clock: Callable[[], float]) -> Result:
    at = f"{datetime.fromtimestamp(clock(), UTC):%Y-%m-%dT%H:%M:%SZ}"
    result = Result(trigger.subject.name, trigger.kind.value, trigger.what, at)
    try:
        result.note = trigger.run(game)
    except NotTriedError as error:
        result.outcome, result.note = Outcome.NOT_TRIED, str(error)
    except FailedError as error:
        result.note = str(error)
    except (BotoCoreError, ClientError) as error:
        result.outcome, result.note = Outcome.NOT_TRIED, in_one_sentence(error)
    else:
        if trigger.kind is Kind.PATTERN:
            result.outcome = Outcome.MATCHES
    return result


def _listen(
    listener: Listener,
    waiting: dict[str, tuple[Result, float]],
    end: float,
    clock: Callable[[], float],
    say: Callable[[str], None],
) -> None:
    while waiting and clock() < end:
        for message in listener.hear():
            # Each message has a sentence on what happened. Others may come, such as those of the cleanup.
            for happened in [each for each in waiting if each in message]:
                result, started = waiting.pop(happened)
                result.outcome, result.seconds = Outcome.REPORTED, round(clock() - started)
                say(f"{result.detection}: reported after {result.seconds} s")
