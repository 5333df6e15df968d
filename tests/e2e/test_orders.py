"""The order service of examples/orders runs: its items are loaded, its functions are called, its changes are logged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App

from examples.orders.service.orders import Orders
from examples.orders.stack import OrdersStack
from secure_ddb.synthesis.cdk_cli import context_in_place_of_cli
from tests.e2e.deployment import Deployment
from tests.e2e.stacks import ENVIRONMENT
from tests.e2e.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.emulator import Emulator

STACK = "OrderService"
MODEL = "alarms.py, aliases.py, backup_selections.py, global_tables.py, placeholders.py, platform_logs.py"
pytestmark = pytest.mark.model_of_aws(MODEL)

ITEMS = Path("examples/orders/items.json")
MANY = 1_000


@dataclass(frozen=True)
class Service:
    """The deployed order service."""

    table: Table

    def call(self, function: str, action: str, **fields: Any) -> dict[str, Any]:
        """Invoke a function, by its construct id, and return its answer."""
        (name,) = (
            physical_id
            for logical_id, physical_id in self.table.deployment.resources(STACK).items()
            if logical_id.startswith(f"{function}Function")
        )
        payload = json.dumps({"action": action, **fields}).encode()
        answer = self.table.client("lambda").invoke(FunctionName=name, Payload=payload)
        said: dict[str, Any] = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, said
        return said

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a module of Python, with the emulator as AWS."""
        return subprocess.run(
            [sys.executable, "-m", *command],
            env={**os.environ, **self.table.deployment.emulator.environment()},
            capture_output=True,
            check=False,
            encoding="utf-8",
        )

    def load(self, file: Path) -> str:
        """Load a file, and return what the command prints."""
        loaded = self.run("examples.orders.load", str(file), "--table", self.table.name)
        assert loaded.returncode == 0, loaded.stdout + loaded.stderr
        return loaded.stdout

    def credit(self, customer: str) -> str:
        """Return what is left of a customer's credit."""
        key = {"customer": {"S": customer}, "record": {"S": "account"}}
        item = self.table.client("dynamodb").get_item(TableName=self.table.name, Key=key, ConsistentRead=True)["Item"]
        return str(item["credit"]["N"])


@pytest.fixture(scope="module")
def service(emulator: Emulator, folder: Path) -> Service:
    """Deploy the template and assets of `python -m examples.orders`, and load the first items."""
    app = App(context=context_in_place_of_cli(), outdir=str(folder / "orders"))
    OrdersStack(app, STACK, env=ENVIRONMENT)
    deployment = Deployment(emulator, Path(app.synth().directory))
    deployment.deploy(STACK)
    deployed = Service(Table(deployment, STACK))
    assert deployed.load(ITEMS) == "4 items written, 0 were there already\n4 of 4 items verified\n"
    return deployed


def account(service: Service, folder: Path, customer: str, credit: str) -> None:
    """Load a customer of the test's own."""
    file = folder / f"{customer}.json"
    file.write_text(f'[{{"customer": "{customer}", "record": "account", "credit": {credit}}}]', encoding="utf-8")
    service.load(file)


def order(customer: str, **fields: Any) -> dict[str, Any]:
    """Return an order of two pots of tea."""
    lines = [{"sku": "TEA-100", "quantity": 2, "price": "4.95"}]
    return {"customer": customer, "order": "T-1", "email": "anna@example.com", "lines": lines, **fields}


@pytest.mark.proves("`python -m examples.orders.load` loads items from JSON once, and leaves them as they are the next time")
def test_load(service: Service) -> None:
    assert service.load(ITEMS) == "0 items written, 4 were there already\n4 of 4 items verified\n"


