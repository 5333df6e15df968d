"""Encrypted attributes are found by a keyed digest, which shows no more than which items of a company may be equal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from examples.client_side_encryption.client.digests import digest
from examples.client_side_encryption.client.errors import AlteredItemError, FieldError
from examples.client_side_encryption.payroll import PAYROLL
from tests.examples.client_side_encryption.payroll_tables import ANNA, BEN

if TYPE_CHECKING:
    from tests.examples.client_side_encryption.payroll_tables import Payroll

IBAN = ANNA["iban"]


def test_items_are_found_by_an_encrypted_attribute(payroll: Payroll) -> None:
    table = payroll.table()
    twin = {**ANNA, "employee": "E-3", "name": "Carl"}
    for item in (ANNA, BEN, twin, {**ANNA, "company": "globex"}):
        table.put(item)
    assert sorted(item["employee"] for item in table.search("iban", IBAN, "acme")) == ["E-1", "E-3"]
    assert list(table.search("iban", "none", "acme")) == []
    assert [item["company"] for item in table.search("iban", IBAN, "globex")] == ["globex"]


def test_an_item_is_found_by_its_value_of_now(payroll: Payroll) -> None:
    table = payroll.table()
    table.put(ANNA)
    table.change({"company": "acme", "employee": "E-1"}, {"iban": BEN["iban"]})
    assert list(table.search("iban", IBAN, "acme")) == []
    assert len(list(table.search("iban", BEN["iban"], "acme"))) == 1


def test_other_values_with_the_same_digest_are_left_out(payroll: Payroll) -> None:
    table = payroll.table(replace(PAYROLL, digests={"iban": 1}))
    values = [f"IBAN-{number}" for number in range(12)]
    for number, value in enumerate(values):
        table.put({"company": "acme", "employee": f"E-{number}", "iban": value})
    digests = {payroll.stored(f"E-{number}")["iban_digest"]["S"] for number in range(12)}
    assert digests == {"0", "1"}
    for value in values:
        assert [item["iban"] for item in table.search("iban", value, "acme")] == [value]


def test_digests_of_two_companies_attributes_and_tables_have_nothing_in_common(payroll: Payroll) -> None:
    wide = replace(PAYROLL, digests={"iban": 63, "name": 63})
    keys = [payroll.keys().digest_key(company) for company in ("acme", "globex")]
    value = {"S": IBAN}
    made = {
        digest(keys[0], wide, "iban", value),
        digest(keys[1], wide, "iban", value),
        digest(keys[0], wide, "name", value),
        digest(keys[0], replace(wide, table="bonuses"), "iban", value),
        digest(keys[0], wide, "iban", {"N": "1"}),
    }
    assert len(made) == 5
    assert {len(each) for each in made} == {16}
    # A short digest is the beginning of a long one.
    assert digest(keys[0], replace(wide, digests={"iban": 62}), "iban", value) == format(
        int(digest(keys[0], wide, "iban", value), 16) >> 1, "016x"
    )


def test_equal_numbers_are_found_however_they_are_written(payroll: Payroll) -> None:
    table = payroll.table(replace(PAYROLL, digests={"salary": 16}))
    key = payroll.keys().digest_key("acme")
    declaration = table._sealing.declaration
    assert digest(key, declaration, "salary", {"N": "5200"}) == digest(key, declaration, "salary", {"N": "5200.0"})


def test_an_altered_item_is_not_found(payroll: Payroll) -> None:
    for item in (ANNA, BEN):
        payroll.table().put(item)
    # Somebody with access to the table has a search for Anna's account find Ben.
    payroll.overwrite({**payroll.stored("E-2"), "iban_digest": payroll.stored("E-1")["iban_digest"]})
    with pytest.raises(AlteredItemError):
        list(payroll.table().search("iban", IBAN, "acme"))


@pytest.mark.parametrize(("attribute", "value"), [("salary", 5200), ("phone", "555"), ("iban", 1.5)])
def test_other_attributes_cannot_be_searched_for(payroll: Payroll, attribute: str, value: object) -> None:
    with pytest.raises(FieldError) as refused:
        list(payroll.table().search(attribute, value, "acme"))
    assert refused.value.field == attribute
