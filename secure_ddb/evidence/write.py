"""The files that evidence is written to."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from secure_ddb.evidence.page import page
from secure_ddb.evidence.sarif import sarif
from secure_ddb.evidence.write_csv import to_csv
from secure_ddb.evidence.write_json import to_json
from secure_ddb.rules.pack import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from secure_ddb.evidence.model import Evidence
    from secure_ddb.rules.rule import Rule

WRITERS: Mapping[str, Callable[[Evidence, Sequence[Rule]], str]] = {
    "evidence.html": lambda evidence, _: page(evidence),
    "evidence.json": lambda evidence, _: to_json(evidence),
    "evidence.csv": lambda evidence, _: to_csv(evidence),
    "evidence.sarif": sarif,
}


def write_evidence(evidence: Evidence, directory: Path, rules: Sequence[Rule] = RULES) -> list[Path]:
    """Write each file into a directory, over one that is there, and return their paths.

    All are written aside first, so that none is replaced if one of them cannot be written.

    Raises:
        OSError: One of them cannot be written.
    """
    paths = [directory / name for name in WRITERS]
    for path in paths:
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a directory")
    with TemporaryDirectory(prefix=".evidence-", dir=directory) as aside:
        for path, text_of in zip(paths, WRITERS.values(), strict=True):
            (Path(aside) / path.name).write_text(text_of(evidence, rules), encoding="utf-8", newline="")
        for path in paths:
            (Path(aside) / path.name).replace(path)
    return paths
