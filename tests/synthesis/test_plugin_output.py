"""What CDK prints of the plugin alone, in CDK's own form, is short where nothing is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.synthesis.runs import run

if TYPE_CHECKING:
    from pathlib import Path

# Each table has three facts that a person shows: its key material, its readers, and who gets its alarms.
LONGEST = 52
APP = """
import os

from aws_cdk import App, Environment, Stack, Validations
from aws_cdk.aws_dynamodb import Attribute, AttributeType

from secure_ddb import Ownership, SecureTable
from secure_ddb.judging.plugin import SecureDdbChecks

app = App(outdir=os.environ["CDK_OUTDIR"])
Validations.of(app).add_plugins(SecureDdbChecks())
stack = Stack(app, "Orders", env=Environment(region="eu-central-1"))
owned = Ownership(owner="a@example.com", cost_center="CC-1", application="orders", environment="prod")
for number in range(3):
    SecureTable(
        stack,
        f"Orders{number}",
        partition_key=Attribute(name="pk", type=AttributeType.STRING),
        ownership=owned,
    )
app.synth()
"""


def test_three_tables_without_findings_are_at_most_40_lines(tmp_path: Path) -> None:
    script = tmp_path / "app.py"
    script.write_text(APP, encoding="utf-8")
    synthesized = run(script, tmp_path, tmp_path / "cdk.out", CDK_VALIDATION="false")
    assert synthesized.status == 0, synthesized.errors
    printed = (synthesized.output + synthesized.errors).splitlines()
    assert 0 < len(printed) <= LONGEST
    assert not [line for line in printed if line.startswith("ERROR")]
