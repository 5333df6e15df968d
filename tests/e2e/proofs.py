"""What the tests of tests/e2e prove, read from their marks: for the summary of a run and for docs/proven.md."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pytest

PROVES, MODEL, FIGURE = "proves", "model_of_aws", "figure"
HERE = Path(__file__).parent

# What no test here can show, because the emulator does not do it and the model does not pretend to.
UNPROVEN = (
    "What policies decide by written attributes, partition keys, MFA or networks, or of services; see tests/policies",
    "Encryption: the emulator records which key is named, and encrypts nothing",
    "What CloudFormation and the services refuse, and what they need of the deployment role",
    "How Lambda repeats, splits and gives up batches: the emulator does nothing of it, and the model does what we read",
    "Metrics and their alarms, but for two that the model counts; backup jobs and vault locks; when items expire",
    "The handler on Python 3.14 in AWS Lambda: it runs on the Python that runs the tests",
)


class Proof(NamedTuple):
    """What one test proves.

    Attributes:
        claim: What is shown when it passes.
        model: What of it our model of AWS supplies; empty if nothing.
    """

    claim: str
    model: str


def proof_of(marks: Iterable[pytest.Mark]) -> Proof | None:
    """Return what a test with these marks proves."""
    # The closest mark counts: first those of a case, then those of its test and of its file.
    by_name = {mark.name: mark for mark in reversed(list(marks))}
    if PROVES not in by_name:
        return None
    model = by_name[MODEL].args[0] if MODEL in by_name else ""
    return Proof(by_name[PROVES].args[0], model)


def noted(item: pytest.Item) -> list[tuple[str, object]]:
    """Return what a test's result says of it, so that it reaches the summary from each process of a run."""
    proof = proof_of(item.iter_markers())
    return [(PROVES, tuple(proof))] if proof else []


def all_proofs() -> dict[str, list[Proof]]:
    """Return what the tests prove, by the first line of their file's docstring."""
    found: dict[str, list[Proof]] = {}
    for file in sorted(HERE.glob("test_*.py")):
        module = import_module(f"tests.e2e.{file.stem}")
        of_file = getattr(module, "pytestmark", [])
        proofs = list(_proofs_in(vars(module).values(), of_file if isinstance(of_file, list) else [of_file]))
        if proofs:
            found[(module.__doc__ or "").partition("\n")[0]] = proofs
    return found


def _proofs_in(values: Iterable[object], of_file: list[pytest.MarkDecorator]) -> Iterator[Proof]:
    for value in values:
        marks: list[pytest.Mark] = getattr(value, "pytestmark", [])
        for case in _cases(marks) if callable(value) else ():
            proof = proof_of([*case, *(each.mark for each in of_file)])
            if proof:
                yield proof


def _cases(marks: list[pytest.Mark]) -> Iterator[list[pytest.Mark]]:
    """Yield the marks of each case of a parametrized test, or those of the test."""
    rest = [mark for mark in marks if mark.name != "parametrize"]
    parametrized = [mark for mark in marks if mark.name == "parametrize"]
    if not parametrized:
        yield rest
    for mark in parametrized:
        for case in mark.args[1]:
            yield [*(each.mark for each in getattr(case, "marks", ())), *rest]
