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
from boto3 import Session  # type: ignore[import-untyped]

from examples.orders.service.orders import Orders
from examples.orders.stack import OrdersStack
from secure_ddb.synthesis.cdk_cli import context_in_place_of_cli
from tests.e2e.deployment import Deployment
from tests.e2e.emulator import REGION
from tests.e2e.stacks import ENVIRONMENT
from tests.e2e.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.emulator import Emulator

STACK = "OrderService"
# The model makes the stack's alarms on metric math, its backup selection and parts of its network.
MODEL = "alarms.py, aliases.py, backup_selections.py, global_tables.py, placeholders.py, platform_logs.py"
pytestmark = pytest.mark.model_of_aws(MODEL)

ITEMS = Path(__file__).parents[2] / "examples" / "orders" / "items.json"
# Each test has customers of its own among them.
MANY = 1_000
CREDIT = 20
LINES = [{"sku": "TEA-100", "quantity": 2, "price": "4.95"}]


@dataclass(frozen=True)
class Service:
    """The deployed order service."""

    table: Table

    def resource(self, name: str) -> str:
        """Return the physical id of a resource of the stack by its construct id."""
        resources = self.table.deployment.resources(STACK)
        (found,) = (physical for logical, physical in resources.items() if logical[:-8] == name)
        return found

    def call(self, function: str, action: str, **fields: Any) -> dict[str, Any]:
        """Invoke a function, by its construct id, and return its answer."""
        payload = json.dumps({"action": action, **fields}).encode()
        answer = self.table.client("lambda").invoke(FunctionName=self.resource(f"{function}Function"), Payload=payload)
        said: dict[str, Any] = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, said
        return said

    def place(self, customer: str, **fields: Any) -> dict[str, Any]:
        """Ask for an order of two pots of tea."""
        order = {"customer": customer, "order": "T-1", "email": "anna@example.com", "lines": LINES, **fields}
        return self.call("OrderService", "place", **order)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a module of Python, with the emulator as AWS."""
        return subprocess.run(
            [sys.executable, "-m", *command],
            env={**os.environ, **self.table.deployment.emulator.environment()},
            capture_output=True,
            check=False,
            encoding="utf-8",
        )

    def load(self, file: Path) -> subprocess.CompletedProcess[str]:
        """Load a file."""
        return self.run("examples.orders.load", str(file), "--table", self.table.name)

    def credit(self, customer: str) -> str:
        """Return what is left of a customer's credit."""
        key = {"customer": {"S": customer}, "record": {"S": "account"}}
        item = self.table.client("dynamodb").get_item(TableName=self.table.name, Key=key, ConsistentRead=True)["Item"]
        return str(item["credit"]["N"])


@pytest.fixture(scope="module")
def service(emulator: Emulator, folder: Path) -> Service:
    """Deploy the template and assets of `python -m examples.orders`, and load many customers."""
    app = App(context=context_in_place_of_cli(), outdir=str(folder / "orders"))
    OrdersStack(app, STACK, env=ENVIRONMENT)
    deployment = Deployment(emulator, Path(app.synth().directory))
    deployment.deploy(STACK)
    deployed = Service(Table(deployment, STACK))
    file = folder / "many.json"
    accounts = [{"customer": f"C-{number}", "record": "account", "credit": CREDIT} for number in range(MANY)]
    file.write_text(json.dumps(accounts), encoding="utf-8")
    loaded = deployed.load(file)
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr
    assert loaded.stdout == f"{MANY:,} items written, 0 there already\n{MANY:,} of {MANY:,} items verified\n"
    return deployed


@pytest.mark.proves(f"`python -m examples.orders.load` loads {MANY:,} items from JSON and finds each as in the file")
def test_load_of_many(service: Service) -> None:
    assert (service.credit("C-0"), service.credit(f"C-{MANY - 1}")) == (str(CREDIT), str(CREDIT))
    assert len(service.table.wait_for_lines(MANY)) >= MANY


@pytest.mark.proves("It leaves items that are there as they are, replaces none with other values, and keeps all digits")
def test_load_again(service: Service, tmp_path: Path) -> None:
    assert service.load(ITEMS).stdout == "4 items written, 0 there already\n4 of 4 items verified\n"
    file = tmp_path / "digits.json"
    digits = "0.10000000000000000000000000000000000001"
    item = f'{{"customer": "D-1", "record": "account", "credit": {digits}}}'
    file.write_text(f"{ITEMS.read_text(encoding='utf-8').rstrip().removesuffix(']')}, {item}]", encoding="utf-8")
    assert service.load(file).stdout == "1 item written, 4 there already\n5 of 5 items verified\n"
    assert service.credit("D-1") == digits
    file.write_text(f"[{item.replace(digits, '7')}]", encoding="utf-8")
    refused = service.load(file)
    assert refused.returncode == 2
    assert "the table has other values for item 0; nothing was written" in refused.stderr


