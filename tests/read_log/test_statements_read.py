"""PartiQL: what a statement names, and what its answer holds. Without moto, which would need another library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber  # type: ignore[import-untyped]

from secure_ddb.audit_trail.read_log.python.secure_ddb_reads.answers import Part, parts_of
from secure_ddb.audit_trail.read_log.python.secure_ddb_reads.statements import Statement, read_statement
from tests.read_log.read_table import item

if TYPE_CHECKING:
    from tests.read_log.read_table import ReadTable

ITEM = item("a", 1)
ARN = "arn:aws:dynamodb:eu-central-1:111122223333:table/Orders"
SELECT = "SELECT * FROM Orders WHERE pk = ?"
UPDATE = "UPDATE Orders SET note = 'x' WHERE pk = 'a' AND sk = 1 RETURNING ALL OLD *"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SELECT, Statement("Orders", "", selects=True)),
        ("select pk from\n  Orders where note = 'FROM Others'", Statement("Orders", "", selects=True)),
        ('SELECT "from" FROM "my.orders"."By-Buyer"', Statement("my.orders", "By-Buyer", selects=True)),
        (f'SELECT * FROM "{ARN}"', Statement(ARN, "", selects=True)),
        ("SELECT * FROM Orders.ByBuyer", Statement("Orders", "ByBuyer", selects=True)),
        ("EXISTS(SELECT * FROM Orders WHERE pk = 'a')", Statement("Orders", "", selects=True)),
        (UPDATE, Statement("Orders", "", selects=False)),
        ("DELETE FROM \"Orders\" WHERE pk = 'a'", Statement("Orders", "", selects=False)),
        ("INSERT INTO Orders VALUE {'pk': 'FROM Others'}", Statement("Orders", "", selects=False)),
        ("something new", Statement("", "", selects=True)),
    ],
)  # fmt: skip
def test_a_statement_names_its_table(text: str, expected: Statement) -> None:
    assert read_statement(text) == expected


@pytest.mark.parametrize(
    ("operation", "request_fields", "answer", "expected"),
    [
        ("ExecuteStatement", {"Statement": SELECT}, {"Items": [ITEM]}, [Part("Orders", [], [ITEM], 1)]),
        ("ExecuteStatement", {"Statement": SELECT}, {"Items": []}, [Part("Orders", [], [])]),
        ("ExecuteStatement", {"Statement": UPDATE}, {"Items": [ITEM]}, [Part("Orders", [], [ITEM], 1)]),
        ("ExecuteStatement", {"Statement": UPDATE}, {"Items": []}, []),
        (
            "BatchExecuteStatement",
            {"Statements": [{"Statement": SELECT}, {"Statement": SELECT}, {"Statement": UPDATE}]},
            {"Responses": [{"Item": ITEM}, {"Error": {"Code": "Throttling"}}, {"Error": {"Item": ITEM}}]},
            [Part("Orders", [], [ITEM], 1), Part("Orders", [], [ITEM], 1)],
        ),
        (
            "ExecuteTransaction",
            {"TransactStatements": [{"Statement": SELECT}, {"Statement": UPDATE}]},
            {"Responses": [{"Item": ITEM}, {}]},
            [Part("Orders", [], [ITEM], 1)],
        ),
        (
            "TransactWriteItems",
            {"TransactItems": [{"Put": {"TableName": "Orders"}}, {"Delete": {"TableName": "Orders", "Key": ITEM}}]},
            {"Error": {}, "CancellationReasons": [{"Code": "None"}, {"Item": ITEM}]},
            [Part("Orders", [ITEM], [ITEM])],
        ),
    ],
)
def test_an_answer_shows_what_was_read(
    operation: str, request_fields: dict[str, Any], answer: dict[str, Any], expected: list[Part]
) -> None:
    assert list(parts_of(operation, request_fields, answer)) == expected


@pytest.mark.parametrize("text", [SELECT, "something new"])
def test_a_statement_has_a_line(table: ReadTable, text: str) -> None:
    table.watch()
    with Stubber(table.client) as stubber:
        metadata = {"RequestId": "R1", "HTTPStatusCode": 200}
        stubber.add_response("execute_statement", {"Items": [ITEM], "ResponseMetadata": metadata})
        table.client.execute_statement(Statement=text)
    line = table.line()
    assert (line["action"], line["items"], line["event_id"]) == ("ExecuteStatement", 1, "R1/Orders/0")
