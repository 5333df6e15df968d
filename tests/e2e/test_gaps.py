"""Promises that depend on our model of AWS, because the emulator's CloudFormation drops or refuses them."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from tests.e2e.deployment import Deployment, ended
from tests.e2e.gaps import GAPS, Gap
from tests.e2e.stacks import assembly
from tests.e2e.table import Table
from tests.orders import orders

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.emulator import Emulator

DROPPED = [gap for gap in GAPS if not gap.refused]
REFUSED = [gap for gap in GAPS if gap.refused]
CLOSED = "passes once upstream has closed the gap: then remove it, and what supplies it"


@pytest.fixture(scope="module")
def bare_table(bare: Emulator, reference: Path, folder: Path) -> Table:
    """Return the minimal table as the bare emulator makes it, without the resources that it refuses."""
    changed = folder / "bare"
    shutil.copytree(reference, changed)
    template = json.loads((reference / "Minimal.template.json").read_text(encoding="utf-8"))
    template["Resources"] = {
        name: resource
        for name, resource in template["Resources"].items()
        if resource["Type"] != "AWS::Backup::BackupSelection" and "Metrics" not in resource.get("Properties", {})
    }
    (changed / "Minimal.template.json").write_text(json.dumps(template), encoding="utf-8")
    deployment = Deployment(bare, changed)
    deployment.deploy("Minimal")
    return Table(deployment, "Minimal")


@pytest.fixture(scope="module")
def modelled_table(emulator: Emulator, folder: Path) -> Table:
    """Return a table of its own, as one of the changes cannot be logged."""
    deployment = Deployment(emulator, assembly(folder / "modelled", "Modelled", orders))
    deployment.deploy("Modelled")
    return Table(deployment, "Modelled")


@pytest.mark.xfail(raises=(AssertionError, ClientError), reason=CLOSED)
@pytest.mark.parametrize("gap", DROPPED, ids=lambda gap: gap.claim)
def test_the_bare_emulator_does_it(bare_table: Table, gap: Gap) -> None:
    gap.check(bare_table)


@pytest.mark.xfail(raises=(AssertionError, ClientError), reason=CLOSED)
@pytest.mark.parametrize("gap", REFUSED, ids=lambda gap: gap.claim)
def test_the_bare_emulator_takes_it(bare: Emulator, gap: Gap) -> None:
    client = bare.client("cloudformation")
    template = json.dumps({"Resources": {"Refused": gap.refused}})
    stack = client.create_stack(StackName=f"Refused{REFUSED.index(gap)}", TemplateBody=template)["StackId"]
    assert ended(client, stack)["StackStatus"] == "CREATE_COMPLETE"


@pytest.mark.parametrize(
    "gap",
    [
        pytest.param(
            gap, id=gap.claim, marks=[pytest.mark.proves(gap.claim), pytest.mark.model_of_aws(gap.supplied_by)]
        )
        for gap in GAPS
        if gap.supplied_by
    ],
)
def test_the_model_supplies_it(modelled_table: Table, gap: Gap) -> None:
    gap.check(modelled_table)
