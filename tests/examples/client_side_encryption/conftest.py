"""Empty tables for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.examples.client_side_encryption.payroll_tables import Payroll, payroll_tables

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def payroll() -> Iterator[Payroll]:
    with payroll_tables() as made:
        yield made
