"""Tables that share an audit function are logged each by its own settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType

from secure_ddb import AuditSettings, DeliverySettings, Ownership, SecureTable, SharedResources
from secure_ddb.synthesis.cdk_cli import context_in_place_of_cli
from tests.e2e.deployment import Deployment
from tests.e2e.stacks import ENVIRONMENT
from tests.e2e.table import Table

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.emulator import Emulator

MODEL = "alarms.py, aliases.py, backup_selections.py, global_tables.py, platform_logs.py"
pytestmark = pytest.mark.model_of_aws(MODEL)
OWNER = Ownership(owner="orders@example.com", cost_center="CC-1042", application="orders", environment="prod")
SETTINGS = {
    "Open": AuditSettings(clear_attributes=["status"], delivery=DeliverySettings(batch_size=10, retries=20)),
    "Closed": None,
}


@pytest.fixture(scope="module")
def tables(emulator: Emulator, folder: Path) -> dict[str, Table]:
    """Return two tables of one stack, and `Shared`, whose log has the lines of both."""
    app = App(context=context_in_place_of_cli(), outdir=str(folder / "sharing-settings"))
    stack = Stack(app, "Settings", env=ENVIRONMENT)
    shared = SharedResources(stack, "Shared", ownership=OWNER)
    key = Attribute(name="pk", type=AttributeType.STRING)
    for name, audit in SETTINGS.items():
        SecureTable(stack, name, partition_key=key, ownership=OWNER, audit=audit, shared_resources=shared)
    app.synth()
    deployment = Deployment(emulator, folder / "sharing-settings")
    deployment.deploy("Settings")
    return {name: Table(deployment, "Settings", name) for name in (*SETTINGS, "Shared")}


@pytest.mark.proves("A shared function shows attributes in clear for the table that chose it, and for no other")
def test_attributes_are_shown_for_the_table_that_chose_it(tables: dict[str, Table]) -> None:
    for name in SETTINGS:
        item = {"pk": {"S": "customer"}, "status": {"S": f"{name} status"}, "note": {"S": "secret"}}
        tables[name].client("dynamodb").put_item(TableName=tables[name].name, Item=item)
    lines = {line["table"]: line for line in map(json.loads, tables["Shared"].wait_for_lines(2))}
    assert lines[tables["Open"].name]["clear"] == {"status": [None, {"S": "Open status"}]}
    assert "clear" not in lines[tables["Closed"].name]
    assert "secret" not in json.dumps(lines)


@pytest.mark.proves("Each table's mapping has the batch size and retries of the table that shares the function")
def test_mapping_has_the_delivery_settings_of_its_table(tables: dict[str, Table]) -> None:
    client = tables["Shared"].client("lambda")
    found = {
        name: client.get_event_source_mapping(UUID=tables[name].resource("AuditEventSource"))["BatchSize"]
        for name in SETTINGS
    }
    assert found == {"Open": 10, "Closed": 100}
