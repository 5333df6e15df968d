"""What the rules cost: the time to judge an app's templates against the time of the synth that made them.

Both are taken in turn in one process, so that they had the same machine. With `CDK_VALIDATION=true` before
`python -m benchmarks.rules` the synth is as everybody has it, with CDK's own validation; otherwise without that.
"""

from __future__ import annotations

import argparse
import gc
import math
import os
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression, median
from tempfile import TemporaryDirectory

from aws_cdk import App, Duration, Environment, Stack

from benchmarks.apps import OWNERSHIP, PARTITION_KEY, timed
from secure_ddb import ArchiveSettings, AuditSettings, SecureTable
from secure_ddb.judging.judge import judge
from secure_ddb.judging.reading import read_templates

# The goals that the project has set itself.
_MOST_RATIO = 0.05
_MOST_EXPONENT = 1.05

# One with an archive has 53 resources, and a stack takes 500.
_TABLES_PER_STACK = 9

_ENVIRONMENT = Environment(account="111122223333", region="eu-central-1")
_ARCHIVED = AuditSettings(archive=ArchiveSettings(retention=Duration.days(3653)))


@dataclass(frozen=True)
class Plan:
    """How much to measure: numbers of tables, how often each, and how many to make before anything is timed."""

    sizes: tuple[int, ...] = (50, 100, 200)
    repetitions: int = 5
    warm_up: int = 30


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Seconds of one app: to make its templates, to read them, and to judge them."""

    synth: float
    reading: float
    judging: float
    resources: int
    verdicts: Counter[str]

    @property
    def rules(self) -> float:
        """What the rules cost altogether."""
        return self.reading + self.judging


_QUICK = Plan(sizes=(10, 20, 40), repetitions=3, warm_up=10)


def archived(stack: Stack, name: str) -> None:
    """Make a table with an archive: about as many resources of about as many types as one can have."""
    SecureTable(stack, name, partition_key=PARTITION_KEY, ownership=OWNERSHIP, audit=_ARCHIVED)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="rough numbers in half a minute")
    plan = _QUICK if parser.parse_args().quick else Plan()
    timed(archived, plan.warm_up, _TABLES_PER_STACK)
    rounds = [{size: _measure(size) for size in _in_turn(plan.sizes, number)} for number in range(plan.repetitions)]
    print(f"Apps of N tables, {_TABLES_PER_STACK} in each stack, median of {plan.repetitions} repetitions")
    print(f"CDK's own validation is {'off' if os.environ['CDK_VALIDATION'] == 'false' else 'on'}")
    print(_row("N", "resources", "judgements", "synth", "reading", "judging", "per table", "ratio"))
    for size in plan.sizes:
        timings = [each[size] for each in rounds]
        first = timings[0]
        synth, reading, judging = (median(getattr(each, name) for each in timings) for name in _PHASES)
        print(
            _row(
                str(size),
                str(first.resources),
                str(first.verdicts.total()),
                f"{synth:.2f} s",
                f"{reading:.3f} s",
                f"{judging:.3f} s",
                f"{(reading + judging) / size * 1000:.1f} ms",
                f"{median(each.rules / each.synth for each in timings):.3f}",
            )
        )
    largest = plan.sizes[-1]
    print(f"verdicts: {dict(rounds[0][largest].verdicts)}")
    ratio = median(each[largest].rules / each[largest].synth for each in rounds)
    # The fastest of each size, because what else the machine does only ever adds time.
    exponent = _exponent({size: min(each[size].rules for each in rounds) for size in plan.sizes})
    for text, value, most in (
        (f"time of the rules at most {_MOST_RATIO} of the synth's, {largest} tables", ratio, _MOST_RATIO),
        (
            f"exponent of time from {plan.sizes[0]} to {largest} tables at most {_MOST_EXPONENT}",
            exponent,
            _MOST_EXPONENT,
        ),
    ):
        print(f"  {'met' if value <= most else 'NOT met':<9}{text}: {value:.3f}")


_PHASES = ("synth", "reading", "judging")


def _measure(tables: int) -> Timing:
    """Make an app and judge what it wrote."""
    with TemporaryDirectory() as folder:
        # What earlier apps left behind is not this one's to clear away.
        gc.collect()
        start = time.perf_counter()
        app = App(outdir=folder)
        for number in range(tables):
            if number % _TABLES_PER_STACK == 0:
                stack = Stack(app, f"Stack{number // _TABLES_PER_STACK}", env=_ENVIRONMENT)
            archived(stack, f"Table{number}")
        app.synth()
        made = time.perf_counter()
        assembly = read_templates(sorted(Path(folder).glob("*.template.json")))
        read = time.perf_counter()
        judged = judge(assembly)
        end = time.perf_counter()
    return Timing(
        synth=made - start,
        reading=read - made,
        judging=end - read,
        resources=sum(len(template.resources) for template in assembly.templates),
        verdicts=Counter(judgement.verdict.value for _, judgement in judged),
    )


def _in_turn(sizes: tuple[int, ...], number: int) -> tuple[int, ...]:
    """Return the sizes, every other time in reverse, so that none always comes first."""
    return sizes if number % 2 == 0 else sizes[::-1]


def _exponent(seconds: dict[int, float]) -> float:
    """Fit seconds = constant * size ** exponent."""
    sizes = [math.log(size) for size in seconds]
    return linear_regression(sizes, [math.log(value) for value in seconds.values()]).slope


def _row(*cells: str) -> str:
    return "".join(f"{cell:>12}" for cell in cells)


if __name__ == "__main__":
    main()
