"""Orders are placed once, with what they cost taken from the credit, and go through their statuses in order."""

from __future__ import annotations

import time
from decimal import Decimal
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from examples.orders.service import handlers
from examples.orders.service.items import order_key, to_stored
from examples.orders.service.orders import Orders
from examples.orders.service.transactions import write_together
from tests.examples.orders.orders_table import TABLE, credit, items, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LINES = [{"sku": "TEA-100", "quantity": 2, "price": "4.95"}]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a client for a table with one customer's account, which the handlers use."""
    monkeypatch.setenv("TABLE", TABLE)
    with table(("C-1001", "20")) as made:
        monkeypatch.setattr(handlers, "_client", lambda: made)
        yield made


def serve(action: str, **fields: Any) -> dict[str, Any]:
    return handlers.serve({"action": action, **fields}, None)


def pack(action: str, **fields: Any) -> dict[str, Any]:
    return handlers.pack({"action": action, **fields}, None)


def place(order: str = "A-1", **fields: Any) -> dict[str, Any]:
    asked = {"customer": "C-1001", "order": order, "email": "anna@example.com", "lines": LINES, **fields}
    return serve("place", **asked)


def cancel(order: str = "A-1") -> dict[str, Any]:
    return serve("cancel", customer="C-1001", order=order)


def advance(status: str, order: str = "A-1") -> dict[str, Any]:
    return pack("advance", customer="C-1001", order=order, status=status)


def message(answer: dict[str, Any]) -> str:
    return str(answer["error"]["message"])


def test_an_order_is_placed(client: Any) -> None:
    placed = place()
    assert (placed["status"], placed["total"], placed["prices"]) == ("placed", "9.90", {"TEA-100": "4.95"})
    assert placed["lines"] == [{"sku": "TEA-100", "quantity": 2}]
    assert credit(client, "C-1001") == Decimal("10.10")


def test_the_same_order_again_changes_nothing(client: Any) -> None:
    placed = place()
    before = items(client)
    assert place() == placed
    assert items(client) == before


def test_the_same_order_again_is_returned_as_it_is_by_now(client: Any) -> None:
    place()
    advance("packed")
    assert place()["status"] == "packed"
    # Nor does it matter that the credit would not suffice for another one.
    place("A-2")
    assert place()["status"] == "packed"
    assert credit(client, "C-1001") == Decimal("0.20")


@pytest.mark.parametrize(
    "other",
    [
        {"email": "bob@example.com"},
        {"lines": [{**LINES[0], "quantity": 1}]},
        {"lines": [{**LINES[0], "price": "4.94"}]},
        {"lines": [*LINES, {"sku": "CUP-7", "quantity": 1, "price": "0.00"}]},
    ],
)
def test_another_order_with_the_same_id_is_refused(client: Any, other: dict[str, Any]) -> None:
    place()
    before = items(client)
    assert message(place(**other)) == "order is 'A-1'; allowed: the id of no other order"
    assert items(client) == before


def test_an_order_beyond_the_credit_is_refused(client: Any) -> None:
    answer = place(lines=[{"sku": "TEA-100", "quantity": 1, "price": "20.01"}])
    assert message(answer) == "lines is 20.01 in total; allowed: the customer's credit, 20.00"
    assert len(items(client)) == 1


def test_an_order_of_an_unknown_customer_is_refused(client: Any) -> None:
    assert message(place(customer="C-9")) == "customer is 'C-9'; allowed: a customer with an account"
    assert len(items(client)) == 1


def test_a_cancelled_order_gives_its_total_back_once(client: Any) -> None:
    place()
    assert [cancel()["status"] for _ in range(2)] == ["cancelled", "cancelled"]
    assert credit(client, "C-1001") == Decimal(20)


def test_an_order_that_is_packed_is_not_cancelled(client: Any) -> None:
    place()
    advance("packed")
    assert message(cancel()) == "order is 'A-1', which is packed; allowed: one that is placed"
    assert credit(client, "C-1001") == Decimal("10.10")


