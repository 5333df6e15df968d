"""An account in moto for the watch function, with what moto does not know of keys that DynamoDB cannot use."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
import botocore.client  # type: ignore[import-untyped]
from moto import mock_aws

from secure_ddb.detection.handler.watch import index

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pytest

REGION = "eu-central-1"
FUNCTION = f"arn:aws:lambda:{REGION}:111122223333:function:Platform-Watch"
LOG_GROUP = "Platform-WatchLogGroup"
# A full hour at which nothing is due by the clock alone.
NOON, LATER = datetime(2026, 3, 2, 12, tzinfo=UTC), datetime(2026, 3, 2, 13, tzinfo=UTC)


class Account:
    """The account that the watch function looks at.

    Attributes:
        topic: ARN of the topic.
        published: Messages, with subjects, that were published.
        described: Table to what DynamoDB says of it in addition to what moto does.
        lines: What the log group holds; moto knows no patterns of JSON, and no lines of long ago.
        denied: Operation to the code of the error with which it is refused.
        answers: Operation to an answer instead of moto's.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.topic = self.client("sns").create_topic(Name="alarms")["TopicArn"]
        self.published: list[dict[str, str]] = []
        self.described: dict[str, dict[str, Any]] = {}
        self.lines: list[dict[str, Any]] = []
        self.denied: dict[str, str] = {}
        self.answers: dict[str, Any] = {}
        for name, value in {
            "AUDIT_FUNCTION": "audit",
            "AWS_DEFAULT_REGION": REGION,
            "LOG_GROUP": LOG_GROUP,
            "RUNBOOK": "https://wiki.example.com/dynamodb",
            "TOPIC": self.topic,
        }.items():
            monkeypatch.setenv(name, value)
        real = botocore.client.BaseClient._make_api_call

        def call(client: Any, operation: str, asked: dict[str, Any]) -> Any:
            return self._answer(operation, asked, lambda: real(client, operation, asked))

        monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)

    def _answer(self, operation: str, asked: dict[str, Any], really: Any) -> Any:
        if operation in self.denied:
            error = {"Error": {"Code": self.denied[operation], "Message": "not authorized"}}
            raise botocore.exceptions.ClientError(error, operation)
        if operation == "FilterLogEvents" and operation not in self.answers:
            (kind,) = re.findall(r'^{ \$\.(denied|failed)\.event = "\*" }$', asked["filterPattern"])
            span = range(asked["startTime"], asked["endTime"] + 1)
            found = [each for each in self.lines if each["timestamp"] in span and kind in json.loads(each["message"])]
            return {"events": [{**each, "eventId": str(number)} for number, each in enumerate(found)]}
        if operation in self.answers:
            return self.answers[operation]
        answer = really()
        if operation == "Publish":
            self.published.append(asked)
        if operation == "DescribeTable":
            more = self.described.get(asked["TableName"], {})
            answer["Table"] |= {name: value for name, value in more.items() if name != "SSEDescription"}
            answer["Table"].get("SSEDescription", {}).update(more.get("SSEDescription", {}))
        return answer

    def client(self, service: str) -> Any:
        return boto3.client(service, region_name=REGION)

    def key(self) -> str:
        return str(self.client("kms").create_key()["KeyMetadata"]["Arn"])

    def disable(self, key: str) -> None:
        self.client("kms").disable_key(KeyId=key.rpartition("/")[2])

    def table(self, name: str, key: str = "") -> None:
        encryption = {"SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}} if key else {}
        self.client("dynamodb").create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            **encryption,
        )

    def lose(self, table: str, since: datetime) -> None:
        """Let DynamoDB have noticed that a table's key cannot be used."""
        self.described[table] = {
            "TableStatus": "INACCESSIBLE_ENCRYPTION_CREDENTIALS",
            "SSEDescription": {"InaccessibleEncryptionDateTime": since},
        }

    def subscribe(self) -> None:
        """Let the topic have a confirmed subscription, which moto does not count."""
        self.answers["GetTopicAttributes"] = {"Attributes": {"SubscriptionsConfirmed": "1"}}

    def write(self, lines: Iterable[str], when: datetime) -> None:
        """Keep lines as Lambda does with what a function prints."""
        self.lines += [{"timestamp": int(when.timestamp() * 1000), "message": each} for each in lines]

    def run(self, now: datetime, rules: list[str] | None = None) -> list[dict[str, str]]:
        """Run the function at a full hour, and return what it publishes."""
        return self.send({"time": f"{now:%Y-%m-%dT%H:%M:%SZ}", "rules": rules or []})

    def send(self, event: dict[str, Any]) -> list[dict[str, str]]:
        before = len(self.published)
        index.handler(event, SimpleNamespace(invoked_function_arn=FUNCTION))
        return self.published[before:]


@contextmanager
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "111122223333")
    index._client.cache_clear()
    with mock_aws():
        yield Account(monkeypatch)
    index._client.cache_clear()
