"""A table in two Regions: the stack of the other Region is deployed first, by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack

from secure_ddb import ReplicaSettings
from secure_ddb.synthesis.cdk_cli import context_in_place_of_cli
from tests.e2e.deployment import Deployment, bootstrap
from tests.e2e.stacks import ENVIRONMENT
from tests.e2e.table import Table
from tests.orders import orders

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.emulator import Emulator

MODEL = "alarms.py, aliases.py, backup_selections.py, global_tables.py, platform_logs.py"
pytestmark = pytest.mark.model_of_aws(MODEL)
WEST = "eu-west-1"


@pytest.fixture(scope="module")
def deployed(emulator: Emulator, folder: Path) -> tuple[Table, Deployment]:
    """Return the table, and the deployment of its other Region."""
    app = App(context=context_in_place_of_cli(), outdir=str(folder / "regions"))
    orders(Stack(app, "Regions", env=ENVIRONMENT), replicas=[ReplicaSettings(WEST)])
    app.synth()
    there = emulator.in_region(WEST)
    bootstrap(there)
    west = Deployment(there, folder / "regions")
    west.deploy(f"Regions-{WEST}")
    here = Deployment(emulator, folder / "regions")
    here.deploy("Regions")
    return Table(here, "Regions"), west


@pytest.mark.proves(
    "The stack of a further Region is deployed before the table, and makes the key that the table names"
)
def test_the_key_that_the_table_names_is_in_the_other_region(deployed: tuple[Table, Deployment]) -> None:
    table, west = deployed
    template = table.deployment.template("Regions")
    (properties,) = (
        each["Properties"] for each in template["Resources"].values() if each["Type"] == "AWS::DynamoDB::GlobalTable"
    )
    (replica,) = (each for each in properties["Replicas"] if each["Region"] == WEST)
    named: str = replica["SSESpecification"]["KMSMasterKeyId"]
    alias = named[named.index("alias/") :]
    aliases: list[dict[str, Any]] = west.emulator.client("kms").list_aliases()["Aliases"]
    assert [each["AliasName"] for each in aliases] == [alias]
    key = west.emulator.client("kms").describe_key(KeyId=alias)["KeyMetadata"]
    assert key["Arn"].startswith(f"arn:aws:kms:{WEST}:")


@pytest.mark.proves("Alarms and backups of a further Region are made there, for the table's name")
def test_alarms_and_backups_are_in_the_other_region(deployed: tuple[Table, Deployment]) -> None:
    table, west = deployed
    alarms = west.emulator.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert len(alarms) == 6
    named = {
        dimension["Value"]
        for alarm in alarms
        for metric in alarm.get("Metrics", ())
        for dimension in metric.get("MetricStat", {}).get("Metric", {}).get("Dimensions", ())
        if dimension["Name"] == "TableName"
    }
    assert named == {table.name}
    assert len(west.emulator.client("backup").list_backup_vaults()["BackupVaultList"]) == 1
