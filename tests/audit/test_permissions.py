"""The audit function's role holds what the function and AWS Lambda's poller use, and nothing else."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.awsrequest import AWSResponse  # type: ignore[import-untyped]

from secure_ddb.audit_trail.handler.audit_trail import index as index_module
from tests.audit.aws import BY_MAPPING, BY_REPLAY, FAILURE_BUCKET, KEY_ID, LOG_GROUP, MAC, STREAMS
from tests.audit.checks import golden
from tests.audit.failed import KEY, failed_object
from tests.template import as_list, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.template import Template

# What AWS Lambda does with the role besides running the function.
# https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
POLLER = {
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
    # Of the encrypted stream.
    "kms:Decrypt",
}
# https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
FAILURE_DESTINATION = {"s3:PutObject", "s3:ListBucket", "kms:GenerateDataKey"}
# Of the encrypted bucket, in addition to the call itself.
REPLAY = {"kms:Decrypt"}

_PREFIXES = {"cloudwatch-logs": "logs", "kms": "kms", "s3": "s3"}


class _Body:
    """The body of an answer, as botocore reads it."""

    def __init__(self, content: bytes) -> None:
        self._content = [content, b""]

    def read(self, *_: object, **__: object) -> bytes:
        return self._content.pop(0) if self._content else b""

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self.read()


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Let botocore prepare every request, and answer in place of AWS; return the IAM actions that are called."""
    for variable, value in {
        "AWS_ACCESS_KEY_ID": "example",
        "AWS_SECRET_ACCESS_KEY": "example",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "HMAC_KEY_ID": KEY_ID,
        "LOG_GROUP": LOG_GROUP,
        "FAILURE_BUCKET": FAILURE_BUCKET,
        "STREAMS": STREAMS,
    }.items():
        monkeypatch.setenv(variable, value)
    answers = {
        "kms:GenerateMac": json.dumps({"Mac": base64.b64encode(MAC).decode()}).encode(),
        "s3:GetObject": failed_object([golden("insert")]),
    }
    actions: list[str] = []

    def answer(request: Any, event_name: str, **_rest: object) -> Any:
        _, service, operation = event_name.split(".")
        assert request.url.startswith("https://")
        actions.append(f"{_PREFIXES[service]}:{operation}")
        return AWSResponse(request.url, 200, {}, _Body(answers.get(actions[-1], b"{}")))

    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    boto3.setup_default_session()
    boto3.DEFAULT_SESSION.events.register("before-send", answer)
    index_module._settings.cache_clear()
    index_module._log.cache_clear()
    index_module._keys.cache_clear()
    yield actions
    index_module._settings.cache_clear()
    index_module._log.cache_clear()
    index_module._keys.cache_clear()


def _granted(template: Template) -> set[str]:
    """Return all actions that any policy allows the role."""
    (role,) = (name for name in template.of_type("AWS::IAM::Role") if "AuditRole" in name)
    attached = template.named("AWS::IAM::ManagedPolicy", "OrdersAuditPolicy")
    resource = template.of_type("AWS::IAM::Role")[role]["Properties"]
    policy = template.of_type("AWS::IAM::ManagedPolicy")[attached]["Properties"]
    assert [text(found) for found in policy["Roles"]] == [f"<{role}>"]
    assert not {"ManagedPolicyArns", "Policies"} & resource.keys()
    documents = [policy["PolicyDocument"]]
    documents += [key["Properties"]["KeyPolicy"] for key in template.of_type("AWS::KMS::Key").values()]
    documents += [
        bucket["Properties"]["PolicyDocument"] for bucket in template.of_type("AWS::S3::BucketPolicy").values()
    ]
    return {
        action
        for document in documents
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
        and text(statement.get("Principal", {"AWS": f"<{role}.Arn>"}).get("AWS", "")) == f"<{role}.Arn>"
        for action in as_list(statement["Action"])
    }


def test_the_role_holds_exactly_what_is_used(template: Callable[[str], Template], called: list[str]) -> None:
    assert index_module.handler({"Records": [golden("insert")]}, BY_MAPPING) == {"batchItemFailures": []}
    assert index_module.handler({"replay": {"key": KEY}}, BY_REPLAY) == {"logged": 1, "failed": []}
    assert called == [
        # For the secret of key digests, then for each batch.
        "kms:GenerateMac",
        "kms:GenerateMac",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:GetObject",
        "kms:GenerateMac",
        "logs:PutLogEvents",
    ]
    assert _granted(template("minimal")) == {*called} | POLLER | FAILURE_DESTINATION | REPLAY


def test_without_digests_nobody_needs_the_digest_key(
    template: Callable[[str], Template], called: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYS", "plain")
    index_module.handler({"Records": [golden("insert")]}, BY_MAPPING)
    index_module.handler({"replay": {"key": KEY}}, BY_REPLAY)
    assert "kms:GenerateMac" not in called
    assert _granted(template("plain_keys")) == {*called} | POLLER | FAILURE_DESTINATION | REPLAY
