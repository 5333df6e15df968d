"""Measures the audit handler against other ways to do its job, and against parsing the event alone.

Run with `python -m benchmarks.audit_handler [--quick]`. Times are of the processor and depend on the machine and on
what else it does, so the variants take turns and their ratios are what counts.
"""

from __future__ import annotations

import argparse
import gc
import json
import shutil
import subprocess
import sys
import tracemalloc
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass
from multiprocessing import get_context
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.audit_request import request_seconds
from benchmarks.audit_variants import HANDLER_FOLDER, OURS, SAME_JOB, SINK, VARIANTS, handler, measure, output
from benchmarks.stream_events import LARGE, MIX, SMALL, event_text

if TYPE_CHECKING:
    from collections.abc import Sequence

# The goals that the project has set itself: how many times faster than Powertools that does the same job, and what part
# of parsing, by the size of items and the number of records.
_FASTER_THAN_POWERTOOLS = {(SMALL, 100): 10, (LARGE, 100): 20}
_MOST_OF_PARSING = {(SMALL, 1000): 1.0, (LARGE, 1000): 0.15}
_MOST_IMPORT_MILLISECONDS = 15

_PARSING = "json.loads of the event"


@dataclass(frozen=True)
class Plan:
    """How much to measure.

    Attributes:
        warm_up: Rounds that do not count.
        rounds: How often the variants take turns.
        imports: How often a fresh interpreter loads the handler.
        batches: Numbers of batches after which memory is read.
    """

    warm_up: int = 2
    rounds: int = 15
    imports: int = 21
    batches: tuple[int, int] = (10, 1000)


_QUICK = Plan(warm_up=1, rounds=3, imports=5, batches=(10, 100))


@dataclass(frozen=True)
class Goal:
    """What was aimed at and what came of it."""

    text: str
    outcome: str
    met: bool


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="rough numbers in some seconds")
    plan = _QUICK if parser.parse_args().quick else Plan()
    actions = Counter(MIX)
    print(
        f"Python {sys.version.split()[0]}. Of {len(MIX)} changes {actions['MODIFY']} modify three attributes, "
        f"{actions['INSERT']} insert an item, {actions['REMOVE']} removes one.\nItems have {_width(SMALL)} attributes "
        f"at {SMALL} B, {_width(LARGE)} at {LARGE} B. Only this handler links lines. But for the one\nthat does "
        "all of the job, the others leave out sizes and which record of a batch has failed.\n"
    )
    goals = [goal for size in (SMALL, LARGE) for number in (100, 1000) for goal in _compare(plan, size, number)]
    _print_actions(plan)
    goals.append(_measure_import(plan))
    _measure_memory(plan)
    _measure_request(plan)
    print("Goals")
    for goal in goals:
        print(f"  {'met' if goal.met else 'NOT met':<9}{goal.text}: {goal.outcome}")
    return 0


def _width(size: int) -> int:
    (record,) = json.loads(event_text(size, ["INSERT"]))["Records"]
    return len(record["dynamodb"]["NewImage"])


