"""Clients for one account and Region, and waiting for what AWS does later."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from boto3 import Session  # type: ignore[import-untyped]

T = TypeVar("T")

_SECONDS_BETWEEN_TRIES = 15


class CannotContinueError(Exception):
    """A step failed that the later ones need."""


class Aws:
    """One account and Region.

    Attributes:
        session: Credentials and Region.
        pause: Waits for some seconds.
    """

    def __init__(self, session: Session, pause: Callable[[float], None] = time.sleep) -> None:
        """Use a session of boto3."""
        self.session = session
        self.pause = pause

    @property
    def region(self) -> str:
        """The Region's name."""
        return str(self.session.region_name)

    def client(self, service: str, **options: Any) -> Any:
        """Return a client of boto3."""
        return self.session.client(service, **options)

    def with_session(self, session: Session) -> Aws:
        """Return the same Region with other credentials."""
        return Aws(session, self.pause)

    def account(self) -> str:
        """Return the account that the credentials belong to."""
        return str(self.client("sts").get_caller_identity()["Account"])

    def until(self, look: Callable[[], T | None], minutes: float) -> T | None:
        """Call `look` until it returns something true, and return its last answer."""
        for _ in range(int(minutes * 60 / _SECONDS_BETWEEN_TRIES)):
            answer = look()
            if answer:
                return answer
            self.pause(_SECONDS_BETWEEN_TRIES)
        return look()
