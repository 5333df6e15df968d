"""Contacts are written whole or not at all, and what is refused is named by its field."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator  # type: ignore[import-untyped]
from moto import mock_aws

from examples.front_end.service import handlers
from examples.front_end.service.contacts import FIELDS, RequestError, read_contact
from tests.examples.front_end.front_end_settings import template
from tests.examples.orders.orders_table import _SESSION as SESSION

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = "contacts"
ANNA = {"name": "Anna O'Neill-Müller", "email": "anna@example.com", "phone": "+43155512345"}
WITHOUT_PHONE = {"name": "Bob", "email": "bob@example.com"}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a client for an empty table, which the handler uses."""
    monkeypatch.setenv("TABLE", TABLE)
    with mock_aws():
        made = SESSION.client("dynamodb")
        made.create_table(
            TableName=TABLE,
            AttributeDefinitions=[{"AttributeName": "customer", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "customer", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        monkeypatch.setattr(handlers, "_client", lambda: made)
        yield made


def call(method: str, body: Any = None, customer: object = "C-1001") -> tuple[int, dict[str, Any]]:
    event = {"httpMethod": method, "pathParameters": {"customer": customer}, "body": body}
    answer = handlers.handle(event, None)
    assert answer["headers"]["cache-control"] == "no-store"
    return answer["statusCode"], json.loads(answer["body"])


def items(client: Any) -> list[dict[str, Any]]:
    return list(client.scan(TableName=TABLE)["Items"])


def test_a_contact_is_written_and_read(client: Any) -> None:  # noqa: ARG001
    assert call("PUT", json.dumps(ANNA)) == (200, {"customer": "C-1001", **ANNA})
    assert call("GET") == (200, {"customer": "C-1001", **ANNA})


def test_a_new_contact_replaces_the_whole_old_one(client: Any) -> None:
    call("PUT", json.dumps(ANNA))
    call("PUT", json.dumps(WITHOUT_PHONE))
    assert call("GET") == (200, {"customer": "C-1001", **WITHOUT_PHONE})
    assert len(items(client)) == 1


def test_a_customer_without_a_contact_is_not_found(client: Any) -> None:  # noqa: ARG001
    status, answer = call("GET", customer="C-9")
    assert (status, answer["error"]["message"]) == (
        404,
        "customer is 'C-9'; allowed: a customer with a contact",
    )


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"email": "anna"}, "email", "email is 'anna'; allowed: an e-mail address of at most 254 characters"),
        ({"email": None}, "email", "email is missing; allowed: "),
        ({"name": 7}, "name", "name is 7; allowed: 1 to 100 letters"),
        ({"name": "<script>"}, "name", "name is '<script>'; allowed: "),
        ({"name": "A" * 101}, "name", "name is 'AAA"),
        ({"phone": "0155512345"}, "phone", "phone is '0155512345'; allowed: + and 7 to 15 digits"),
        ({"phone": ["+43155512345"]}, "phone", "phone is ['+43155512345']; allowed: "),
        ({"iban": "AT61"}, "iban", "iban is 'AT61'; allowed: no such field"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_written(
    client: Any, change: dict[str, Any], field: str, message: str
) -> None:
    status, answer = call("PUT", json.dumps({**ANNA, **change}))
    assert (status, answer["error"]["field"]) == (400, field)
    assert answer["error"]["message"].startswith(message)
    assert items(client) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (None, "body"),
        ("", "body"),
        ("{", "body"),
        ("[]", "body"),
        ("[" * 100_000, "body"),
        ("{}", "name"),
        ('{"name": "Bob", "name": "Eve", "email": "bob@example.com"}', "name"),
        ('{"name": "Bob", "email": "bob@example.com\\n"}', "email"),
    ],
)
def test_a_body_that_is_no_contact_is_refused(client: Any, body: str | None, field: str) -> None:
    status, answer = call("PUT", body)
    assert (status, answer["error"]["field"]) == (400, field)
    assert items(client) == []


@pytest.mark.parametrize("customer", [None, "", "C 1", "C-1\n", "../C-1", "C" * 41])
def test_a_wrong_customer_is_refused_before_the_body_is_read(client: Any, customer: object) -> None:
    for method in ("GET", "PUT"):
        status, answer = call(method, "{", customer)
        assert (status, answer["error"]["field"]) == (400, "customer")
    assert items(client) == []


def test_a_fault_is_no_answer(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client.delete_table(TableName=TABLE)
    monkeypatch.setattr(handlers, "_client", lambda: client)
    # API Gateway makes status 502 of it, which tells the caller nothing of the reason.
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        call("GET")


VALUES = st.one_of(st.none(), st.integers(), st.sampled_from([*ANNA.values(), "x", ""]))
BODIES = st.fixed_dictionaries(
    {"name": st.sampled_from(["Bob", 7]), "email": st.sampled_from(["bob@example.com", "bob"])},
    optional={"phone": VALUES, "other": VALUES},
)


@given(st.one_of(VALUES, BODIES, st.dictionaries(st.sampled_from(list(FIELDS)), VALUES)))
@settings(deadline=None)  # the first one synthesizes the stack
def test_api_gateway_refuses_nothing_that_the_function_accepts(body: Any) -> None:
    model = template().properties("AWS::ApiGateway::Model")["Schema"]
    try:
        read_contact(json.dumps(body))
    except RequestError:
        return
    assert list(Draft4Validator(model).iter_errors(body)) == []


@pytest.mark.parametrize("body", [[], {}, {"name": "Bob"}, {**ANNA, "iban": "AT61"}])
def test_api_gateway_refuses_missing_and_unknown_fields_itself(body: Any) -> None:
    model = template().properties("AWS::ApiGateway::Model")["Schema"]
    assert list(Draft4Validator(model).iter_errors(body))