def _compare(plan: Plan, size: int, number: int) -> list[Goal]:
    """Print what a record costs, each way."""
    text = event_text(size, MIX * (number // len(MIX)))
    seconds = _in_turn(list(VARIANTS), text, plan, invocations=max(3, 1000 // number))
    logged = len(output(text)) / number
    print(f"{size} B, batches of {number}; event {len(text) / number:,.0f} B, log {logged:,.0f} B a change")
    print(_row("", "µs a record", "times ours"))
    for name, times in seconds.items():
        print(_row(name, f"{median(times) / number * 1e6:.1f}", f"{_ratio(times, seconds[OURS]):.2f}"))
    print()
    return _goals(seconds, size, number)


def _goals(seconds: dict[str, list[float]], size: int, number: int) -> list[Goal]:
    goals = []
    if least := _FASTER_THAN_POWERTOOLS.get((size, number)):
        faster = _ratio(seconds[SAME_JOB], seconds[OURS])
        text = f"at least {least} times as fast as Powertools, all of the job, at {size} B x {number}"
        goals.append(Goal(text, f"{faster:.1f}", met=faster >= least))
    if most := _MOST_OF_PARSING.get((size, number)):
        part = _ratio(seconds[OURS], seconds[_PARSING])
        text = f"at most {most} of json.loads at {size} B x {number}"
        goals.append(Goal(text, f"{part:.2f}", met=part <= most))
    return goals


def _print_actions(plan: Plan) -> None:
    """Print what each action costs on its own."""
    print(_row("this handler, batches of 100", "µs a record", "of json.loads", "times faster*", "B logged"))
    for size in (SMALL, LARGE):
        for action in ("MODIFY", "INSERT", "REMOVE"):
            text = event_text(size, [action] * 100)
            seconds = _in_turn([OURS, SAME_JOB], text, plan)
            ours = seconds[OURS]
            cells = (median(ours) * 1e4, _ratio(ours, seconds[_PARSING]), _ratio(seconds[SAME_JOB], ours))
            row = (*(f"{cell:.2f}" for cell in cells), f"{len(output(text)) / 100:,.0f}")
            print(_row(f"{action}, {size} B", *row))
    print("  * than Powertools, all of the job\n")


def _in_turn(names: Sequence[str], text: str, plan: Plan, invocations: int = 10) -> dict[str, list[float]]:
    """Return the processor's seconds of each variant in each round, and those of parsing the event.

    Each has a process of its own, as in Lambda: what others leave in memory would scatter the event over it.
    """
    seconds: dict[str, list[float]] = {name: [] for name in (*names, _PARSING)}
    with ExitStack() as stack:
        context = get_context("spawn")
        pools = {name: stack.enter_context(ProcessPoolExecutor(1, mp_context=context)) for name in names}
        for number in range(plan.warm_up + plan.rounds):
            order = reversed(names) if number % 2 else names
            taken = {name: pools[name].submit(measure, name, text, invocations).result() for name in order}
            if number >= plan.warm_up:
                seconds[_PARSING].append(median(parsing for parsing, _ in taken.values()))
                for name, (_, own) in taken.items():
                    seconds[name].append(own)
    return seconds


def _ratio(times: Sequence[float], others: Sequence[float]) -> float:
    # Within a round all had the same machine, which rounds among each other did not.
    return median(time / other for time, other in zip(times, others, strict=True))


def _measure_import(plan: Plan) -> Goal:
    """Print what loading costs in a fresh interpreter: from source, because nothing compiled is deployed."""
    with TemporaryDirectory() as folder:
        shutil.copytree(HANDLER_FOLDER, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        programs = {
            "bare": "",
            "json": "import json",
            "handler": f"import sys; sys.path.insert(0, {folder!r}); import audit_trail.index",
        }
        rounds = [{name: _seconds_of(program) for name, program in programs.items()} for _ in range(plan.imports)]
    took, of_json = (1000 * median(times[name] - times["bare"] for times in rounds) for name in ("handler", "json"))
    print(
        f"Loading costs {took:.1f} ms over a bare interpreter, {of_json:.1f} ms of which are `json`, which Lambda's "
        "runtime has loaded already.\n"
    )
    text = f"at most {_MOST_IMPORT_MILLISECONDS} ms to load"
    return Goal(text, f"{took:.1f} ms", met=took <= _MOST_IMPORT_MILLISECONDS)


def _seconds_of(program: str) -> float:
    program += "\nimport time; print(time.process_time())"
    command = (sys.executable, "-I", "-B", "-c", program)
    return float(subprocess.run(command, capture_output=True, check=True, text=True).stdout)  # noqa: S603 - our own


def _measure_memory(plan: Plan) -> None:
    """Print what the handler holds after some batches, each of which has an attribute name that no other has."""
    text = event_text(SMALL, MIX * 10)
    tracemalloc.start()
    held = []
    for number in range(1, plan.batches[-1] + 1):
        event = json.loads(text.replace('"note"', f'"note {number}"'))
        with redirect_stdout(SINK):
            handler(event)
        del event
        if number in plan.batches:
            gc.collect()
            held.append(f"{tracemalloc.get_traced_memory()[0] / 1024:.1f} KiB after {number} batches")
    tracemalloc.stop()
    print(f"Memory that stays: {', '.join(held)} with new attribute names in each.\n")


def _measure_request(plan: Plan) -> None:
    """Print what handing a batch to CloudWatch Logs costs on top: the comparison leaves it out, as all others print."""
    lines = output(event_text(SMALL, MIX * 10)).splitlines()
    seconds = [request_seconds(lines) for _ in range(plan.warm_up + plan.rounds)]
    cost = median(seconds[plan.warm_up :]) / len(lines) * 1e6
    print(
        f"Preparing the request that hands {len(lines)} lines to CloudWatch Logs costs {cost:.1f} µs a record on top, "
        "with boto3.\nNothing is sent, so TLS is not in it.\n"
    )


def _row(label: str, *cells: str) -> str:
    return f"  {label:<30}" + "".join(f"{cell:>16}" for cell in cells)


if __name__ == "__main__":
    sys.exit(main())
