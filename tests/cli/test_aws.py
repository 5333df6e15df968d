"""The clients that a command uses wait for the audit function, and never ask it twice."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSResponse  # type: ignore[import-untyped]
from botocore.exceptions import ClientError, ReadTimeoutError  # type: ignore[import-untyped]
from click.testing import CliRunner
from urllib3 import HTTPResponse

from secure_ddb.audit.function import _TIMEOUT_SECONDS
from secure_ddb.cli.aws import _PERMISSIONS, connect, connect_to_kms
from secure_ddb.cli.main import main
from tests.test_lint_templates import CHECKOUT, REPLAY_POLICY

if TYPE_CHECKING:
    from collections.abc import Callable


def answered(request: Any, status: int, code: str) -> Any:
    raw = HTTPResponse(io.BytesIO(b"{}"), preload_content=False)
    return AWSResponse(request.url, status, {"x-amzn-ErrorType": code}, raw)


def unavailable(request: Any) -> Any:
    return answered(request, 503, "ServiceException")


def throttled(request: Any) -> Any:
    return answered(request, 429, "TooManyRequestsException")


def silent(request: Any) -> Any:
    raise ReadTimeoutError(endpoint_url=request.url)


@pytest.mark.parametrize("answer", [unavailable, throttled, silent])
@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_an_invocation_is_never_repeated(
    monkeypatch: pytest.MonkeyPatch, answer: Callable[[Any], Any], mode: str
) -> None:
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),  # pragma: allowlist secret
        ("AWS_SECRET_ACCESS_KEY", "none"),
        ("AWS_MAX_ATTEMPTS", "3"),
        ("AWS_RETRY_MODE", mode),
    ):
        monkeypatch.setenv(name, value)
    requests = []

    def send(request: Any, **_: Any) -> Any:
        requests.append(request)
        return answer(request)

    functions: Any = connect("eu-central-1", None).functions
    functions.meta.events.register("before-send.lambda.Invoke", send)
    with pytest.raises((ClientError, ReadTimeoutError)):
        functions.invoke(FunctionName="Orders", Payload=b"{}")
    assert len(requests) == 1


def test_the_client_waits_longer_than_the_function_may_take() -> None:
    functions: Any = connect("eu-central-1", None).functions
    # Lambda gives a function ten seconds to start.
    assert functions.meta.config.read_timeout > _TIMEOUT_SECONDS + 10


def test_the_permissions_that_are_named_are_those_of_the_policy_shown() -> None:
    of_others = {
        "backup:ListRecoveryPointsByResource",
        "backup:ListRestoreJobsByProtectedResource",
        "cloudformation:GetTemplate",
        "dynamodb:CreateBackup",
        "dynamodb:ExportTableToPointInTime",
        "dynamodb:Scan",
        "kms:VerifyMac",
        "logs:CreateExportTask",
        "s3:PutObject",
    }
    named = {permission.split()[0] for permission in _PERMISSIONS.values()} - of_others
    policy = json.loads((CHECKOUT / REPLAY_POLICY).read_text(encoding="utf-8"))
    assert {statement["Action"] for statement in policy["Statement"]} == named
    told = CliRunner().invoke(main, ["audit", "replay", "--help"]).stdout
    assert all(permission in told for permission in named)


def test_the_permission_to_read_a_deployed_template_is_told() -> None:
    assert _PERMISSIONS["GetTemplate"].startswith("cloudformation:GetTemplate ")
    assert "cloudformation:GetTemplate" in CliRunner().invoke(main, ["plan", "--help"]).stdout


def test_the_permission_to_verify_the_origin_is_told() -> None:
    assert _PERMISSIONS["VerifyMac"].startswith("kms:VerifyMac ")
    assert "kms:VerifyMac" in CliRunner().invoke(main, ["audit", "verify", "--help"]).stdout


@pytest.mark.parametrize(
    ("key", "region", "expected"),
    [
        ("arn:aws:kms:eu-central-1:111122223333:key/a", None, "eu-central-1"),
        ("arn:aws:kms:eu-central-1:111122223333:key/a", "eu-west-1", "eu-west-1"),
        ("1234abcd-12ab-34cd-56ef-1234567890ab", "eu-west-1", "eu-west-1"),
    ],
)
def test_a_key_is_asked_in_its_region(key: str, region: str | None, expected: str) -> None:
    assert connect_to_kms(key, region, None).meta.region_name == expected
