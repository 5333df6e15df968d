"""Weaken, judge and report."""

from __future__ import annotations

import argparse
import sys

from benchmarks.rule_mutants import __doc__ as about
from benchmarks.rule_mutants.report import report
from benchmarks.rule_mutants.run import run
from benchmarks.rule_mutants.score import Explained
from benchmarks.rule_mutants.templates import NAMES, STACKS, templates


def main() -> int:
    """Print the score; return 1 if a survivor has no reason, or a reason no mutant."""
    parser = argparse.ArgumentParser(description=about)
    known = [*NAMES, *STACKS]
    parser.add_argument("templates", nargs="*", metavar="TEMPLATE", help=f"of {', '.join(known)}; all of them if none")
    chosen = parser.parse_args().templates
    if unknown := sorted({*chosen} - {*known}):
        parser.error(f"no template {', '.join(unknown)}; there are {', '.join(known)}")
    results = {}
    for name, deployed in templates(chosen or known):
        print(f"{name} …", file=sys.stderr, flush=True)
        results[name] = run(name, deployed)
    explained = Explained([each for some in results.values() for each in some])
    print("\n".join(report(results, explained)))
    # With some of the templates only, a reason may have its mutants in the others.
    stale = [] if chosen else explained.stale
    for pattern in stale:
        print(f"stale, no mutant matches any more: {pattern}")
    return bool(explained.unexplained or explained.found_though_harmless or stale)


if __name__ == "__main__":
    sys.exit(main())
