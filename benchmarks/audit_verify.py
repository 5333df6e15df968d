"""Measures `secure-ddb audit verify` on long trails: time, the processor's time and memory, of all its processes.

Run with `python -m benchmarks.audit_verify [--lines N] [--against CHECKOUT]`. With a checkout of another commit, both
take turns and their ratio is what counts: times depend on the machine and on what else it does. Needs Linux, where
/proc/PID/smaps_rollup has the proportional set size: memory that processes share counts once.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.audit_trails import FORMS, Written, batches, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_CHECKOUT = Path(__file__).parents[1]
_SECONDS_BETWEEN_LOOKS = 0.1


class Trail(NamedTuple):
    """A trail to verify: what writes it, the number of changes in a batch, its tables, and what it logs in clear."""

    write: Callable[[Iterable[Written], Path], None]
    batch: int = 50
    tables: Sequence[str] = ("Orders",)
    clear: Sequence[str] = ()


TRAILS = {
    **{name: Trail(write) for name, write in FORMS.items()},
    "lines of three tables": Trail(plain, tables=("Orders", "Visits", "Users")),
    "lines in batches of one": Trail(plain, batch=1),
    "lines with values in clear": Trail(plain, clear=("status", "total")),
}


class Cost(NamedTuple):
    """What a run took.

    Attributes:
        wall: Seconds from start to end.
        processor: Seconds of all processes, in user mode and in the kernel.
        memory: The most MB of all processes at once.
    """

    wall: float
    processor: float
    memory: float


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--lines", type=int, default=1_000_000, help="of each trail")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="of another commit")
    parser.add_argument("--only", metavar="TEXT", default="", help="trails with this in their names")
    arguments = parser.parse_args()
    checkouts = [_CHECKOUT, *([arguments.against.resolve()] if arguments.against else [])]
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} processors, trails of {arguments.lines:,} lines")
    print(_row("", *["wall s", "processor s", "MB"] * len(checkouts), *["wall", "processor"] * (len(checkouts) - 1)))
    for name, trail in TRAILS.items():
        if arguments.only not in name:
            continue
        with TemporaryDirectory() as folder:
            trail.write(batches(arguments.lines, trail.batch, trail.tables, trail.clear), Path(folder))
            rounds = [[_measure(checkout, Path(folder)) for checkout in checkouts] for _ in range(arguments.rounds)]
        costs = [Cost(*map(median, zip(*taken, strict=True))) for taken in zip(*rounds, strict=True)]
        cells = [f"{number:.1f}" for cost in costs for number in cost]
        for one, other in [costs] if arguments.against else []:
            cells += [f"{one.wall / other.wall:.2f}", f"{one.processor / other.processor:.2f}"]
        print(_row(name, *cells), flush=True)
    return 0


def _measure(checkout: Path, folder: Path) -> Cost:
    command = (sys.executable, "-m", "secure_ddb.cli.main", "audit", "verify", "--json", str(folder))
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    before, start = os.times(), time.perf_counter()
    with subprocess.Popen(command, cwd=checkout, env=environment, stdout=subprocess.DEVNULL) as process:  # noqa: S603
        most = 0
        while process.poll() is None:
            most = max(most, sum(map(_proportional_set_size, _tree(process.pid))))
            time.sleep(_SECONDS_BETWEEN_LOOKS)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    after = os.times()
    processor = sum(after[2:4]) - sum(before[2:4])
    return Cost(time.perf_counter() - start, processor, most / 1024)


def _tree(process: int) -> Iterator[int]:
    yield process
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text()
    except OSError:
        return
    for child in children.split():
        yield from _tree(int(child))


def _proportional_set_size(process: int) -> int:
    """Return KiB, or 0 for a process that has ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _row(label: str, *cells: str) -> str:
    return f"  {label:<28}" + "".join(f"{cell:>12}" for cell in cells)


if __name__ == "__main__":
    sys.exit(main())
