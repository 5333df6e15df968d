"""Measures the example with many tables: time, memory, resources of each stack, and what the tables cost.

Run with `python -m benchmarks.many_tables`. Times and memory depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from aws_cdk import App, Validations

from examples.many_tables import fill
from secure_ddb import SecureDdbChecks
from secure_ddb.cli.cost import estimate_of
from secure_ddb.cli.cost_report import print_cost
from secure_ddb.cost.model import Assumptions
from secure_ddb.evidence.collect import collect, open_results
from secure_ddb.evidence.files import stack_templates
from secure_ddb.evidence.write import write_evidence
from secure_ddb.synthesis import checked_app

_KIB = 1024


def main() -> None:
    """Print the measurements of one way to check the app."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=200)
    parser.add_argument("--stacks", type=int, default=10)
    parser.add_argument("--checks", choices=["none", "ours", "all"], default="ours")
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder:
        app = _app(folder, arguments.checks)
        begun = time.perf_counter()
        fill(app, tables=arguments.tables, stacks=arguments.stacks)
        made = time.perf_counter()
        directory = Path(app.synth().directory)
        written = time.perf_counter()
        evidence = collect(directory)
        write_evidence(evidence, directory)
        done = time.perf_counter()
        print(f"{arguments.tables} tables in {arguments.stacks} stacks, checks: {arguments.checks}")
        print(f"construct {made - begun:.1f} s, synth {written - made:.1f} s, evidence {done - written:.1f} s")
        print(f"processor: Python {time.process_time():.0f} s, Node {sum(map(_seconds, _children())):.0f} s")
        print(f"memory: Python {_peak('self')} MiB, Node {sum(map(_peak, _children()))} MiB")
        print(f"open findings: {len(open_results(evidence))}")
        _print_stacks(directory)
        _print_cost(directory)
        page = directory / "evidence.html"
        print(f"evidence.html {page.stat().st_size // _KIB} KiB")


def _app(folder: str, checks: str) -> App:
    os.environ["CDK_OUTDIR"] = folder
    if checks == "all":
        return checked_app()
    os.environ["CDK_VALIDATION"] = "false"
    app = App(outdir=folder, context={"@aws-cdk/core:failSynthOnValidationErrors": False})
    if checks == "ours":
        Validations.of(app).add_plugins(SecureDdbChecks())
    return app


def _peak(process: str) -> int:
    """Return the most memory that a process had, in MiB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) // _KIB


def _seconds(process: str) -> float:
    """Return how long a process has used the processor."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def _children(process: str = "self") -> list[str]:
    """Return the processes that a process has started, and those that they have."""
    found = []
    for task in Path(f"/proc/{process}/task").iterdir():
        for child in (task / "children").read_text(encoding="utf-8").split():
            found += [child, *_children(child)]
    return found


def _print_stacks(directory: Path) -> None:
    for file in stack_templates(directory):
        text = file.read_text(encoding="utf-8")
        print(f"{file.name}: {len(json.loads(text)['Resources'])} resources, {len(text) // _KIB} KiB")


def _print_cost(directory: Path) -> None:
    print_cost(estimate_of(directory, Assumptions()), details=False)


if __name__ == "__main__":
    main()
