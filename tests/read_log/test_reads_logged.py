"""Each read of the table has a line that says who read which items, and no value."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
import pytest
from boto3.dynamodb.conditions import Key  # type: ignore[import-untyped]

from secure_ddb.audit_trail.handler.audit_trail.keys import key_digest
from secure_ddb.audit_trail.read_log.python.secure_ddb_reads.answers import OPERATIONS
from secure_ddb.audit_trail.verify.schema import READS
from tests.audit.checks import SCHEMA
from tests.read_log.read_table import REGION, SECRET, SESSION, SETTINGS, item, key

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.read_log.read_table import ReadTable

# The audit function's own digest of a key in a stream's record.
_WRITE = key_digest(SECRET)


def digest(*of: Any) -> str:
    return str(json.loads(f"{{{_WRITE(key(*of))}}}")["key"])


ALL = [digest("a", number) for number in range(3)]
NAMES = ["by", "note", "pk", "sk"]
_VALUES = {":a": {"S": "a"}, ":x": {"S": "x"}}


def _query(**arguments: Any) -> Callable[[Any], Any]:
    condition = {"KeyConditionExpression": "pk = :a", "ExpressionAttributeValues": {":a": {"S": "a"}}}
    return lambda client: client.query(TableName="Orders", **(condition | arguments))


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (
            lambda client: client.get_item(TableName="Orders", Key=key("a", 1)),
            {"action": "GetItem", "items": 1, "item_keys": [ALL[1]], "attributes": NAMES},
        ),
        (
            lambda client: client.get_item(TableName="Orders", Key=key("a", 1), ProjectionExpression="note"),
            {"action": "GetItem", "items": 1, "item_keys": [ALL[1]], "attributes": ["note"]},
        ),
        (
            lambda client: client.get_item(TableName="Orders", Key=key("none", 1)),
            {"action": "GetItem", "items": 0, "item_keys": [digest("none", 1)], "attributes": []},
        ),
        (
            lambda client: client.get_item(
                TableName=f"arn:aws:dynamodb:{REGION}:123456789012:table/Orders", Key=key("a", "01.0e0")
            ),
            {"action": "GetItem", "item_keys": [ALL[1]]},
        ),
        (
            lambda client: client.batch_get_item(
                RequestItems={
                    "Orders": {"Keys": [key("a", 2), key("a", 0), key("b", 0)]},
                    "Others": {"Keys": [key("a", 1)]},
                }
            ),
            {"action": "BatchGetItem", "items": 2, "item_keys": [ALL[2], ALL[0], digest("b", 0)], "attributes": NAMES},
        ),
        (
            lambda client: client.transact_get_items(
                TransactItems=[
                    {"Get": {"TableName": "Others", "Key": key("a", 1)}},
                    {"Get": {"TableName": "Orders", "Key": key("b", 1)}},
                    {"Get": {"TableName": "Orders", "Key": key("a", 1)}},
                ]
            ),
            {"action": "TransactGetItems", "items": 1, "item_keys": [digest("b", 1), ALL[1]]},
        ),
        (_query(), {"action": "Query", "items": 3, "item_keys": ALL, "attributes": NAMES}),
        (
            _query(ProjectionExpression="sk, note"),
            {"action": "Query", "items": 3, "item_keys": [], "unknown_keys": 3, "attributes": ["note", "sk"]},
        ),
        (_query(Select="COUNT"), {"items": 3, "item_keys": [], "unknown_keys": 3, "attributes": []}),
        (
            _query(
                IndexName="ByBuyer", KeyConditionExpression="#by = :x", ExpressionAttributeNames={"#by": "by"},
                ExpressionAttributeValues={":x": {"S": "x"}},
            ),
            {"action": "Query", "index": "ByBuyer", "items": 3, "item_keys": ALL},
        ),
        (lambda client: client.scan(TableName="Orders"), {"action": "Scan", "items": 3, "item_keys": ALL}),
        (
            lambda client: client.update_item(
                TableName="Orders", Key=key("a", 1), UpdateExpression="SET note = :a",
                ExpressionAttributeValues={":a": {"S": "new"}}, ReturnValues="UPDATED_OLD",
            ),
            {"action": "UpdateItem", "items": 1, "item_keys": [ALL[1]], "attributes": ["note"]},
        ),
        (
            lambda client: client.put_item(TableName="Orders", Item=item("a", 1), ReturnValues="ALL_OLD"),
            {"action": "PutItem", "items": 1, "item_keys": [ALL[1]], "attributes": NAMES},
        ),
        (
            lambda client: client.delete_item(TableName="Orders", Key=key("a", 1), ReturnValues="ALL_OLD"),
            {"action": "DeleteItem", "items": 1, "item_keys": [ALL[1]], "attributes": NAMES},
        ),
    ],
)  # fmt: skip
def test_a_read_has_a_line(table: ReadTable, read: Callable[[Any], Any], expected: dict[str, Any]) -> None:
    table.watch()
    answer = read(table.client)
    line = table.line()
    assert {name: line.get(name) for name in expected} == expected
    assert (line["table"], line["region"], line["principal"]) == ("Orders", REGION, SESSION)
    assert line["request_id"] == answer["ResponseMetadata"]["RequestId"]
    assert "secret text" not in json.dumps(line)
    assert table.verify(from_beginning=True).intact


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.get_item(TableName="Others", Key=key("a", 1)),
        lambda client: client.put_item(TableName="Orders", Item=item("b", 1)),
        lambda client: client.delete_item(TableName="Orders", Key=key("a", 1)),
        lambda client: client.describe_table(TableName="Orders"),
    ],
)
def test_what_reads_nothing_of_the_table_has_none(table: ReadTable, call: Callable[[Any], Any]) -> None:
    table.watch()
    call(table.client)
    assert table.lines() == []
    assert table.asked == []


def test_an_item_that_a_failed_condition_shows_is_read(table: ReadTable) -> None:
    table.watch()
    with pytest.raises(table.client.exceptions.ConditionalCheckFailedException):
        table.client.put_item(
            TableName="Orders",
            Item=item("a", 1),
            ConditionExpression="attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert table.line()["item_keys"] == [ALL[1]]


def test_a_refused_read_has_none(table: ReadTable) -> None:
    table.watch()
    with pytest.raises(table.client.exceptions.ClientError):
        table.client.query(TableName="Orders", KeyConditionExpression="nothing")
    assert table.lines() == []


def test_resources_of_boto3_are_watched(table: ReadTable) -> None:
    resource = boto3.resource("dynamodb", region_name=REGION)
    log = table.watch()
    log.watch(resource)
    found = resource.Table("Orders").query(KeyConditionExpression=Key("pk").eq("a"))["Items"]
    assert found[0]["sk"] == 0
    resource.Table("Orders").get_item(Key={"pk": "a", "sk": 1})
    assert [line["item_keys"] for line in table.lines()] == [ALL, [ALL[1]]]


def test_a_line_names_the_region_of_the_client(table: ReadTable) -> None:
    replica = boto3.client("dynamodb", region_name="eu-west-1")
    replica.create_table(
        TableName="Orders",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    table.watch().watch(replica)
    replica.get_item(TableName="Orders", Key=key("a", 1))
    assert table.line()["region"] == "eu-west-1"


def test_every_page_has_a_line(table: ReadTable) -> None:
    table.watch()
    pages = table.client.get_paginator("scan").paginate(TableName="Orders", PaginationConfig={"PageSize": 2})
    assert len(list(pages)) == len(table.lines()) == 2
    assert table.verify(from_beginning=True).reads == 2


def test_a_client_that_is_watched_twice_logs_once(table: ReadTable) -> None:
    table.watch().watch(table.client)
    table.client.get_item(TableName="Orders", Key=key("a", 1))
    assert len(table.lines()) == 1


def test_keys_are_in_clear_where_the_trail_has_them_so(table: ReadTable) -> None:
    table.watch(replace(SETTINGS, hmac_key=None))
    table.client.get_item(TableName="Orders", Key=key("a", "1.0"))
    assert table.line()["item_keys"] == [key("a", 1)]
    assert "kms" not in table.asked


def test_the_same_requests_are_known_everywhere() -> None:
    assert OPERATIONS == READS == set(SCHEMA["$defs"]["read"]["properties"]["action"]["enum"])
