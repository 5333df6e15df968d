"""Changes of items reach the audit log, by the handler as it is shipped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.table import Table

# Without the first, the function refuses all records.
pytestmark = pytest.mark.model_of_aws("aliases.py, platform_logs.py")

SECRET = "value-that-no-line-may-hold"  # noqa: S105
MANY = 1_000
# DynamoDB's limit for an item, names included.
LARGEST = 400 * 1024


@pytest.fixture
def key() -> dict[str, dict[str, str]]:
    """Return the key of an item that nobody else writes."""
    return {"pk": {"S": str(uuid4())}}


@pytest.fixture
def items(minimal: Table) -> Any:
    """Return a client for DynamoDB."""
    return minimal.client("dynamodb")


@pytest.mark.proves("Putting, updating and deleting an item give one line each, with types and sizes before and after")
def test_one_item(minimal: Table, items: Any, key: dict[str, Any]) -> None:
    def act() -> None:
        items.put_item(TableName=minimal.name, Item={**key, "status": {"S": "open"}, "amount": {"N": "12.5"}})
        items.update_item(
            TableName=minimal.name,
            Key=key,
            UpdateExpression="SET #status = :status, note = :note REMOVE amount",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":status": {"S": "closed"}, ":note": {"S": "€"}},
        )
        items.delete_item(TableName=minimal.name, Key=key)

    put, update, delete = minimal.changes(act, 3)
    assert [line["action"] for line in (put, update, delete)] == ["INSERT", "MODIFY", "REMOVE"]
    assert put["added"] == {"status": ["S", 4], "amount": ["N", 4]}
    assert update["changed"] == {"status": ["S", 4, "S", 6]}
    assert (update["added"], update["removed"]) == ({"note": ["S", 3]}, {"amount": ["N", 4]})
    assert delete["removed"] == {"status": ["S", 6], "note": ["S", 3]}
    assert {line["table"] for line in (put, update, delete)} == {minimal.name}


@pytest.mark.proves("The same item has the same digest in each line, and another item another one")
def test_digests(minimal: Table, items: Any, key: dict[str, Any]) -> None:
    def act() -> None:
        items.put_item(TableName=minimal.name, Item=key)
        items.delete_item(TableName=minimal.name, Key=key)
        items.put_item(TableName=minimal.name, Item={"pk": {"S": f"not {key['pk']['S']}"}})

    put, delete, other = minimal.changes(act, 3)
    assert put["key"] == delete["key"] != other["key"]
    assert key["pk"]["S"] not in "".join(minimal.lines())


@pytest.mark.proves("Writes that change nothing, and writes that are refused, give no line")
def test_no_change(minimal: Table, items: Any, key: dict[str, Any]) -> None:
    item = {**key, "status": {"S": "open"}}

    def act() -> None:
        items.put_item(TableName=minimal.name, Item=item)
        items.put_item(TableName=minimal.name, Item=item)
        items.update_item(
            TableName=minimal.name,
            Key=key,
            UpdateExpression="SET #status = :status",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":status": {"S": "open"}},
        )
        items.delete_item(TableName=minimal.name, Key={"pk": {"S": f"not {key['pk']['S']}"}})
        with pytest.raises(ClientError, match="ConditionalCheckFailed"):
            items.put_item(TableName=minimal.name, Item=key, ConditionExpression="attribute_not_exists(pk)")

    assert [line["action"] for line in minimal.changes(act, 1)] == ["INSERT"]


@pytest.mark.proves("A batch gives one line for each of its items")
def test_batch(minimal: Table, items: Any, key: dict[str, Any]) -> None:
    keys = [{"pk": {"S": f"{key['pk']['S']} {number}"}} for number in range(25)]

    def act() -> None:
        for requests in (
            [{"PutRequest": {"Item": each}} for each in keys],
            [{"DeleteRequest": {"Key": each}} for each in keys],
        ):
            assert items.batch_write_item(RequestItems={minimal.name: requests})["UnprocessedItems"] == {}

    lines = minimal.changes(act, 50)
    assert [line["action"] for line in lines] == ["INSERT"] * 25 + ["REMOVE"] * 25
    assert len({line["key"] for line in lines}) == 25


@pytest.mark.proves("A transaction gives one line for each item that it changes, and none if it is cancelled")
def test_transaction(minimal: Table, items: Any, key: dict[str, Any]) -> None:
    other = {"pk": {"S": f"not {key['pk']['S']}"}}

    def put(item: dict[str, Any], **options: str) -> dict[str, Any]:
        return {"Put": {"TableName": minimal.name, "Item": item, **options}}

    def act() -> None:
        items.transact_write_items(TransactItems=[put(key), put(other)])
        with pytest.raises(ClientError, match="TransactionCanceled"):
            items.transact_write_items(
                TransactItems=[
                    put({**key, "status": {"S": "open"}}),
                    put(other, ConditionExpression="attribute_not_exists(pk)"),
                ]
            )

    assert [line["action"] for line in minimal.changes(act, 2)] == ["INSERT", "INSERT"]


@pytest.mark.model_of_aws("aliases.py, partiql.py, platform_logs.py")
@pytest.mark.proves("PartiQL statements that insert, update and delete give one line each")
def test_partiql(minimal: Table, items: Any, key: dict[str, Any]) -> None:
    statements: tuple[tuple[str, list[dict[str, Any]]], ...] = (
        ("INSERT INTO {table} VALUE {{'pk': ?, 'status': ?}}", [key["pk"], {"S": "open"}]),
        ("UPDATE {table} SET status = ? WHERE pk = ?", [{"S": "closed"}, key["pk"]]),
        ("DELETE FROM {table} WHERE pk = ?", [key["pk"]]),
    )

    def act() -> None:
        for statement, parameters in statements:
            items.execute_statement(Statement=statement.format(table=f'"{minimal.name}"'), Parameters=parameters)

    lines = minimal.changes(act, 3)
    assert [line["action"] for line in lines] == ["INSERT", "MODIFY", "REMOVE"]
    assert lines[1]["changed"] == {"status": ["S", 4, "S", 6]}


@pytest.mark.proves("Attributes of every type are logged by type and size: binary, sets, lists and maps too")
def test_types(minimal: Table, items: Any, key: dict[str, Any]) -> None:
    attributes = {
        "binary": {"B": bytes(range(7))},
        "number": {"N": "-1.5"},
        "boolean": {"BOOL": True},
        "nothing": {"NULL": True},
        "strings": {"SS": ["a", "bc"]},
        "numbers": {"NS": ["1", "23"]},
        "binaries": {"BS": [b"\x00", b"\xff\xfe"]},
        "list": {"L": [{"S": "abc"}, {"N": "1"}]},
        "map": {"M": {"name": {"S": "abc"}}},
    }
    (line,) = minimal.changes(lambda: items.put_item(TableName=minimal.name, Item={**key, **attributes}), 1)
    assert line["added"] == {
        "binary": ["B", 7],
        "number": ["N", 4],
        "boolean": ["BOOL", 1],
        "nothing": ["NULL", 1],
        "strings": ["SS", 3],
        "numbers": ["NS", 3],
        "binaries": ["BS", 3],
        "list": ["L", 4],
        "map": ["M", 7],
    }


@pytest.mark.proves("An item of 100 attributes gives one line that names all of them")
def test_hundred_attributes(minimal: Table, items: Any, key: dict[str, Any]) -> None:
    attributes = {f"attribute{number}": {"S": SECRET} for number in range(100)}
    (line,) = minimal.changes(lambda: items.put_item(TableName=minimal.name, Item={**key, **attributes}), 1)
    assert line["added"] == {name: ["S", len(SECRET)] for name in attributes}


@pytest.mark.proves("Items of 400 KB, the most that DynamoDB takes, give lines of a few hundred bytes")
def test_largest_item(minimal: Table, items: Any, key: dict[str, Any]) -> None:
    room = LARGEST - len("pk") - len(key["pk"]["S"]) - len("document")

    def put(byte: bytes, size: int) -> None:
        items.put_item(TableName=minimal.name, Item={**key, "document": {"B": byte * size}})

    def act() -> None:
        put(b"\xff", room)
        put(b"\xfe", room)
        with pytest.raises(ClientError, match="Item size has exceeded"):
            put(b"\xfd", room + 1)
        items.delete_item(TableName=minimal.name, Key=key)

    lines = minimal.changes(act, 3)
    assert [line.get("added") for line in lines] == [{"document": ["B", room]}, None, None]
    assert lines[1]["changed"] == {"document": ["B", room, "B", room]}
    assert lines[2]["removed"] == {"document": ["B", room]}
    assert all(len(json.dumps(line)) < 1_000 for line in lines)


@pytest.mark.model_of_aws("aliases.py, expiry.py, platform_logs.py")
@pytest.mark.proves("An item that DynamoDB deletes as expired is logged with the cause `time to live`")
def test_expiry(minimal: Table, items: Any, key: dict[str, Any]) -> None:
    expiry = {"Enabled": True, "AttributeName": "expires"}
    items.update_time_to_live(TableName=minimal.name, TimeToLiveSpecification=expiry)
    deleted = {"pk": {"S": f"not {key['pk']['S']}"}}
    before = len(minimal.lines())
    now = int(time.time())
    items.put_item(TableName=minimal.name, Item={**deleted, "expires": {"N": str(now + 1_000)}})
    items.delete_item(TableName=minimal.name, Key=deleted)
    items.put_item(TableName=minimal.name, Item={**key, "expires": {"N": str(now - 1)}})
    lines = [json.loads(line) for line in minimal.wait_for_lines(before + 4)[before:]]
    assert [(line["action"], line["cause"]) for line in lines] == [
        ("INSERT", "request"),
        ("REMOVE", "request"),
        ("INSERT", "request"),
        ("REMOVE", "time to live"),
    ]
    assert lines[3]["key"] == lines[2]["key"]


@pytest.mark.proves(f"{MANY:,} changes give {MANY:,} lines")
def test_many_changes(
    minimal: Table, items: Any, key: dict[str, Any], record_property: Callable[[str, object], None]
) -> None:
    def act() -> None:
        for start in range(0, MANY, 25):
            requests = [
                {"PutRequest": {"Item": {"pk": {"S": f"{key['pk']['S']} {number}"}, "status": {"S": SECRET}}}}
                for number in range(start, start + 25)
            ]
            items.batch_write_item(RequestItems={minimal.name: requests})

    begun = time.perf_counter()
    assert len(minimal.changes(act, MANY)) == MANY
    record_property("figure", f"{MANY:,} changes were written and logged in {time.perf_counter() - begun:.1f} s")


@pytest.mark.proves("No line holds a value")
def test_no_value(minimal: Table, items: Any, key: dict[str, Any]) -> None:
    item = {**key, "status": {"S": SECRET}, "map": {"M": {"inner": {"S": SECRET}}}}
    minimal.changes(lambda: items.put_item(TableName=minimal.name, Item=item), 1)
    assert SECRET not in json.dumps(minimal.log_events())


@pytest.mark.proves("`secure-ddb audit verify` finds the trail intact: every link, and each chain's MAC by AWS KMS")
def test_the_trail_is_intact(minimal: Table, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    minimal.changes(lambda: None, 0)
    exported = tmp_path / "lines.json"
    exported.write_text(json.dumps({"events": minimal.log_events()}), encoding="utf-8")
    key = minimal.client("kms").describe_key(KeyId=minimal.resource("AuditDigestKey"))["KeyMetadata"]["Arn"]
    options = ["--from-beginning", "--table", minimal.name, "--origin-key", key, "--json"]
    verify = subprocess.run(
        [sys.executable, "-m", "secure_ddb.cli.main", "audit", "verify", str(exported), *options],
        env={**os.environ, **minimal.deployment.emulator.environment()},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert verify.returncode == 0, verify.stdout + verify.stderr
    records = json.loads(verify.stdout)["records"]
    assert records == len(minimal.lines())
    record_property("figure", f"{records:,} lines were verified")
