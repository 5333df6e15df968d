"""Encryption costs no further request to DynamoDB, and few bytes of a large item."""

from __future__ import annotations

import pytest

from benchmarks.client_side_encryption import ITEMS, cost


@pytest.mark.parametrize(("name", "most"), [("0.1 KB", 6.0), ("10 KB", 1.1), ("100 KB", 1.02)])
def test_an_item_costs_one_request_and_little_more_bytes(name: str, most: float) -> None:
    found = cost(ITEMS[name], 1)
    assert found.requests == 1
    assert 1 < found.size < most
    # What it costs in time is measured, not promised: but it is work.
    assert found.put > 1
    assert found.get > 1
