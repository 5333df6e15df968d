"""One declaration says what happens to which attribute; items of an earlier one are still read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from examples.client_side_encryption.client.declaration import Action, Declaration
from examples.client_side_encryption.client.errors import AlteredItemError, FieldError
from examples.client_side_encryption.payroll import PAYROLL
from tests.examples.client_side_encryption.payroll_tables import ANNA

if TYPE_CHECKING:
    from tests.examples.client_side_encryption.payroll_tables import Payroll

ENCRYPT, SIGN, NOTHING = Action.ENCRYPT_AND_SIGN, Action.SIGN_ONLY, Action.DO_NOTHING
KEY = {"company": "acme", "employee": "E-1"}
OLD = {**KEY, "name": "Anna", "department": "Sales", "viewed_at": "2026-01-15"}


def changed(**actions: Action | None) -> Declaration:
    kept = {name: action for name, action in {**PAYROLL.actions, **actions}.items() if action is not None}
    return replace(PAYROLL, actions=kept)


@pytest.mark.parametrize(
    "now",
    [
        changed(phone=ENCRYPT),
        changed(department=ENCRYPT),
        changed(department=NOTHING),
        changed(name=SIGN),
        changed(name=NOTHING),
        changed(name=None, department=None),
        replace(changed(viewed_at=SIGN), once_unsigned=frozenset({"viewed_at"})),
        replace(changed(viewed_at=ENCRYPT), once_unsigned=frozenset({"viewed_at"})),
        replace(PAYROLL, digests={"iban": 16, "name": 8}),
        replace(PAYROLL, digests={}),
    ],
)
def test_items_of_an_earlier_declaration_are_read(payroll: Payroll, now: Declaration) -> None:
    payroll.table().put(OLD | {"iban": ANNA["iban"]})
    assert payroll.table(now).get(KEY) == OLD | {"iban": ANNA["iban"]}


def test_items_are_written_by_the_declaration_of_now(payroll: Payroll) -> None:
    payroll.table().put(OLD)
    now = replace(changed(viewed_at=ENCRYPT, name=SIGN), once_unsigned=frozenset({"viewed_at"}))
    payroll.table(now).change(KEY, {})
    stored = payroll.stored()
    assert stored["name"] == {"S": "Anna"}
    assert "viewed_at" not in stored
    # From then on it is not accepted without a signature beside the encrypted one.
    payroll.overwrite({**stored, "viewed_at": {"S": "2030-01-01"}})
    with pytest.raises(AlteredItemError):
        payroll.table(now).get(KEY)


def test_what_was_unsigned_is_refused_unless_the_declaration_says_so(payroll: Payroll) -> None:
    payroll.table().put(OLD)
    for now in (changed(viewed_at=SIGN), changed(viewed_at=ENCRYPT), changed(viewed_at=None)):
        with pytest.raises(AlteredItemError) as refused:
            payroll.table(now).get(KEY)
        assert refused.value.field == "viewed_at"


def test_old_items_are_still_protected_as_they_were(payroll: Payroll) -> None:
    payroll.table().put(OLD)
    payroll.overwrite({**payroll.stored(), "department": {"S": "Board"}})
    with pytest.raises(AlteredItemError):
        payroll.table(changed(department=NOTHING)).get(KEY)


def test_an_attribute_that_is_declared_no_more_is_named_when_it_would_be_written_again(payroll: Payroll) -> None:
    payroll.table().put(OLD)
    now = changed(department=None)
    with pytest.raises(FieldError, match=r"^department is not declared; allowed: company, employee, name, "):
        payroll.table(now).change(KEY, {"name": "Anna Maier"})
    payroll.table(now).change(KEY, {"name": "Anna Maier", "department": None})
    assert payroll.table(now).get(KEY) == {**KEY, "name": "Anna Maier", "viewed_at": "2026-01-15"}


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("actions['sealed']", {"actions": {"sealed": SIGN}}),
        ("actions['signed']", {"actions": {"signed": NOTHING}}),
        ("actions['employee']", {"actions": {"employee": ENCRYPT}}),
        ("actions['iban_digest']", {"actions": {"iban_digest": SIGN}}),
        ("actions['']", {"actions": {"": SIGN}}),
        ("digests['department']", {"digests": {"department": 8}}),
        ("digests['phone']", {"digests": {"phone": 8}}),
        ("digests['iban']", {"digests": {"iban": 0}}),
        ("digests['iban']", {"digests": {"iban": 64}}),
        ("once_unsigned['viewed_at']", {"once_unsigned": frozenset({"viewed_at"})}),
        ("once_unsigned['phone']", {"once_unsigned": frozenset({"phone"})}),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(field: str, change: dict[str, Any]) -> None:
    with pytest.raises(FieldError) as refused:
        replace(PAYROLL, **change)
    assert refused.value.field == field
    assert "allowed: " in str(refused.value)
