"""The README's first example has no finding in any pack, without a waiver of its own."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

from secure_ddb.evidence.collect import collect, open_results
from secure_ddb.evidence.standing import Standing, standing_of
from secure_ddb.synthesis import checked_app

if TYPE_CHECKING:
    import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "quickstart.py"


def test_it_has_no_finding_in_any_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CDK_OUTDIR", str(tmp_path / "cdk.out"))
    program = ast.parse(EXAMPLE.read_text(encoding="utf-8"))
    made = [each for each in program.body if ast.unparse(each).startswith("app = App(")]
    assert len(made) == 1
    # The same program, with an app that is checked by all packs.
    program.body[program.body.index(made[0])] = ast.parse("app = checked_app()").body[0]
    exec(compile(program, str(EXAMPLE), "exec"), {"checked_app": checked_app})  # noqa: S102 - a file of ours

    evidence = collect(tmp_path / "cdk.out")
    assert open_results(evidence) == []
    assert [pack.name for pack in evidence.packs if pack.ran][1:7] == PACKS
    redrive = [each for each in evidence.results if each.rule == "Serverless-SNSRedrivePolicy"]
    assert [standing_of(each) for each in redrive] == [Standing.BY_DESIGN]


PACKS = ["AwsSolutions", "HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321", "Serverless"]
