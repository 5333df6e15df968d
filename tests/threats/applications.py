"""Where threat models are: one of the table, and one in the folder of each application."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tests.threats.model import ROOT, ThreatModel, read

EXAMPLES = ROOT / "examples"
FILE = "threats.toml"
TABLE = Path(__file__).parent / "table.toml"
# Folders of examples that can be run and have no threat model, and why.
WITHOUT = {
    "game_day": "It triggers detections in a sandbox account and serves nobody.",
    "sandbox": "It tries a table in an account that holds nothing of value, and deletes everything.",
}


@cache
def models() -> tuple[ThreatModel, ...]:
    """Return all threat models, the table's first."""
    files = sorted(EXAMPLES.glob(f"*/{FILE}"))
    table = [read(TABLE, "table")] if TABLE.exists() else []
    return *table, *(read(file, file.parent.name) for file in files)


def runnable() -> set[str]:
    """Return the folders of examples that can be run."""
    return {file.parent.name for file in EXAMPLES.glob("*/__main__.py")}
