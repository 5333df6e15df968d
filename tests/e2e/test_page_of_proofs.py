"""docs/proven.md shows what the tests of today prove."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.page import PAGE, page
from tests.e2e.proofs import all_proofs, proof_of

if TYPE_CHECKING:
    import pytest

HERE = Path(__file__).parent


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.e2e.page, and read the difference"


def test_the_page_has_what_a_run_collects(request: pytest.FixtureRequest) -> None:
    # Of the files of which this run has tests; a run of one test may lack the others.
    here = [item for item in request.session.items if item.path.parent == HERE]
    of_run = {proof for item in here if (proof := proof_of(item.iter_markers()))}
    assert of_run <= {proof for proofs in all_proofs().values() for proof in proofs}


def test_what_depends_on_the_model_names_its_files() -> None:
    files = {file.name for file in (HERE / "harness").glob("*.py")}
    for proofs in all_proofs().values():
        for proof in proofs:
            assert not proof.model or set(proof.model.split(", ")) <= files, proof.claim
