"""An emulator of AWS in processes of its own, on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from boto3 import Session  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
# `make e2e` sets it up from requirements/e2e.txt.
PYTHON = Path(__file__).parent / ".venv" / "bin" / "python"
# Set by make: then the tests have to run.
REQUIRED = "SECURE_DDB_E2E"

ACCOUNT = "111122223333"
REGION = "eu-central-1"
_START_SECONDS = 60
_END_SECONDS = 60
# Between the choice of a free port and the start, somebody else may take it.
_ATTEMPTS = 3


class NotStartedError(Exception):
    """The emulator ended before it answered; the message has what it printed."""


@dataclass(frozen=True)
class Emulator:
    """A running emulator.

    Attributes:
        address: Where all services answer.
        credentials: Access key, secret and token of whoever asks.
        region: The Region that is asked.
    """

    address: str
    # The emulator takes twelve digits for the account's root.
    credentials: tuple[str, str, str | None] = (ACCOUNT, "none", None)
    region: str = REGION

    def client(self, service: str) -> Any:
        """Return a client of boto3 for a service."""
        return self.session.client(service, endpoint_url=self.address)

    def environment(self) -> dict[str, str]:
        """Return what makes another process with boto3 talk to the emulator."""
        credentials = self.session.get_credentials()
        token = {"AWS_SESSION_TOKEN": credentials.token} if credentials.token else {}
        return {
            "AWS_ACCESS_KEY_ID": credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ENDPOINT_URL": self.address,
            **token,
        }

    def in_role(self, role: str) -> Emulator:
        """Return the emulator for requests in a session of the role."""
        arn = self.client("iam").get_role(RoleName=role)["Role"]["Arn"]
        given = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        session = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        return replace(self, credentials=session)

    def in_region(self, region: str) -> Emulator:
        """Return the emulator for requests to another Region."""
        return replace(self, region=region)

    @cached_property
    def session(self) -> Any:
        """A session of boto3."""
        key, secret, token = self.credentials
        return Session(
            aws_access_key_id=key, aws_secret_access_key=secret, aws_session_token=token, region_name=self.region
        )


@contextmanager
def running(*options: str, enforces: bool = False, log: IO[Any] | None = None) -> Iterator[Emulator]:
    """Run an emulator, with our model of AWS unless the options of `harness/run.py` say otherwise.

    If it enforces policies, it decides every request but those of the account's root, which are the session's.

    Raises:
        NotStartedError: It does not start.
    """
    # A file without a name, of which nothing can remain.
    with tempfile.TemporaryFile() as unnamed:
        process, address = _start(log or unnamed, options, {"AUTH": "true"} if enforces else {})
        try:
            yield Emulator(address)
        finally:
            _end(process)


def _start(log: IO[Any], options: tuple[str, ...], extra: dict[str, str]) -> tuple[subprocess.Popen[bytes], str]:
    printed = ""
    for _ in range(_ATTEMPTS):
        port = _free_port()
        process = subprocess.Popen(
            [str(PYTHON), "-m", "tests.e2e.harness.supervise", *options],
            cwd=ROOT,
            env={**_settings(port), **extra, "TMPDIR": tempfile.gettempdir()},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Ctrl-C in a terminal is for pytest, which then ends this one.
            start_new_session=True,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            if _answers(process, address):
                return process, address
        except BaseException:
            _end(process)
            raise
        _end(process)
        if log.readable():
            log.seek(0)
            printed = log.read().decode(errors="replace")
    raise NotStartedError(printed)


def _settings(port: int) -> dict[str, str]:
    """Return the emulator's environment, which has nothing of whoever runs the tests."""
    return {
        "PATH": os.defpath,
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        # In processes, not in Docker.
        "LAMBDA_EXECUTOR": "local",
        # Both would listen on further ports.
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(process: subprocess.Popen[bytes], address: str) -> bool:
    """Wait until the emulator answers; return whether it does."""
    until = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/_ministack/health", timeout=5):  # noqa: S310 - loopback
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close the pipe that keeps the emulator running, and wait until everything is gone."""
    assert process.stdin
    process.stdin.close()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
