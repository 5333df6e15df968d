"""An item that was altered in the table is not returned, and neither is one of another key."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from examples.client_side_encryption.client.errors import AlteredItemError, KeyUnavailableError
from examples.client_side_encryption.payroll import PAYROLL
from tests.examples.client_side_encryption.payroll_tables import ANNA, BEN, TABLE, payroll_tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.examples.client_side_encryption.payroll_tables import Payroll

KEY = {"company": "acme", "employee": "E-1"}
Stored = dict[str, Any]


def without(name: str) -> Callable[[Stored, Stored], Stored]:
    return lambda item, _: {key: value for key, value in item.items() if key != name}


def of_other(*names: str) -> Callable[[Stored, Stored], Stored]:
    return lambda item, other: {**item, **{name: other[name] for name in names}}


def replaced(name: str, value: Any) -> Callable[[Stored, Stored], Stored]:
    return lambda item, _: {**item, name: value}


@pytest.mark.parametrize(
    ("alter", "field"),
    [
        (replaced("department", {"S": "Board"}), "sealed"),
        (replaced("department", {"N": "5"}), "sealed"),
        (replaced("iban_digest", {"S": "0000"}), "sealed"),
        # Removed.
        (without("department"), "department"),
        (without("iban_digest"), "iban_digest"),
        (without("sealed"), "sealed"),
        (without("signed"), "signed"),
        # The name with it.
        (lambda item, _: {**item, "signed": {"L": item["signed"]["L"][:-1]}}, "sealed"),
        (lambda item, _: {**without("iban_digest")(item, {}), "signed": {"L": item["signed"]["L"][:-1]}}, "sealed"),
        (lambda item, _: {**item, "signed": {"L": item["signed"]["L"][1:]}}, "company"),
        (replaced("signed", {"L": []}), "signed"),
        (replaced("signed", {"S": "department"}), "signed"),
        (replaced("signed", {"L": [{"N": "1"}]}), "signed"),
        (replaced("sealed", {"S": "x"}), "sealed"),
        (replaced("sealed", {"B": b""}), "sealed"),
        (replaced("sealed", {"B": b"no message"}), "sealed"),
        # Added.
        (replaced("salary", {"N": "9999"}), "salary"),
        (replaced("starts_on", {"S": "2026-01-15"}), "starts_on"),
        (replaced("phone", {"S": "555-0100"}), "phone"),
        # Swapped with another item's.
        (of_other("sealed"), "sealed"),
        (of_other("iban_digest"), "sealed"),
        (of_other("sealed", "signed", "iban_digest"), "sealed"),
        (lambda item, other: {**other, "employee": item["employee"]}, "sealed"),
    ],
)
def test_an_item_that_was_altered_is_not_returned(
    payroll: Payroll, alter: Callable[[Stored, Stored], Stored], field: str
) -> None:
    for item in (ANNA, BEN):
        payroll.table().put(item)
    payroll.overwrite(alter(payroll.stored("E-1"), payroll.stored("E-2")))
    for read in (payroll.table().get, lambda _: list(payroll.table().query("acme"))):
        with pytest.raises(AlteredItemError) as noticed:
            read(KEY)
        assert noticed.value.field == field
    with pytest.raises(AlteredItemError):
        payroll.table().change(KEY, {"salary": 1})
    # The other item is still read.
    assert payroll.table().get({**KEY, "employee": "E-2"}) == BEN


def test_each_byte_of_a_message_is_protected(payroll: Payroll) -> None:
    payroll.table().put(ANNA)
    sealing, stored = payroll.table()._sealing, payroll.stored()
    assert sealing.unseal(stored) == ANNA
    message = stored["sealed"]["B"]
    altered = [message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :] for at in range(len(message))]
    for each in (*altered, message[:-1], message[1:], message + b"\0", message + message):
        # An altered name of a branch key is one that does not exist.
        with pytest.raises((AlteredItemError, KeyUnavailableError)):
            sealing.unseal({**stored, "sealed": {"B": each}})


def test_an_item_does_not_move_to_another_company(payroll: Payroll) -> None:
    payroll.table().put(ANNA)
    payroll.overwrite({**payroll.stored(), "company": {"S": "globex"}})
    with pytest.raises(AlteredItemError):
        payroll.table().get({**KEY, "company": "globex"})


def test_an_answer_with_another_item_than_was_asked_for_is_refused(payroll: Payroll) -> None:
    for item in (ANNA, BEN):
        payroll.table().put(item)
    table = payroll.table()

    def answer(**_: Any) -> Any:
        return {"Item": payroll.stored("E-2")}

    table._client = type("Liar", (), {"get_item": staticmethod(answer)})
    with pytest.raises(AlteredItemError, match="that of another item"):
        table.get(KEY)


def test_an_item_of_another_table_is_refused(payroll: Payroll) -> None:
    payroll.table().put(ANNA)
    with pytest.raises(AlteredItemError):
        payroll.table(replace(PAYROLL, table="bonuses")).get(KEY)


def test_what_nothing_is_done_to_is_not_protected(payroll: Payroll) -> None:
    # The limit of the declaration: it can be altered, removed and added without notice.
    payroll.table().put({**ANNA, "viewed_at": "2026-01-15"})
    payroll.overwrite({**payroll.stored(), "viewed_at": {"S": "2030-01-01"}})
    assert payroll.table().get(KEY) == {**ANNA, "viewed_at": "2030-01-01"}
    payroll.overwrite(without("viewed_at")(payroll.stored(), {}))
    assert payroll.table().get(KEY) == ANNA


def test_an_old_version_of_an_item_and_a_deletion_are_not_noticed(payroll: Payroll) -> None:
    # The limit of every signature that stands beside the item.
    payroll.table().put(ANNA)
    old = payroll.stored()
    payroll.table().change(KEY, {"salary": 5300})
    payroll.overwrite(old)
    assert payroll.table().get(KEY) == ANNA
    payroll.dynamodb.delete_item(TableName=TABLE, Key={name: {"S": value} for name, value in KEY.items()})
    assert payroll.table().get(KEY) is None


def test_an_item_of_another_key_store_is_refused() -> None:
    with payroll_tables("acme") as one:
        one.table().put(ANNA)
        stored = one.stored()
    # The same company with another branch key: the version that the message names is not there.
    with payroll_tables("acme") as other, pytest.raises(KeyUnavailableError):
        other.table()._sealing.unseal(stored)