def test_an_order_that_is_packed_meanwhile_is_not_cancelled(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    place()
    read = Orders._get

    def read_then_pack(self: Orders, key: dict[str, Any]) -> dict[str, Any] | None:
        found = read(self, key)
        advance("packed")
        return found

    monkeypatch.setattr(Orders, "_get", read_then_pack)
    assert message(cancel()) == "order is 'A-1', which is packed; allowed: one that is placed"
    assert credit(client, "C-1001") == Decimal("10.10")


def test_an_order_without_an_account_is_not_cancelled(client: Any) -> None:
    item = {**order_key("C-2", "B-1"), "status": "placed", "total": 1}
    client.put_item(TableName=TABLE, Item=to_stored(item))
    answer = serve("cancel", customer="C-2", order="B-1")
    assert message(answer) == "customer is 'C-2'; allowed: a customer with an account"


def test_an_order_that_is_not_there_is_not_cancelled(client: Any) -> None:  # noqa: ARG001
    assert message(cancel()) == "order is 'A-1'; allowed: an order of this customer"


def test_orders_of_a_customer_are_listed_without_the_account(client: Any) -> None:  # noqa: ARG001
    placed = place()
    assert serve("list", customer="C-1001") == {"orders": [placed], "has_more": False}
    assert serve("list", customer="C-1002") == {"orders": [], "has_more": False}


def test_a_long_list_is_read_in_parts(client: Any) -> None:
    for number in range(101):
        client.put_item(TableName=TABLE, Item=to_stored(order_key("C-1001", f"A-{number:03}")))
    first = serve("list", customer="C-1001")
    assert (len(first["orders"]), first["has_more"]) == (100, True)
    rest = serve("list", customer="C-1001", after=first["orders"][-1]["order"])
    assert ([each["order"] for each in rest["orders"]], rest["has_more"]) == (["A-100"], False)


def test_the_warehouse_sees_what_is_placed_and_no_more_of_it_than_it_needs(client: Any) -> None:  # noqa: ARG001
    place()
    (seen,) = pack("waiting")["orders"]
    assert seen.keys() == {"customer", "order", "status", "placed_at", "lines"}
    advance("packed")
    assert pack("waiting") == {"orders": []}


def test_the_warehouse_takes_an_order_step_by_step(client: Any) -> None:  # noqa: ARG001
    place()
    assert message(advance("shipped")) == "order is 'A-1', which is placed; allowed: one that is packed"
    for status in ("packed", "packed", "shipped", "shipped"):
        assert advance(status)["status"] == status
    assert message(advance("packed")) == "order is 'A-1', which is shipped; allowed: one that is placed"


def test_the_warehouse_makes_no_order(client: Any) -> None:
    assert message(advance("packed")) == "order is 'A-1', which is not there; allowed: one that is placed"
    assert len(items(client)) == 1


@pytest.mark.parametrize(
    ("action", "field"),
    [
        ("delete", "action"),
        (None, "action"),
        (["list"], "action"),
    ],
)
def test_an_action_that_there_is_not_is_refused(client: Any, action: Any, field: str) -> None:  # noqa: ARG001
    answer = handlers.serve({"action": action}, None)
    assert answer["error"]["field"] == field
    assert answer["error"]["message"].endswith("; allowed: place or list or cancel")


def test_a_status_that_the_warehouse_may_not_give_is_refused(client: Any) -> None:  # noqa: ARG001
    assert message(advance("cancelled")) == "status is 'cancelled'; allowed: packed or shipped"


class Conflicting:
    """A client whose transactions are cancelled with these codes, one after the other."""

    class exceptions:  # noqa: N801 - as boto3 has it
        class TransactionCanceledException(ClientError):  # type: ignore[misc] # noqa: N818
            pass

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes = iter(codes)
        self.asked = 0

    def transact_write_items(self, **_: Any) -> None:
        self.asked += 1
        code = next(self.codes)
        if code:
            reasons = [{"Code": "None"}, {"Code": code}]
            answer = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise self.exceptions.TransactionCanceledException(answer, "TransactWriteItems")


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the seconds that were waited."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


def test_a_transaction_that_meets_another_one_is_tried_again(pauses: list[float]) -> None:
    client = Conflicting(["TransactionConflict", "TransactionConflict", ""])
    assert write_together(client, {}, {})
    assert len(pauses) == 2


def test_a_transaction_that_always_meets_another_one_is_given_up(pauses: list[float]) -> None:
    client = Conflicting(repeat("TransactionConflict"))
    with pytest.raises(ClientError):
        write_together(client, {}, {})
    assert client.asked == len(pauses) + 1 == 4


def test_a_transaction_that_fails_otherwise_is_not_repeated(pauses: list[float]) -> None:
    client = Conflicting(chain(["ValidationError"], repeat("")))
    with pytest.raises(ClientError):
        write_together(client, {}, {})
    assert (client.asked, pauses) == (1, [])


def test_a_transaction_whose_condition_fails_says_so(pauses: list[float]) -> None:
    assert not write_together(Conflicting(["ConditionalCheckFailed"]), {}, {})
    assert pauses == []
