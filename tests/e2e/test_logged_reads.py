"""The service of examples/logged_reads runs: what it reads is in its own log, by the digests of the audit log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App

from examples.logged_reads.stack import LoggedReadsStack
from secure_ddb.audit_trail.timeline import Wanted, read_timeline
from secure_ddb.audit_trail.verify import Entry, verify
from secure_ddb.synthesis.cdk_cli import context_in_place_of_cli
from tests.e2e.deployment import Deployment
from tests.e2e.stacks import ENVIRONMENT
from tests.e2e.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.emulator import Emulator

STACK = "LoggedReads"
MODEL = "alarms.py, backup_selections.py, global_tables.py, aliases.py, placeholders.py"
pytestmark = pytest.mark.model_of_aws(MODEL)


@dataclass(frozen=True)
class Service:
    """The deployed service."""

    orders: Table

    def resource(self, name: str) -> str:
        """Return the physical id of a resource of the stack by its construct's path."""
        resources = self.orders.deployment.resources(STACK)
        (found,) = (physical for logical, physical in resources.items() if logical[:-8] == name)
        return found

    def call(self, **event: str) -> tuple[dict[str, Any], bool]:
        """Invoke the function; return its answer, and whether it failed."""
        name = self.resource("ShowOrders")
        answer = self.orders.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
        return json.loads(answer["Payload"].read()), "FunctionError" in answer

    def reads(self) -> list[dict[str, Any]]:
        """Return the events of the log of reads."""
        group = self.resource("OrdersReadsLog")
        events: list[dict[str, Any]] = self.orders.client("logs").filter_log_events(logGroupName=group)["events"]
        return events


@pytest.fixture(scope="module")
def service(emulator: Emulator, folder: Path) -> Service:
    """Deploy the stack of `python -m examples.logged_reads`, and write some orders."""
    app = App(context=context_in_place_of_cli(), outdir=str(folder / "logged-reads"))
    LoggedReadsStack(app, STACK, env=ENVIRONMENT)
    deployment = Deployment(emulator, Path(app.synth().directory))
    deployment.deploy(STACK)
    orders = Table(deployment, STACK, "Orders")
    for customer in ("c1", "c2"):
        for record in ("profile", "order#1", "order#2"):
            item = {"pk": {"S": customer}, "sk": {"S": record}, "note": {"S": "secret text"}}
            orders.client("dynamodb").put_item(TableName=orders.name, Item=item)
    orders.wait_for_lines(6)
    return Service(orders)


@pytest.mark.proves(
    "What an application reads is in its log before its answer leaves, names items as the audit log does, and verifies"
)
def test_reads_are_logged_by_the_digests_of_changes(
    service: Service, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    answer, failed = service.call(user="u1", customer="c1", order="2")
    assert (answer["order"]["note"], failed) == ({"S": "secret text"}, False)
    assert service.call(user="u2", customer="c2") == ({"orders": 2}, False)

    changes = {line["event_id"]: line["key"] for line in map(json.loads, service.orders.lines())}
    lines = [json.loads(event["message"]) for event in service.reads()]
    assert [(line["on_behalf_of"], line["action"], line["items"]) for line in lines] == [
        ("u1", "GetItem", 1),
        ("u2", "GetItem", 1),
        ("u2", "Query", 2),
    ]
    read = {digest for line in lines for digest in line["item_keys"]}
    assert len(read) == 4
    assert read <= set(changes.values())
    # The emulator knows of no session that a function runs as.
    assert all(line["principal"].startswith("arn:aws:") for line in lines)
    exported = json.dumps({"events": service.reads()})
    assert "secret text" not in exported

    report = verify(Entry(event["message"], stream=event["logStreamName"]) for event in service.reads())
    assert (report.intact, report.reads) == (True, 3)
    (tmp_path / "reads.json").write_text(exported, encoding="utf-8")
    (tmp_path / "changes.json").write_text(json.dumps({"events": service.orders.log_events()}), encoding="utf-8")
    found = read_timeline([tmp_path], Wanted(digests=frozenset(lines[0]["item_keys"])))
    assert [event.action for event in found] == ["INSERT", "read by GetItem"]
    record_property("figure", f"{len(lines)} reads of {len(read)} items by digests of the audit log")


@pytest.mark.proves("An application that cannot log a read does not get what it has read")
def test_a_read_that_cannot_be_logged_fails(service: Service) -> None:
    assert not service.call(user="u1", customer="c1", order="1")[1]
    logs, group = service.orders.client("logs"), service.resource("OrdersReadsLog")
    logs.delete_log_group(logGroupName=group)
    answer, failed = service.call(user="u1", customer="c1", order="1")
    assert (f"a read of the table {service.orders.name} was not logged" in answer["errorMessage"], failed) == (
        True,
        True,
    )
    assert "secret text" not in json.dumps(answer)
    logs.create_log_group(logGroupName=group)
    assert not service.call(user="u1", customer="c1", order="1")[1]
