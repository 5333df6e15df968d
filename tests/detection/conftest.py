"""The account that the watch function looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.detection.watching import Account, account

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    with account(monkeypatch) as made:
        made.subscribe()
        yield made
