"""The table of examples/loading is loaded from an export, and its audit trail has each item."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App

from examples.loading.loading import Loading
from examples.loading.sources import find_files
from examples.loading.stack import LoadingStack
from examples.loading.table_keys import TableKeys
from secure_ddb.synthesis.cdk_cli import context_in_place_of_cli
from tests.e2e.deployment import Deployment
from tests.e2e.stacks import ENVIRONMENT
from tests.e2e.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.emulator import Emulator

STACK, ITEMS = "Loading", 120
FOLDER = "products/full/day=2026-11-21/at=20261121T000000Z-1/AWSDynamoDB/01234567890123-a1b2c3d4"
# The model makes what CloudFormation of the emulator drops or refuses.
MODEL = "alarms.py, aliases.py, backup_selections.py, dropped_settings.py, global_tables.py, platform_logs.py"


class SharingTable(Table):
    """A table whose audit function is shared."""

    def resource(self, name: str) -> str:
        """Return the physical id of a resource of the table, or of what it shares, by its construct id."""
        if name.startswith("Audit"):
            return Table(self.deployment, self.stack, "Shared").resource(name)
        return super().resource(name)


@pytest.fixture(scope="module")
def deployed(emulator: Emulator, folder: Path) -> Table:
    """Deploy the stack of `python -m examples.loading`."""
    app = App(context=context_in_place_of_cli(), outdir=str(folder / "loading"))
    LoadingStack(app, STACK, issuer="id.example.com", subject="repo:example/catalog", env=ENVIRONMENT)
    deployment = Deployment(emulator, Path(app.synth().directory))
    deployment.deploy(STACK)
    return SharingTable(deployment, STACK, "ByCategory")


def export(table: Table) -> str:
    """Write an export as DynamoDB does; the emulator makes none."""
    resources = table.deployment.resources(STACK)
    (bucket,) = (physical for logical, physical in resources.items() if logical[:-8] == "ExportsBucket")
    items = [{"category": {"S": f"c-{number % 7}"}, "product": {"S": f"p-{number}"}} for number in range(ITEMS)]
    data = gzip.compress("".join(f"{json.dumps({'Item': each})}\n" for each in items).encode())
    files = {
        "manifest-summary.json": json.dumps({"itemCount": ITEMS, "outputFormat": "DYNAMODB_JSON"}).encode(),
        "manifest-files.json": json.dumps({"itemCount": ITEMS, "dataFileS3Key": f"{FOLDER}/data/a.json.gz"}).encode(),
        "data/a.json.gz": data,
    }
    for name, content in files.items():
        table.client("s3").put_object(Bucket=bucket, Key=f"{FOLDER}/{name}", Body=content)
    return f"s3://{bucket}/products/full/"


@pytest.mark.model_of_aws(MODEL)
@pytest.mark.proves("A table is loaded from an export in Amazon S3, and its audit trail has a line for each item")
def test_a_table_is_loaded_from_an_export(deployed: Table, record_property: Callable[[str, object], None]) -> None:
    client = deployed.client("dynamodb")
    files = find_files(export(deployed), deployed.client("s3"))
    loading = Loading(files, client, deployed.name, TableKeys.of(client, deployed.name))
    done: list[int] = []
    assert list(loading.refused()) == []
    assert list(loading.conflicts(done.append)) == []
    loading.write(done.append)
    assert list(loading.differences(done.append)) == []
    assert sum(done) == 3 * ITEMS
    lines = [json.loads(line) for line in deployed.wait_for_lines(ITEMS)]
    loaded = [line for line in lines if line["table"] == deployed.name]
    assert [line["action"] for line in loaded] == ["INSERT"] * ITEMS
    assert len({line["key"] for line in loaded}) == ITEMS
    record_property("figure", f"{ITEMS} items loaded, {len(loaded)} lines")
