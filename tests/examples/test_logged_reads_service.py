"""The example service with logged reads: what it answers, and which lines it leaves."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
import pytest
from moto import mock_aws

import secure_ddb
from secure_ddb.audit_trail.verify import Entry, verify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

ROOT = Path(secure_ddb.__file__).parent / "audit_trail" / "read_log" / "python"
SETTINGS = {"table": "Orders", "key_attributes": ["pk", "sk"], "log_group": "Reads", "region": "eu-central-1"}


@pytest.fixture
def region(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make the table and the log group, and let the layer's package be found, as Lambda does."""
    monkeypatch.syspath_prepend(str(ROOT))
    monkeypatch.setenv("TABLE", "Orders")
    monkeypatch.setenv("SECURE_DDB_READ_LOG", json.dumps(SETTINGS))
    for name, value in {"DEFAULT_REGION": "eu-central-1", "ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "x"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with mock_aws():
        client = boto3.client("dynamodb")
        names = [("pk", "HASH"), ("sk", "RANGE")]
        client.create_table(
            TableName="Orders",
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in names],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in names],
            BillingMode="PAY_PER_REQUEST",
        )
        for sk in ("profile", "order#1", "order#2"):
            client.put_item(TableName="Orders", Item={"pk": {"S": "c1"}, "sk": {"S": sk}, "note": {"S": "secret text"}})
        boto3.client("logs").create_log_group(logGroupName="Reads")
        yield
    for name in [name for name in sys.modules if name.startswith("secure_ddb_reads")]:
        del sys.modules[name]


def load(name: str) -> ModuleType:
    module = importlib.import_module(f"examples.logged_reads.service.{name}")
    return importlib.reload(module)


def lines() -> list[dict[str, Any]]:
    texts = [event["message"] for event in boto3.client("logs").filter_log_events(logGroupName="Reads")["events"]]
    assert verify(map(Entry, texts), from_beginning=True).intact
    assert "secret text" not in "".join(texts)
    return [json.loads(text) for text in texts]


@pytest.mark.usefixtures("region")
def test_orders_are_shown_and_logged() -> None:
    orders = load("orders")
    assert orders.handler({"user": "u1", "customer": "c1", "order": "1"}, None)["order"]["sk"] == {"S": "order#1"}
    assert orders.handler({"user": "u2", "customer": "c1"}, None) == {"orders": 2}
    assert orders.handler({"user": "u3", "customer": "c9"}, None) == {"orders": 0}
    assert [(line["on_behalf_of"], line["action"], line["items"], line["batch"][2]) for line in lines()] == [
        ("u1", "GetItem", 1, 1),
        ("u2", "GetItem", 1, 2),
        ("u2", "Query", 2, 2),
        ("u3", "GetItem", 0, 2),
        ("u3", "Query", 0, 2),
    ]


@pytest.mark.usefixtures("region")
@pytest.mark.parametrize(("order", "status"), [("1", 200), ("9", 404)])
def test_the_api_logs_for_whom_it_reads(order: str, status: int) -> None:
    path = f"/customers/c1/orders/{order}"
    event = {
        "rawPath": path,
        "requestContext": {
            "http": {"method": "GET", "path": path},
            "stage": "$default",
            "authorizer": {"jwt": {"claims": {"sub": "u1"}}},
        },
    }
    assert load("orders_api").handler(event, None)["statusCode"] == status
    (line,) = lines()
    assert (line["on_behalf_of"], line["item_keys"]) == ("u1", [{"pk": {"S": "c1"}, "sk": {"S": f"order#{order}"}}])


def test_the_helper_needs_nothing_of_the_cdk() -> None:
    import subprocess  # noqa: PLC0415

    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import secure_ddb_reads; print('aws_cdk' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
