"""Measures a `SecureTable` against the same resources written by hand, and how its cost grows.

Run with `make bench` or `python -m benchmarks.table_synthesis [--quick]`. Times depend on the machine and on what
else it does, so the two variants take turns in one process and their ratio is what counts.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from dataclasses import dataclass
from fractions import Fraction
from statistics import linear_regression, median
from typing import TYPE_CHECKING, TypeVar

from benchmarks.apps import (
    TABLES_PER_STACK,
    DifferentResourcesError,
    Timing,
    calls,
    handwritten,
    output,
    require_same_resources,
    secure,
    timed,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.apps import Variant

# The goals that the project has set itself.
_MOST_TIME_RATIO = 1.0
# 60 before key digests: the audit trail's HMAC key takes three.
_MOST_CALLS = 64
_MOST_EXPONENT = 1.05

_VARIANTS: dict[str, Variant] = {"SecureTable": secure, "hand-written": handwritten}
_PHASES = ("construct", "synth", "total")

_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Plan:
    """How much to measure.

    Attributes:
        warm_up: Tables to make before anything is timed, until Node has compiled what runs often.
        rounds: How often the variants take turns.
        further: Tables in the stack beside the first, over which the further table's cost is averaged.
        sizes: Numbers of tables for the growth.
        repetitions: How often each of these apps is made.
        exponent_from: Least of the sizes to fit; in smaller apps what an app costs anyway would show.
    """

    warm_up: int = 30
    rounds: int = 15
    further: int = 15
    sizes: tuple[int, ...] = (10, 50, 100, 200)
    repetitions: int = 7
    exponent_from: int = 50


@dataclass(frozen=True)
class Goal:
    """What was aimed at and what came of it."""

    text: str
    outcome: str
    met: bool


_QUICK = Plan(warm_up=10, rounds=3, further=5, sizes=(10, 20, 40), repetitions=3, exponent_from=20)


def main() -> int:
    """Measure and print; fail only where the variants cannot be compared."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="rough numbers in half a minute")
    plan = _QUICK if parser.parse_args().quick else Plan()
    try:
        resources = require_same_resources()
    except DifferentResourcesError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    state = "off" if os.environ["CDK_VALIDATION"] == "false" else "on"
    print(
        f"Both variants make the same {resources.total()} resources of {len(resources)} types and acknowledge the same "
        f"findings. CDK's own validation of templates is {state}.\n"
    )
    for variant in _VARIANTS.values():
        timed(variant, plan.warm_up)
    goals = [*_compare_further_table(plan), *_compare_growth(plan)]
    print("Goals")
    for goal in goals:
        print(f"  {'met' if goal.met else 'NOT met':<9}{goal.text}: {goal.outcome}")
    return 0


def _compare_further_table(plan: Plan) -> list[Goal]:
    """Print what a further table of a stack costs, either way."""
    print(f"A further table in its stack, median of {plan.rounds} rounds")
    print(_row("", *_VARIANTS, "ratio"))
    rounds = [_further_timings(plan.further, number) for number in range(plan.rounds)]
    for phase in _PHASES:
        ours, theirs = ([getattr(timings[name], phase) for timings in rounds] for name in _VARIANTS)
        # Within a round both had the same machine, which rounds among each other did not.
        ratio = median(mine / other for mine, other in zip(ours, theirs, strict=True))
        print(_row(phase, _milliseconds(median(ours)), _milliseconds(median(theirs)), f"{ratio:.2f}"))
    ours_calls, theirs_calls = (calls(variant, 2) - calls(variant, 1) for variant in _VARIANTS.values())
    print(_row("jsii calls", str(ours_calls), str(theirs_calls), f"{ours_calls / theirs_calls:.2f}"))
    ours_size, theirs_size = (
        output(variant, 2).template_bytes - output(variant, 1).template_bytes for variant in _VARIANTS.values()
    )
    print(_row("template bytes", f"{ours_size:,}", f"{theirs_size:,}", f"{ours_size / theirs_size:.2f}"))
    print()
    return [
        # The last of the phases is the total.
        Goal(f"time at most {_MOST_TIME_RATIO} of hand-written", f"{ratio:.2f}", met=ratio <= _MOST_TIME_RATIO),
        Goal(f"at most {_MOST_CALLS} jsii calls per further table", str(ours_calls), met=ours_calls <= _MOST_CALLS),
        Goal(
            "fewer jsii calls than hand-written",
            f"{ours_calls} against {theirs_calls}",
            met=ours_calls < theirs_calls,
        ),
    ]


