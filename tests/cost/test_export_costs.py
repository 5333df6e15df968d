"""Exports on a schedule cost something, and how much is not known: it is said, and in no sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cost.estimate import estimate
from secure_ddb.cost.prices import load_prices
from tests.cost.costing import app
from tests.item_archive.archived import exporting, keeping
from tests.synthesized import synthesized

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

    from secure_ddb.cost.model import Line


def per_gb(configuration: Callable[[Stack], None]) -> list[Line]:
    (table,) = estimate(app(synthesized(configuration).body["Resources"]), load_prices()).tables
    return list(table.per_gb)


def test_exports_are_named_and_in_no_sum() -> None:
    found = {line.what: line for line in per_gb(exporting)}
    for what in ("exports on a schedule", "exports kept, compressed"):
        assert found[what].cost is None
        assert found[what].detail == "see docs/exports.md"
    assert found["exports on a schedule"].price is None


def test_a_table_without_exports_has_no_such_line() -> None:
    assert not [line for line in per_gb(keeping) if "export" in line.what]


def test_the_key_of_the_copies_is_charged_to_the_table() -> None:
    (table,) = estimate(app(synthesized(keeping).body["Resources"]), load_prices()).tables
    (keys,) = (line for line in table.monthly if line.what == "KMS keys")
    # The table's, that of digests, and the bucket's.
    assert keys.quantity == 3
