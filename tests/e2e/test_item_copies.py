"""Items that expire are kept in a bucket, and the function that exports tables runs."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration

from secure_ddb import ExpiredItems, TableExports
from tests.e2e.deployment import Deployment
from tests.e2e.stacks import assembly
from tests.e2e.table import Table
from tests.orders import OWNERSHIP, orders

if TYPE_CHECKING:
    from pathlib import Path

    from aws_cdk import Stack

    from tests.e2e.emulator import Emulator

STACK = "Copied"
SECONDS = 90


def fill(stack: Stack) -> None:
    table = orders(stack, time_to_live_attribute="expires")
    common: dict[str, Any] = {"tables": {"orders": table}, "retention": Duration.days(30), "ownership": OWNERSHIP}
    ExpiredItems(stack, "Expired", **common)
    TableExports(stack, "Exports", **common)


@pytest.fixture(scope="module")
def copied(emulator: Emulator, folder: Path) -> Table:
    deployment = Deployment(emulator, assembly(folder / "copied", STACK, fill))
    deployment.deploy(STACK)
    return Table(deployment, STACK)


def physical(table: Table, logical: str) -> str:
    found = table.deployment.resources(STACK)
    (name,) = (physical_id for logical_id, physical_id in found.items() if logical_id[:-8] == logical)
    return name


def kept(table: Table) -> list[dict[str, Any]]:
    client, bucket = table.client("s3"), physical(table, "ExpiredBucket")
    listed = client.list_objects_v2(Bucket=bucket, Prefix="orders/expired/").get("Contents", [])
    bodies = [client.get_object(Bucket=bucket, Key=each["Key"])["Body"].read().decode() for each in listed]
    return [json.loads(line) for body in bodies for line in body.splitlines()]


@pytest.mark.model_of_aws("aliases.py, dropped_settings.py, expiry.py, global_tables.py, platform_logs.py")
@pytest.mark.proves("An item that expires is kept as it was, and one that is deleted is not")
def test_expired_items_are_kept(copied: Table) -> None:
    client = copied.client("dynamodb")
    deleted = {"pk": {"S": "deleted"}, "amount": {"N": "1"}}
    client.put_item(TableName=copied.name, Item=deleted)
    client.delete_item(TableName=copied.name, Key={"pk": {"S": "deleted"}})
    expired = {"pk": {"S": "expired"}, "amount": {"N": "2"}, "expires": {"N": str(int(time.time()) - 1)}}
    client.put_item(TableName=copied.name, Item=expired)
    end = time.monotonic() + SECONDS
    while not (lines := kept(copied)) and time.monotonic() < end:
        time.sleep(1)
    assert [line["Item"] for line in lines] == [expired]


@pytest.mark.model_of_aws("aliases.py, dropped_settings.py, global_tables.py, platform_logs.py")
@pytest.mark.proves("The function that exports tables runs as deployed; for a new table nothing is due yet")
def test_the_export_function_runs(copied: Table) -> None:
    answer = copied.client("lambda").invoke(FunctionName=physical(copied, "ExportsFunction"), Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()
    assert json.loads(answer["Payload"].read()) == {"tables": 1}