def _further_timings(further: int, number: int) -> dict[str, Timing]:
    """Time the further tables of a stack: a stack with them less a stack with the first table only."""

    def per_table(variant: Variant) -> Timing:
        alone, together = timed(variant, 1), timed(variant, 1 + further, per_stack=1 + further)
        return Timing(
            construct=(together.construct - alone.construct) / further,
            synth=(together.synth - alone.synth) / further,
        )

    return {name: per_table(_VARIANTS[name]) for name in _in_turn(tuple(_VARIANTS), number)}


def _compare_growth(plan: Plan) -> list[Goal]:
    """Print how time and calls grow with the number of tables, either way."""
    apps = tuple((name, size) for size in plan.sizes for name in _VARIANTS)
    repetitions = [
        {(name, size): timed(_VARIANTS[name], size) for name, size in _in_turn(apps, number)}
        for number in range(plan.repetitions)
    ]
    print(f"Apps of N tables, {TABLES_PER_STACK} in each stack, median of {plan.repetitions} repetitions")
    goals: list[Goal] = []
    for name, variant in _VARIANTS.items():
        timings = [{size: timing[name, size] for size in plan.sizes} for timing in repetitions]
        counts = {size: calls(variant, size) for size in plan.sizes}
        _print_growth(name, timings, counts)
        growth = _growth_goals(timings, counts, plan.exponent_from)
        for label, goal in zip(("calls(N)", f"exponent from {plan.exponent_from}"), growth, strict=True):
            print(f"  {label:<18}  {goal.outcome}")
        print()
        if variant is secure:
            goals = growth
    return goals


def _print_growth(name: str, repetitions: list[dict[int, Timing]], counts: dict[int, int]) -> None:
    print(_row(f"{name}, N", *_PHASES, "per table", "jsii calls"))
    for size, count in counts.items():
        seconds = [median(getattr(timings[size], phase) for timings in repetitions) for phase in _PHASES]
        per_table = _milliseconds(seconds[-1] / size)
        print(_row(str(size), *(f"{value:.2f} s" for value in seconds), per_table, f"{count:,}"))


def _growth_goals(repetitions: list[dict[int, Timing]], counts: dict[int, int], exponent_from: int) -> list[Goal]:
    sizes = [size for size in counts if size >= exponent_from]
    # One for each repetition, within which the machine changes less than from the first one to the last.
    exponents = {
        phase: [_exponent(sizes, [getattr(timings[size], phase) for size in sizes]) for timings in repetitions]
        for phase in _PHASES
    }
    exponent = median(exponents["total"])
    line = _line(counts)
    return [
        Goal("jsii calls exactly linear", line or "no", met=bool(line)),
        Goal(
            f"exponent of time at most {_MOST_EXPONENT} from {sizes[0]} to {sizes[-1]} tables",
            f"{exponent:.3f} (repetitions {min(exponents['total']):.3f} to {max(exponents['total']):.3f}, "
            f"construct {median(exponents['construct']):.3f}, synth {median(exponents['synth']):.3f})",
            met=exponent <= _MOST_EXPONENT,
        ),
    ]


def _in_turn(items: Sequence[_Item], number: int) -> Iterator[_Item]:
    """Return the items, every other time in reverse, so that none always comes first."""
    return iter(items) if number % 2 == 0 else reversed(items)


def _exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """Fit seconds = constant * size ** exponent."""
    return linear_regression([math.log(size) for size in sizes], [math.log(value) for value in seconds]).slope


def _line(counts: dict[int, int]) -> str:
    """Return the line on which all counts lie exactly, or nothing."""
    (first, first_count), *others = counts.items()
    slopes = {Fraction(count - first_count, size - first) for size, count in others}
    if len(slopes) != 1:
        return ""
    slope = slopes.pop()
    return f"{float(first_count - slope * first):g} + {float(slope):g} * N"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def _row(label: str, *cells: str) -> str:
    return f"  {label:<18}" + "".join(f"{cell:>14}" for cell in cells)


if __name__ == "__main__":
    sys.exit(main())
