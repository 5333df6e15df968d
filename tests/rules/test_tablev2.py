"""No false alarm on what CDK's own README shows, beyond what each of its examples really lacks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Stage

from secure_ddb.judging.judge import judge
from secure_ddb.judging.reading import read_templates
from secure_ddb.rules.rule import Verdict
from tests.rules.tablev2 import EXAMPLES

if TYPE_CHECKING:
    from secure_ddb.judging.judge import Judged


@pytest.fixture(scope="module")
def judged() -> dict[str, list[Judged]]:
    """Synthesize all examples at once, each in a stage of its own."""
    app = App()
    stages = {name: Stage(app, f"Example{number}") for number, name in enumerate(EXAMPLES)}
    for name, stage in stages.items():
        EXAMPLES[name].make(stage)
    assembly = app.synth()
    found = {}
    for name, stage in stages.items():
        stacks = assembly.get_nested_assembly(stage.artifact_id).stacks
        found[name] = judge(read_templates(Path(stack.template_full_path) for stack in stacks))
    return found


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_found_to_lack_what_it_lacks_and_nothing_else(name: str, judged: dict[str, list[Judged]]) -> None:
    not_met = {rule.id for rule, judgement in judged[name] if judgement.verdict is Verdict.NOT_MET}
    assert {rule.removeprefix("SecureDdb-") for rule in not_met} == EXAMPLES[name].lacks
