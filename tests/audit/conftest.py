"""What tests of the deployed function share: the handler with stand-ins for the AWS services that it calls."""

from __future__ import annotations

import importlib
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.audit_trail.handler.audit_trail import index as index_module
from tests.audit.aws import BY_MAPPING, FAILURE_BUCKET, KEY_ID, LOG_GROUP, STREAMS, Aws

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    Run = Callable[..., tuple[dict[str, Any], str]]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    """Set the variables that the construct sets, and stand in for AWS."""
    aws = Aws()
    monkeypatch.setitem(sys.modules, "boto3", SimpleNamespace(client=aws.client))
    monkeypatch.setenv("HMAC_KEY_ID", KEY_ID)
    monkeypatch.setenv("LOG_GROUP", LOG_GROUP)
    monkeypatch.setenv("FAILURE_BUCKET", FAILURE_BUCKET)
    monkeypatch.setenv("STREAMS", STREAMS)
    monkeypatch.setenv("KEYS", "digest")
    monkeypatch.delenv("CLEAR_ATTRIBUTES", raising=False)
    return aws


@pytest.fixture
def index(aws: Aws) -> ModuleType:  # noqa: ARG001 - the handler must not find AWS itself
    """Load the handler anew, as a new execution environment does."""
    return importlib.reload(index_module)


@pytest.fixture
def run(index: ModuleType, aws: Aws, capsys: pytest.CaptureFixture[str]) -> Run:
    """Invoke the handler with records and return its answer and what it wrote."""

    def invoke(*records: object, **event: object) -> tuple[dict[str, Any], str]:
        before = len(aws.text)
        answer = index.handler({"Records": list(records), **event}, BY_MAPPING)
        # Whatever is printed would be in the log group as well, without a link.
        assert capsys.readouterr() == ("", "")
        return answer, aws.text[before:]

    return invoke
