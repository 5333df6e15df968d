"""The example of the runbooks: the responders' role, which is not of the app, may start them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import Environment

from examples.containment import ContainmentStack
from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.model import Status
from secure_ddb.synthesis import checked_app
from tests.template import Template

if TYPE_CHECKING:
    import pytest


# This library's rules, and those of cdk-nag.
PACKS = 7


def test_example_passes_all_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_OUTDIR", str(tmp_path))
    monkeypatch.chdir(Path(__file__).parents[2])
    app = checked_app()
    ContainmentStack(app, "Contained", env=Environment(account="111122223333", region="eu-central-1"))
    assembly = app.synth()
    evidence = collect(Path(assembly.directory))
    assert len([pack for pack in evidence.packs if pack.ran]) == PACKS
    assert [each for each in evidence.results if each.status is Status.NOT_MET] == []
    template = Template(assembly.get_stack_by_name("Contained").template)
    policy = template.properties("AWS::IAM::ManagedPolicy", "ContainmentStartPolicy")
    assert policy["Roles"] == ["incident-responders"]
