"""The trails that `secure-ddb audit verify` is measured on are whole, and of lines that the audit function writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.audit_trails import batches
from benchmarks.audit_verify import TRAILS
from secure_ddb.audit_trail.verify import find_files, verify
from secure_ddb.audit_trail.verify.sources import read_files

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", TRAILS)
def test_a_trail_is_whole(tmp_path: Path, name: str) -> None:
    trail = TRAILS[name]
    trail.write(batches(500, trail.batch, trail.tables, trail.clear), tmp_path)
    report = verify(read_files(find_files([tmp_path])), from_beginning=True)
    assert report.intact
    assert (report.records, report.batches) == (500, 500 // trail.batch)
    assert set(report.tables) == set(trail.tables)