@pytest.mark.proves("An order is placed once, however often it is asked for, and takes its total from the credit once")
def test_place(service: Service) -> None:
    placed = service.place("C-1")
    assert (placed["status"], placed["total"]) == ("placed", "9.90")
    assert service.place("C-1") == placed
    assert service.credit("C-1") == "10.1"
    assert service.call("OrderService", "list", customer="C-1") == {"orders": [placed], "has_more": False}


@pytest.mark.proves("An order with the id of another one, beyond the credit, or of an unknown customer changes nothing")
def test_refused_orders(service: Service) -> None:
    service.place("C-2")
    two_more = [{**LINES[0], "quantity": 3}]
    refused = {
        "order": service.place("C-2", email="bob@example.com"),
        "lines": service.place("C-2", order="T-2", lines=two_more),
        "customer": service.place("unknown"),
        "lines[0].price": service.place("C-2", lines=[{**LINES[0], "price": 4.95}]),
    }
    assert {field: answer["error"]["field"] for field, answer in refused.items()} == {field: field for field in refused}
    assert service.credit("C-2") == "10.1"
    assert len(service.call("OrderService", "list", customer="C-2")["orders"]) == 1


@pytest.mark.proves("The warehouse sees what to pack, without prices and addresses, and takes an order step by step")
def test_warehouse(service: Service) -> None:
    service.place("C-3")
    (seen,) = (each for each in service.call("Warehouse", "waiting")["orders"] if each["customer"] == "C-3")
    assert seen.keys() == {"customer", "order", "status", "placed_at", "lines"}
    order = {"customer": "C-3", "order": "T-1"}
    assert service.call("Warehouse", "advance", **order, status="shipped")["error"]["field"] == "order"
    assert service.call("Warehouse", "advance", **order, status="packed")["status"] == "packed"
    assert service.call("OrderService", "cancel", **order)["error"]["field"] == "order"
    assert service.call("Warehouse", "advance", **order, status="shipped")["status"] == "shipped"


@pytest.mark.proves("A cancelled order gives its total back once")
def test_cancel(service: Service) -> None:
    service.place("C-4")
    for _ in range(2):
        assert service.call("OrderService", "cancel", customer="C-4", order="T-1")["status"] == "cancelled"
    assert service.credit("C-4") == str(CREDIT)


@pytest.mark.proves("A session of the customers' role lists orders by the same code; nothing checks its token or grant")
def test_customer(service: Service) -> None:
    placed = service.place("C-5")
    role = service.table.client("iam").get_role(RoleName=service.resource("Customer"))["Role"]["Arn"]
    answer = service.table.client("sts").assume_role_with_web_identity(
        RoleArn=role, RoleSessionName="C-5", WebIdentityToken="not checked"
    )
    names = {
        "aws_access_key_id": "AccessKeyId",
        "aws_secret_access_key": "SecretAccessKey",
        "aws_session_token": "SessionToken",
    }
    session = Session(region_name=REGION, **{name: answer["Credentials"][key] for name, key in names.items()})
    client = session.client("dynamodb", endpoint_url=service.table.deployment.emulator.address)
    (order,), has_more = Orders(client, service.table.name).of("C-5")
    assert (order["placed_at"], order["record"], has_more) == (placed["placed_at"], "order#T-1", False)


@pytest.mark.proves("The changes are in the audit log, without values, and `secure-ddb audit verify` finds it intact")
def test_audit(service: Service, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    before = set(service.table.lines())
    service.place("C-6")
    service.call("Warehouse", "advance", customer="C-6", order="T-1", status="packed")
    lines = [json.loads(line) for line in service.table.wait_for_lines(len(before) + 3) if line not in before]
    # A transaction's changes may be in either order.
    assert sorted(line["action"] for line in lines) == ["INSERT", "MODIFY", "MODIFY"]
    placed, packed = (line for line in lines if "status" in {**line.get("added", {}), **line.get("changed", {})})
    (paid,) = (line for line in lines if "credit" in line.get("changed", {}))
    assert placed["key"] == packed["key"] != paid["key"]
    exported = tmp_path / "lines.json"
    exported.write_text(json.dumps({"events": service.table.log_events()}), encoding="utf-8")
    key = service.table.client("kms").describe_key(KeyId=service.table.resource("AuditDigestKey"))["KeyMetadata"]["Arn"]
    options = ["--from-beginning", "--table", service.table.name, "--origin-key", key, "--json"]
    verified = service.run("secure_ddb.cli.main", "audit", "verify", str(exported), *options)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    records = json.loads(verified.stdout)["records"]
    assert records == len(service.table.lines())
    assert "anna@example.com" not in exported.read_text(encoding="utf-8")
    record_property("figure", f"{records:,} lines of the order service were verified")
