"""Writes docs/controls.md, the control catalogue for reading: `python -m tests.evidence.controls_page`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from secure_ddb.evidence.catalogue.load import load_catalogues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.evidence.catalogue.load import Catalogue, Control

PAGE = Path(__file__).parents[2] / "docs" / "controls.md"
INTRODUCTION = """# Controls

Which rules serve which control, and what a person must show where rules cannot. Written by `make snapshots` from
[the data files](../secure_ddb/evidence/catalogue); [the reasons](decisions/control-catalogue.md) are elsewhere.

Rules serve a control on every resource that they look at, or on the types that
stand with them. A control that names no rule is never shown by a synth alone. One that
names a rule and something to show needs both."""
COLUMNS = ("Control", "Demands", "Rules", "cdk-nag", "What a person must show")


def page() -> str:
    """Return the page in Markdown."""
    return "\n".join([INTRODUCTION, *(line for each in load_catalogues() for line in _section(each))]) + "\n"


def _section(catalogue: Catalogue) -> Iterator[str]:
    yield f"\n## {catalogue.name} {catalogue.version}".rstrip() + "\n"
    yield f"{_counted(catalogue)} [Source]({catalogue.source})\n"
    for row in (COLUMNS, ("---",) * len(COLUMNS), *map(_row, catalogue.controls)):
        yield f"| {' | '.join(row)} |"


def _counted(catalogue: Catalogue) -> str:
    controls = catalogue.controls
    by_rules = sum(bool(control.rules) for control in controls)
    manual = sum(bool(control.manual) for control in controls)
    return f"{len(controls)} controls: {by_rules} with rules of this library, {manual} with what a person must show."


def _row(control: Control) -> tuple[str, ...]:
    return (
        f"[{control.id}]({control.source})",
        control.title,
        ", ".join(control.rules) + _on(control.resource_types),
        ", ".join(control.cdk_nag),
        control.manual,
    )


def _on(resource_types: tuple[str, ...]) -> str:
    return f" on {', '.join(resource_types)}" if resource_types else ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
