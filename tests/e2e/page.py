"""Writes docs/proven.md, what the tests of tests/e2e prove: `python -m tests.e2e.page`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.gaps import GAPS
from tests.e2e.proofs import UNPROVEN, all_proofs

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[2] / "docs" / "proven.md"
INTRODUCTION = """# What is proven on an emulator

`make e2e` deploys the reference stacks, with the templates and assets of `make synth`, to
[MiniStack](https://pypi.org/project/ministack/), an emulator of AWS, and uses them with boto3. `make test` and CI run
the same tests. `make snapshots` writes this page from them. `make e2e CHANGES=200000` writes 200,000 changes while
things fail at random, instead of 5,000.

An emulator is not AWS. Its CloudFormation drops or refuses some of what the templates ask for. Instead,
[tests/e2e/harness](../tests/e2e/harness) runs in its process and does what we read in AWS's documentation: the *model
of AWS*. Where a claim depends on it, the second column names its files, and the claim is no evidence of what AWS does.
"""
UNPROVEN_TITLE = """## What this does not prove

[What is not proven](not-proven.md) lists what only a real account can show. Besides, no test here shows:
"""
GAPS_TITLE = """## What the emulator lacks

Each line is a test that is expected to fail on the emulator as it is, and says so when upstream has closed the gap.
"""


def page() -> str:
    """Return the page in Markdown."""
    return "\n".join([INTRODUCTION, *_proofs(), *_gaps(), *_unproven()]) + "\n"


def _proofs() -> Iterator[str]:
    for title, proofs in all_proofs().items():
        yield f"## {title.rstrip('.')}\n"
        yield "| Claim | Depends on the model of AWS |\n| --- | --- |"
        for proof in proofs:
            yield f"| {proof.claim} | {_files(proof.model)} |"
        yield ""


def _gaps() -> Iterator[str]:
    yield GAPS_TITLE
    yield "| Not so on the emulator | The model supplies it |\n| --- | --- |"
    for gap in GAPS:
        yield f"| {gap.claim} | {_files(gap.supplied_by)} |"
    yield ""


def _unproven() -> Iterator[str]:
    yield UNPROVEN_TITLE
    yield from (f"- {claim}" for claim in UNPROVEN)


def _files(names: str) -> str:
    return ", ".join(f"`{name}`" for name in names.split(", ") if name) or "no"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
