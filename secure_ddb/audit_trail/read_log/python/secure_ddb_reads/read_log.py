"""The log of what an application reads of one table."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .answers import OPERATIONS, parts_of
from .keys import KEY_DIGESTS
from .lines import read_fields
from .settings import VARIABLE, ReadLogSettings
from .writer import ReadNotLoggedError, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .lines import Fields

SCHEMA = 1
_REQUEST = "secure_ddb_reads.request"
# So many lines are written before their block ends, so that memory has a bound.
_MOST_WAITING = 1_000
_LONGEST_USER = 256


class ReadLog:
    """Logs each read of a table before the application gets what was read.

    A read that cannot be logged raises `ReadNotLoggedError` in place of its answer.
    """

    def __init__(
        self,
        settings: ReadLogSettings,
        *,
        principal: str | None = None,
        on_failure: Callable[[ReadNotLoggedError], None] | None = None,
        clients: Callable[[str], Any] | None = None,
    ) -> None:
        """Log reads of a table.

        Args:
            settings: Where and how.
            principal: ARN of the session that the application runs as. Unless given, AWS STS is asked once, which
                takes an interface endpoint in a VPC without a way to the internet.
            on_failure: Called instead of raising if a read cannot be logged. The application then gets the answer,
                and has to report the gap itself.
            clients: Returns boto3's client for `logs`, `kms` and `sts`; boto3's own in the settings' Region unless
                given.
        """
        self._settings = settings
        self._on_failure = on_failure
        self._client = clients or self._make_client
        self._principal = principal
        self._user: ContextVar[str] = ContextVar("user", default="")
        self._waiting: ContextVar[list[Fields] | None] = ContextVar("waiting", default=None)

    @classmethod
    def from_environment(cls, variable: str = VARIABLE, **arguments: Any) -> ReadLog:  # noqa: ANN401 - those of ReadLog
        """Return the log that an environment variable describes.

        Raises:
            KeyError: There is no such variable.
            ValueError: It holds something else.
        """
        return cls(ReadLogSettings.read(os.environ, variable), **arguments)

    def watch(self, client: Any) -> None:  # noqa: ANN401 - boto3 makes its clients at run time
        """Log what is read through a client for DynamoDB, or through a resource of boto3 and those made from it.

        Other clients are not watched, nor is the DAX client, which is none of boto3's.
        """
        client = getattr(client.meta, "client", client)
        events = client.meta.events
        name = f"secure_ddb_reads/{self._settings.table}/{id(self)}"
        # boto3's resources turn values into Python's in handlers of the same events: last on the way out, first on
        # the way in, this sees DynamoDB's own.
        events.register_last("before-parameter-build.dynamodb", _keep_request, unique_id=f"{_REQUEST}/{name}")
        region = client.meta.region_name

        def log_answer(**event: Any) -> None:  # noqa: ANN401 - what botocore tells
            # A replica in another Region has the same name.
            self._log_answer(event["parsed"], event["model"].name, event["context"], region)

        events.register_first("after-call.dynamodb", log_answer, unique_id=name)

    @contextmanager
    def on_behalf_of(self, user: str) -> Iterator[None]:
        """Say for whom the reads of this block are. CloudTrail does not know; lines have it as `on_behalf_of`.

        Args:
            user: An id, of 256 characters at most. It is logged in clear, so no name and no mail address.
        """
        if not isinstance(user, str) or not 0 < len(user) <= _LONGEST_USER:
            raise ValueError(f"on_behalf_of={user!r}; allowed: an id of 1 to {_LONGEST_USER} characters")
        token = self._user.set(user)
        try:
            yield
        finally:
            self._user.reset(token)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Log the reads of this block with one request when it ends, so what was read must not leave it before.

        If the process ends within the block, its reads are not logged. Threads that it starts log each read at once.

        Raises:
            ReadNotLoggedError: They could not be logged.
        """
        if self._waiting.get() is not None:
            yield
            return
        token = self._waiting.set([])
        try:
            yield
        finally:
            waiting = self._waiting.get() or []
            self._waiting.reset(token)
            self._write(waiting)

    def restart(self) -> None:
        """Begin a new chain of lines, in a process that was restored from a snapshot of another."""
        self._writer.restart()

    def _log_answer(self, answer: Fields, operation: str, context: Fields, region: str) -> None:
        if operation not in OPERATIONS:
            return
        try:
            lines = self._lines(operation, context[_REQUEST], answer, region)
        except Exception as error:  # noqa: BLE001 - whatever it is, the read would go unlogged
            self._fail(error)
            return
        waiting = self._waiting.get()
        if waiting is None:
            self._write(lines)
            return
        waiting += lines
        if len(waiting) >= _MOST_WAITING:
            self._write(waiting)
            waiting.clear()

    def _lines(self, operation: str, request: Fields, answer: Fields, region: str) -> list[Fields]:
        parts = [part for part in parts_of(operation, request, answer) if self._is_ours(part.table)]
        if not parts:
            return []
        request_id = answer["ResponseMetadata"]["RequestId"]
        user = self._user.get()
        common = {
            "schema": SCHEMA,
            "event_id": f"{request_id}/{self._settings.table}",
            "table": self._settings.table,
            "region": region,
            "action": operation,
            "request_id": request_id,
            "created": round(time.time(), 3),
            "principal": self._who,
            **({"on_behalf_of": user} if user else {}),
        }
        return list(read_fields(common, parts, self._settings.key_attributes, self._secret))

    def _is_ours(self, table: str) -> bool:
        """Whether a name or ARN is the table's; what could be any table is taken for it."""
        return table.rpartition("table/")[2] in ("", self._settings.table)

    def _write(self, lines: Sequence[Fields]) -> None:
        if not lines:
            return
        try:
            self._writer.write(lines)
        except Exception as error:  # noqa: BLE001 - whatever it is, the read would go unlogged
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        # Only the kind: what an error says may hold values of an item.
        failure = ReadNotLoggedError(
            f"a read of the table {self._settings.table} was not logged: {type(error).__name__}"
        )
        if self._on_failure is None:
            raise failure from error
        failure.__cause__ = error
        self._on_failure(failure)

    @cached_property
    def _writer(self) -> Writer:
        return Writer(self._client("logs"), self._settings.log_group)

    @cached_property
    def _secret(self) -> bytes | None:
        if self._settings.hmac_key is None:
            return None
        answer = self._client("kms").generate_mac(
            KeyId=self._settings.hmac_key, MacAlgorithm="HMAC_SHA_256", Message=KEY_DIGESTS
        )
        mac: bytes = answer["Mac"]
        return mac

    @cached_property
    def _who(self) -> str:
        return self._principal or str(self._client("sts").get_caller_identity()["Arn"])

    def _make_client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        # Loaded late, because an application's start waits for it.
        import boto3  # type: ignore[import-untyped]  # noqa: PLC0415
        from botocore.config import Config  # type: ignore[import-untyped]  # noqa: PLC0415

        retries = {"mode": "standard", "total_max_attempts": 3}
        config = Config(connect_timeout=2, read_timeout=5, retries=retries)
        return boto3.client(service, region_name=self._settings.region, config=config)


def _keep_request(params: Fields, model: Any, context: Fields, **_: object) -> None:  # noqa: ANN401
    """Keep what is asked for until the answer is there."""
    if model.name in OPERATIONS:
        context[_REQUEST] = params
