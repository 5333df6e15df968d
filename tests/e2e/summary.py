"""Says at the end of a run what it proved, what of it depends on our model of AWS, and what stays unproven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.proofs import FIGURE, PROVES, UNPROVEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print it, if tests of tests/e2e ran."""
    passed = terminalreporter.stats.get("passed", [])
    proofs = [tuple(value) for name, value in _noted(passed) if name == PROVES]
    if not proofs:
        return
    write = terminalreporter.write_line
    terminalreporter.section("what the emulator showed")
    plain = [claim for claim, model in proofs if not model]
    modelled = [(claim, model) for claim, model in proofs if model]
    write(f"Proven on the emulator ({len(plain)}):")
    for claim in plain:
        write(f"  {claim}")
    write(f"Model of AWS: depends on tests/e2e/harness, no evidence of what AWS does ({len(modelled)}):")
    for claim, model in modelled:
        write(f"  {claim} [{model}]")
    write("Unproven, among others (docs/proven.md and docs/not-proven.md have the rest):")
    for claim in UNPROVEN:
        write(f"  {claim}")
    figures = [str(value) for name, value in _noted(passed) if name == FIGURE]
    if figures:
        write(f"Figures: {'; '.join(figures)}")


def _noted(reports: list[pytest.TestReport]) -> Iterator[tuple[str, tuple[str, str]]]:
    for report in reports:
        if report.when == "call":
            yield from report.user_properties  # type: ignore[misc]
