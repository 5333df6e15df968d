"""The files that evidence is written to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.evidence.page import page
from secure_ddb.evidence.sarif import sarif
from secure_ddb.evidence.write_csv import to_csv
from secure_ddb.evidence.write_json import to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from secure_ddb.evidence.model import Evidence

WRITERS: Mapping[str, Callable[[Evidence], str]] = {
    "evidence.html": page,
    "evidence.json": to_json,
    "evidence.csv": to_csv,
    "evidence.sarif": sarif,
}


def write_evidence(evidence: Evidence, directory: Path) -> list[Path]:
    """Write each file into a directory, over one that is there, and return their paths."""
    paths = []
    for name, text_of in WRITERS.items():
        path = directory / name
        path.write_text(text_of(evidence), encoding="utf-8", newline="")
        paths.append(path)
    return paths
