"""AWS as the commands see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from boto3 import Session  # type: ignore[import-untyped]

from tests.audit.failures_in_aws import Aws, forget_configuration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    forget_configuration(monkeypatch, tmp_path)


@pytest.fixture
def sessions() -> set[tuple[str | None, str]]:
    """Return the Region and the profile of each session that a client was asked of."""
    return set()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, sessions: set[tuple[str | None, str]]) -> Iterator[Aws]:
    """Return what answers instead of AWS."""
    aws = Aws()

    def client(session: Any, service: str, **_: Any) -> Any:
        sessions.add((session.region_name, session.profile_name))
        return aws.clients[service]

    monkeypatch.setattr(Session, "client", client)
    yield aws
    aws.close()