@pytest.mark.proves(f"It loads {MANY:,} items by the batch, and finds each of them as in the file")
def test_load_of_many(service: Service, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    file = tmp_path / "many.json"
    items = [{"customer": f"M-{number}", "record": "account", "credit": number} for number in range(MANY)]
    file.write_text(json.dumps(items), encoding="utf-8")
    before = len(service.table.lines())
    assert f"{MANY:,} of {MANY:,} items verified" in service.load(file)
    assert len(service.table.wait_for_lines(before + MANY)) >= before + MANY


@pytest.mark.proves("A loaded number keeps its digits, and an item that the table has otherwise is not replaced")
def test_load_keeps(service: Service, tmp_path: Path) -> None:
    account(service, tmp_path, "L-1", "0.10000000000000000000000000000000000001")
    assert service.credit("L-1") == "0.10000000000000000000000000000000000001"
    file = tmp_path / "other.json"
    file.write_text('[{"customer": "L-1", "record": "account", "credit": 7}]', encoding="utf-8")
    refused = service.run("examples.orders.load", str(file), "--table", service.table.name)
    assert refused.returncode == 2
    assert "the table has other values for items 0; nothing was written" in refused.stderr


@pytest.mark.proves("An order is placed once, however often it is asked for, and takes its total from the credit once")
def test_place(service: Service, tmp_path: Path) -> None:
    account(service, tmp_path, "P-1", "20")
    placed = service.call("OrderService", "place", **order("P-1"))
    assert (placed["status"], placed["total"]) == ("placed", "9.90")
    assert service.call("OrderService", "place", **order("P-1")) == placed
    assert service.credit("P-1") == "10.1"
    assert service.call("OrderService", "list", customer="P-1") == {"orders": [placed], "has_more": False}


@pytest.mark.proves("An order with the id of another one, beyond the credit, or of an unknown customer changes nothing")
def test_refused_orders(service: Service, tmp_path: Path) -> None:
    account(service, tmp_path, "R-1", "10")
    service.call("OrderService", "place", **order("R-1"))
    refused = {
        "order": order("R-1", email="bob@example.com"),
        "lines": order("R-1", order="T-2"),
        "customer": order("R-9"),
        "email": order("R-1", email="nobody"),
    }
    for field, fields in refused.items():
        assert service.call("OrderService", "place", **fields)["error"]["field"] == field
    assert service.credit("R-1") == "0.1"
    assert len(service.call("OrderService", "list", customer="R-1")["orders"]) == 1


@pytest.mark.proves("The warehouse sees what to pack, without prices and addresses, and takes an order step by step")
def test_warehouse(service: Service, tmp_path: Path) -> None:
    account(service, tmp_path, "W-1", "20")
    service.call("OrderService", "place", **order("W-1"))
    (seen,) = (each for each in service.call("Warehouse", "waiting")["orders"] if each["customer"] == "W-1")
    assert seen.keys() == {"customer", "order", "status", "placed_at", "lines"}
    step = {"customer": "W-1", "order": "T-1"}
    assert service.call("Warehouse", "advance", **step, status="shipped")["error"]["field"] == "order"
    assert service.call("Warehouse", "advance", **step, status="packed")["status"] == "packed"
    assert service.call("OrderService", "cancel", **step)["error"]["field"] == "order"
    assert service.call("Warehouse", "advance", **step, status="shipped")["status"] == "shipped"


@pytest.mark.proves("A cancelled order gives its total back once")
def test_cancel(service: Service, tmp_path: Path) -> None:
    account(service, tmp_path, "X-1", "20")
    service.call("OrderService", "place", **order("X-1"))
    for _ in range(2):
        assert service.call("OrderService", "cancel", customer="X-1", order="T-1")["status"] == "cancelled"
    assert service.credit("X-1") == "20"


@pytest.mark.proves("The customers' role can be assumed with a token of the identity provider, and lists orders")
def test_customer(service: Service) -> None:
    role = service.table.deployment.resources(STACK)
    (name,) = (physical_id for logical_id, physical_id in role.items() if logical_id.startswith("Customer8"))
    arn = service.table.client("iam").get_role(RoleName=name)["Role"]["Arn"]
    assumed = service.table.client("sts").assume_role_with_web_identity(
        RoleArn=arn, RoleSessionName="C-1001", WebIdentityToken="token"
    )
    print(assumed)


@pytest.mark.proves("Its changes are in the audit log, without values, and `secure-ddb audit verify` finds it intact")
def test_audit(service: Service, tmp_path: Path) -> None:
    account(service, tmp_path, "A-1", "20")
    before = service.table.lines()
    service.call("OrderService", "place", **order("A-1"))
    service.call("Warehouse", "advance", customer="A-1", order="T-1", status="packed")
    lines = [json.loads(line) for line in service.table.wait_for_lines(len(before) + 3) if line not in set(before)]
    assert sorted(line["action"] for line in lines) == ["INSERT", "MODIFY", "MODIFY"]
    print(lines)
    exported = tmp_path / "lines.json"
    exported.write_text(json.dumps({"events": service.table.log_events()}), encoding="utf-8")
    options = ["--from-beginning", "--table", service.table.name, "--json"]
    verified = service.run("secure_ddb.cli.main", "audit", "verify", str(exported), *options)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert json.loads(verified.stdout)["records"] == len(service.table.lines())
    assert "anna@example.com" not in exported.read_text(encoding="utf-8")
