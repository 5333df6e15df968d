"""The example of copies and restore tests passes all packs, and its plan copies to its vault."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import Environment

from examples.recovery import CopiesStack, RecoveryStack
from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.model import Status
from secure_ddb.synthesis import checked_app

if TYPE_CHECKING:
    import pytest

# This library's rules, and those of cdk-nag.
PACKS = 7


def test_example_passes_all_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_OUTDIR", str(tmp_path))
    monkeypatch.chdir(Path(__file__).parents[2])
    app = checked_app()
    copies = CopiesStack(app, "Copies", env=Environment(account="444455556666", region="eu-west-1"))
    RecoveryStack(app, "Recovery", copies=copies.copies, env=Environment(account="111122223333", region="eu-central-1"))
    assembly = app.synth()
    evidence = collect(Path(assembly.directory))
    assert len([pack for pack in evidence.packs if pack.ran]) == PACKS
    assert [
        (each.rule, each.construct, each.detail) for each in evidence.results if each.status is Status.NOT_MET
    ] == []
    met = {
        each.rule for each in evidence.results if each.status is Status.MET and each.construct.startswith("Recovery")
    }
    assert {"SecureDdb-BAK14", "SecureDdb-BAK15", "SecureDdb-BAK16"} <= met
    # The vault in the other account is judged by its own stack, because the plan copies to it.
    vault = {
        each.rule for each in evidence.results if each.status is Status.MET and each.construct.startswith("Copies/")
    }
    assert {"SecureDdb-BAK7", "SecureDdb-BAK8", "SecureDdb-BAK9", "SecureDdb-BAK11"} <= vault
    (table,) = evidence.tables
    assert table.settings["backup.copies[0]"].startswith("monthly recovery points to arn:aws:backup:eu-west-1:")
