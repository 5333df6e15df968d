"""Items come back as they were written, nothing of what is encrypted is stored in clear, and bad input is named."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples.client_side_encryption.client.errors import ConflictError, FieldError, KeyUnavailableError
from examples.client_side_encryption.client.values import canonical, from_canonical, plain, typed
from tests.examples.client_side_encryption.payroll_tables import ANNA, BEN, payroll_tables

if TYPE_CHECKING:
    from tests.examples.client_side_encryption.payroll_tables import Payroll

KEY = {"company": "acme", "employee": "E-1"}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.one_of(st.integers(-(10**30), 10**30), st.decimals(-(10**9), 10**9, places=4))
SIMPLE = st.one_of(st.none(), st.booleans(), TEXTS, NUMBERS, st.binary(max_size=20))
SETS = st.one_of(st.sets(TEXTS, min_size=1), st.sets(NUMBERS, min_size=1), st.sets(st.binary(max_size=9), min_size=1))
VALUES = st.recursive(
    st.one_of(SIMPLE, SETS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=6,
)


def test_an_item_comes_back_as_it_was(payroll: Payroll) -> None:
    table = payroll.table()
    table.put(ANNA)
    assert table.get(KEY) == ANNA
    assert table.get({**KEY, "employee": "E-9"}) is None
    table.delete(KEY)
    assert table.get(KEY) is None


def test_any_value_of_dynamodb_comes_back() -> None:
    with payroll_tables("acme") as payroll:
        sealing = payroll.table()._sealing

        @settings(max_examples=100, deadline=None)
        @given(VALUES, VALUES, VALUES)
        def comes_back(hidden: Any, signed: Any, untouched: Any) -> None:
            item = {**KEY, "notes": hidden, "department": signed, "viewed_at": untouched}
            assert sealing.unseal(sealing.seal(item)) == item

        comes_back()


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_a_canonical_text_holds_the_whole_value(value: Any) -> None:
    assert plain(from_canonical(canonical(typed("value", value)))) == value


def test_values_that_dynamodb_takes_for_equal_have_one_text() -> None:
    for same in (["1", "1.0", "100E-2"], ["0", "-0", "0.00"], ["1000", "1E+3"]):
        assert len({canonical({"N": each}) for each in same}) == 1
    assert canonical({"SS": ["b", "a"]}) == canonical({"SS": ["a", "b"]})
    assert canonical({"M": {"b": {"S": "1"}, "a": {"NULL": True}}}) == '{"M":{"a":{"NULL":true},"b":{"S":"1"}}}'
    assert canonical({"S": "1"}) != canonical({"N": "1"})


def test_what_is_encrypted_is_not_stored_in_clear_and_the_rest_is(payroll: Payroll) -> None:
    payroll.table().put({**ANNA, "viewed_at": "2026-01-15"})
    stored = payroll.stored()
    assert set(stored) == {"company", "employee", "department", "viewed_at", "iban_digest", "sealed", "signed"}
    assert [name["S"] for name in stored["signed"]["L"]] == ["company", "department", "employee", "iban_digest"]
    shown = json.dumps(stored, default=lambda value: value.decode("latin-1"))
    assert not [value for value in ("Anna", "DE8937", "5200", "salary", "name") if value in shown]


def test_each_item_is_encrypted_with_a_key_of_its_own(payroll: Payroll) -> None:
    payroll.table().put(ANNA)
    before = payroll.stored()["sealed"]
    payroll.table().put(ANNA)
    assert payroll.stored()["sealed"] != before


def test_a_company_s_items_are_read_together(payroll: Payroll) -> None:
    table = payroll.table()
    for item in (ANNA, BEN, {**ANNA, "company": "globex"}):
        table.put(item)
    assert list(table.query("acme")) == [ANNA, BEN]
    assert list(table.query("initech")) == []


def test_an_item_is_changed_unless_another_request_was_faster(
    payroll: Payroll, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = payroll.table()
    table.put(ANNA)
    assert table.change(KEY, {"salary": Decimal("5300.5"), "department": None})["salary"] == Decimal("5300.5")
    changed = {**ANNA, "salary": Decimal("5300.5")}
    del changed["department"]
    assert table.get(KEY) == changed

    seal = table._sealing.seal

    def seal_late(item: Any) -> Any:
        payroll.table().put(BEN | KEY)
        return seal(item)

    monkeypatch.setattr(table._sealing, "seal", seal_late)
    with pytest.raises(ConflictError):
        table.change(KEY, {"salary": 1})
    assert payroll.table().get(KEY) == BEN | KEY


def test_a_new_item_replaces_none(payroll: Payroll) -> None:
    payroll.table().put(ANNA, is_new=True)
    with pytest.raises(ConflictError):
        payroll.table().put({**ANNA, "salary": 1}, is_new=True)
    assert payroll.table().get(KEY) == ANNA


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("company", {"company": None}),
        ("company", {"company": ""}),
        ("employee", {"employee": 7}),
        ("phone", {"phone": "555-0100"}),
        ("sealed", {"sealed": b"1"}),
        ("iban_digest", {"iban_digest": "1f"}),
        ("salary", {"salary": 5200.5}),
        ("salary", {"salary": Decimal("1" * 39)}),
        ("salary", {"salary": Decimal("NaN")}),
        ("notes", {"notes": [{"tags": set()}]}),
        ("notes", {"notes": {1: "secret"}}),
        ("notes", {"notes": "\ud800"}),
        ("notes", {"notes": object()}),
        ("department", {"department": "x" * 60_001}),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(payroll: Payroll, field: str, change: dict[str, Any]) -> None:
    with pytest.raises(FieldError) as refused:
        payroll.table().put({**ANNA, **change})
    assert refused.value.field == field
    assert str(refused.value).startswith(f"{field} is ")
    assert "allowed: " in str(refused.value)
    # No value gets into logs by way of an error.
    assert "secret" not in str(refused.value)
    assert "5200" not in str(refused.value)
    assert payroll.count() == 0


@pytest.mark.parametrize(
    ("field", "key", "changes"),
    [("employee", {"company": "acme"}, {}), ("employee", KEY, {}), ("company", KEY, {"company": "globex"})],
)
def test_bad_changes_are_named(payroll: Payroll, field: str, key: Any, changes: Any) -> None:
    if changes:
        payroll.table().put(ANNA)
    with pytest.raises(FieldError) as refused:
        payroll.table().change(key, changes)
    assert refused.value.field == field


def test_a_company_without_a_branch_key_cannot_be_written(payroll: Payroll) -> None:
    with pytest.raises(KeyUnavailableError, match="No item found"):
        payroll.table().put({**ANNA, "company": "initech"})
    assert payroll.count() == 0
