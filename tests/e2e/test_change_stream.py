"""The stack of examples/change_stream runs: changes go through Kinesis to a function, and into the audit trail."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App

from examples.change_stream.stack import ChangeStreamStack
from secure_ddb.synthesis.cdk_cli import context_in_place_of_cli
from tests.e2e.deployment import Deployment
from tests.e2e.stacks import ENVIRONMENT
from tests.e2e.table import Table

if TYPE_CHECKING:
    from tests.e2e.emulator import Emulator

STACK = "ChangeStream"
MODEL = "alarms.py, backup_selections.py, global_tables.py, aliases.py"
pytestmark = pytest.mark.model_of_aws(MODEL)
_SECONDS = 30


@pytest.mark.proves(
    "Each change reaches a function through the Kinesis stream, and the audit log through the own stream"
)
def test_changes_go_both_ways(emulator: Emulator, folder: Path) -> None:
    app = App(context=context_in_place_of_cli(), outdir=str(folder / "change-stream"))
    ChangeStreamStack(app, STACK, env=ENVIRONMENT)
    deployment = Deployment(emulator, Path(app.synth().directory))
    deployment.deploy(STACK)
    orders = Table(deployment, STACK, "Orders")
    resources = {logical[:-8]: physical for logical, physical in deployment.resources(STACK).items()}
    stream = orders.client("kinesis").describe_stream_summary(StreamName=resources["OrdersChangesStream"])
    summary: dict[str, Any] = stream["StreamDescriptionSummary"]
    assert summary["RetentionPeriodHours"] == 72
    (destination,) = orders.client("dynamodb").describe_kinesis_streaming_destination(TableName=orders.name)[
        "KinesisDataStreamDestinations"
    ]
    assert (destination["StreamArn"], destination["DestinationStatus"]) == (summary["StreamARN"], "ACTIVE")
    for number in range(10):
        item = {"pk": {"S": f"order-{number % 5}"}, "total": {"N": str(number)}}
        orders.client("dynamodb").put_item(TableName=orders.name, Item=item)
    assert len(orders.wait_for_lines(10)) == 10
    until = time.monotonic() + _SECONDS
    while (followed := _followed(orders, resources["FollowerLog"])) < 10 and time.monotonic() < until:
        time.sleep(0.1)
    assert followed == 10


def _followed(orders: Table, group: str) -> int:
    events = orders.client("logs").filter_log_events(logGroupName=group)["events"]
    texts = [event["message"] for event in events if '"changes"' in event["message"]]
    assert not any("order-" in text for text in texts)
    return sum(json.loads(text[text.index("{") :])["changes"] for text in texts)
