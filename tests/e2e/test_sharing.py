"""Two tables share what a platform team makes once: one function logs the changes of both, and tells them apart."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App

from examples.sharing import PlatformStack, TeamStack
from secure_ddb.audit_trail.verify import Entry, verify
from secure_ddb.synthesis.cdk_cli import context_in_place_of_cli
from tests.e2e.deployment import Deployment
from tests.e2e.stacks import ENVIRONMENT
from tests.e2e.table import Table

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.emulator import Emulator

MODEL = "alarms.py, aliases.py, backup_selections.py, global_tables.py, platform_logs.py"
pytestmark = pytest.mark.model_of_aws(MODEL)
TEAMS = ("Orders", "Carts")


@dataclass(frozen=True)
class SharingTable(Table):
    """A table whose changes a shared function logs."""

    id: str = "Table"

    def resource(self, name: str) -> str:
        """Return the physical id of a resource of the table, or of what it shares, by its construct id."""
        if name.startswith("Audit") and name != "AuditEventSource":
            return Table(self.deployment, "Platform", "Shared").resource(name)
        # CDK leaves out what stands twice in a path.
        return Table(self.deployment, self.stack, "").resource("Table") if name == "Table" else super().resource(name)


@pytest.fixture(scope="module")
def tables(emulator: Emulator, folder: Path) -> list[SharingTable]:
    """Return the tables of two teams, deployed one after another."""
    app = App(context=context_in_place_of_cli(), outdir=str(folder / "sharing"))
    platform = PlatformStack(app, "Platform", env=ENVIRONMENT)
    for team in TEAMS:
        TeamStack(app, team, shared=platform.shared, env=ENVIRONMENT)
    app.synth()
    deployment = Deployment(emulator, folder / "sharing")
    for stack in ("Platform", *TEAMS):
        deployment.deploy(stack)
    return [SharingTable(deployment, team) for team in TEAMS]


@pytest.mark.proves("One function logs the changes of two tables of other stacks, each line with its table")
def test_one_function_logs_the_changes_of_both_tables(tables: list[SharingTable]) -> None:
    for table in tables:
        for number in range(20):
            table.client("dynamodb").put_item(TableName=table.name, Item={"pk": {"S": f"customer-{number}"}})
    lines = [json.loads(line) for line in tables[0].wait_for_lines(40)]
    assert len(lines) == 40
    digests = {table.name: {line["key"] for line in lines if line["table"] == table.name} for table in tables}
    assert [len(each) for each in digests.values()] == [20, 20]
    # The same keys in both tables.
    assert not set.intersection(*digests.values())


@pytest.mark.proves("`audit verify` finds the trail of each table intact in the log that they share")
def test_each_table_s_trail_is_intact_in_the_shared_log(tables: list[SharingTable]) -> None:
    events = tables[0].log_events()
    entries = [Entry(each["message"].rstrip("\n"), "log", stream=each["logStreamName"]) for each in events]
    for table in tables:
        report = verify(entries, table=table.name, from_beginning=True)
        assert report.intact, report.findings
        assert (report.records, report.other_tables) == (20, 20)


@pytest.mark.proves("Each table's mapping keeps what cannot be logged in the shared bucket")
def test_failed_changes_of_each_table_have_a_prefix_of_their_own(tables: list[SharingTable]) -> None:
    client = tables[0].client("lambda")
    mappings = [client.get_event_source_mapping(UUID=table.resource("AuditEventSource")) for table in tables]
    destinations = {each["DestinationConfig"]["OnFailure"]["Destination"] for each in mappings}
    assert len(destinations) == 1
    assert len({each["UUID"] for each in mappings}) == len({each["EventSourceArn"] for each in mappings}) == 2
    assert len({each["FunctionArn"] for each in mappings}) == 1
