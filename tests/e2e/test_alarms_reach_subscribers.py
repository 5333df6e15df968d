"""An alarm that changes its state reaches whoever has subscribed to the alarm topic."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.deployment import Deployment
from tests.e2e.stacks import assembly
from tests.e2e.table import Table
from tests.orders import orders

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.emulator import Emulator

SECONDS = 60


@pytest.fixture(scope="module")
def table(emulator: Emulator, folder: Path) -> Table:
    """Return a table of its own, whose alarms nothing else rings."""
    deployment = Deployment(emulator, assembly(folder / "alarmed", "Alarmed", orders))
    deployment.deploy("Alarmed")
    return Table(deployment, "Alarmed")


@pytest.fixture(scope="module")
def next_message(table: Table) -> Callable[[], dict[str, Any]]:
    """Return what waits for the next message to a queue that has subscribed."""
    queues = table.client("sqs")
    queue = queues.create_queue(QueueName="subscriber")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    table.client("sns").subscribe(TopicArn=table.resource("AlarmTopic"), Protocol="sqs", Endpoint=arn)

    def receive() -> dict[str, Any]:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            for message in queues.receive_message(QueueUrl=queue).get("Messages", ()):
                queues.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                sent: dict[str, Any] = json.loads(json.loads(message["Body"])["Message"])
                return sent
            time.sleep(0.1)
        pytest.fail("no message came")

    return receive


def shown(message: dict[str, Any]) -> tuple[str, str, str]:
    return message["AlarmName"], message["NewStateValue"], message["AWSAccountId"]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("UserErrors", marks=pytest.mark.proves("An alarm on one metric reaches a subscriber")),
        pytest.param(
            "Throttles",
            marks=[
                pytest.mark.proves("An alarm on metric math reaches a subscriber"),
                pytest.mark.model_of_aws("alarms.py"),
            ],
        ),
    ],
)
def test_state_that_is_set(table: Table, next_message: Callable[[], dict[str, Any]], name: str) -> None:
    alarm = table.resource(name)
    table.client("cloudwatch").set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a test")
    assert shown(next_message()) == (alarm, "ALARM", "111122223333")


@pytest.mark.model_of_aws("aliases.py, delivery.py, environments.py, mappings.py, metrics.py, platform_logs.py")
@pytest.mark.proves("A subscriber hears of a function that fails, and then of a change in the failure bucket")
def test_failed_change(table: Table, next_message: Callable[[], dict[str, Any]]) -> None:
    table.client("kms").disable_key(KeyId=table.resource("AuditDigestKey"))
    table.client("dynamodb").put_item(TableName=table.name, Item={"pk": {"S": "cannot be logged"}})
    assert shown(next_message()) == (table.resource("AuditErrors"), "ALARM", "111122223333")
    assert shown(next_message()) == (table.resource("AuditFailureDestination"), "ALARM", "111122223333")
