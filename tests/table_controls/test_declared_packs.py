"""Every pack and cfn-lint have nothing to say of `TableControls`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aws_cdk import Stack
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.model import Status
from secure_ddb.synthesis import checked_app
from tests.orders import INSIDE
from tests.refusals import HERE
from tests.synthesis.runs import CHECKOUT
from tests.synthesized import synthesized
from tests.table_controls.declared import controls, table_of_app, table_of_terraform

if TYPE_CHECKING:
    from collections.abc import Callable

PACKS = 7


def of_app(stack: Stack) -> None:
    controls(stack, table_of_app(stack), perimeter=INSIDE)


def of_terraform(stack: Stack) -> None:
    controls(stack, table_of_terraform(stack), perimeter=INSIDE)


# Each in an app of its own: two pairs of controls around tables of one name would be around one table.
@pytest.mark.parametrize("fill", [of_app, of_terraform])
def test_no_pack_has_a_finding(fill: Callable[[Stack], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_OUTDIR", str(tmp_path))
    monkeypatch.chdir(CHECKOUT)
    app = checked_app()
    fill(Stack(app, "Test", env=HERE))
    app.synth()
    evidence = collect(Path(tmp_path))
    assert sum(pack.succeeded for pack in evidence.packs) == PACKS
    found = [(each.rule, each.construct) for each in evidence.results if each.status is Status.NOT_MET]
    assert found == []


@pytest.mark.parametrize("fill", [of_app, of_terraform])
def test_cfn_lint_has_no_finding(fill: Callable[[Stack], None]) -> None:
    body = json.dumps(synthesized(fill).body)
    assert [match.message for match in lint(body, config=ManualArgs(regions=["eu-central-1"]))] == []
