"""A table in moto, clients that are watched, and the lines that they leave."""

from __future__ import annotations

import json
from typing import Any

import boto3  # type: ignore[import-untyped]

from secure_ddb.audit_trail.read_log.python.secure_ddb_reads import ReadLog, ReadLogSettings
from secure_ddb.audit_trail.verify import Entry, Report, verify
from tests.audit.aws import MAC
from tests.audit.checks import VALIDATOR

REGION = "eu-central-1"
SETTINGS = ReadLogSettings("Orders", ("pk", "sk"), "Orders-Reads", REGION, "the-hmac-key")
SESSION = "arn:aws:sts::111122223333:assumed-role/OrderService/get-order"
SECRET = MAC


def item(pk: str, sk: int, **others: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"N": str(sk)}, **{name: {"S": text} for name, text in others.items()}}


def key(pk: str, sk: int | str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"N": str(sk)}}


class ReadTable:
    """The table `Orders` with some items, and what AWS was asked beside it."""

    def __init__(self) -> None:
        """Make it. moto has to be on."""
        self.client = boto3.client("dynamodb", region_name=REGION)
        self.logs = boto3.client("logs", region_name=REGION)
        for name in ("Orders", "Others"):
            self.client.create_table(
                TableName=name,
                KeySchema=[
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "sk", "KeyType": "RANGE"},
                ],
                AttributeDefinitions=[
                    {"AttributeName": "pk", "AttributeType": "S"},
                    {"AttributeName": "sk", "AttributeType": "N"},
                    {"AttributeName": "by", "AttributeType": "S"},
                ],
                GlobalSecondaryIndexes=[
                    {
                        "IndexName": "ByBuyer",
                        "KeySchema": [{"AttributeName": "by", "KeyType": "HASH"}],
                        "Projection": {"ProjectionType": "ALL"},
                    }
                ],
                BillingMode="PAY_PER_REQUEST",
            )
            for number in range(3):
                self.client.put_item(TableName=name, Item=item("a", number, by="x", note="secret text"))
        self.logs.create_log_group(logGroupName=SETTINGS.log_group)
        self.asked: list[str] = []

    def clients(self, service: str) -> Any:
        self.asked.append(service)
        stubs = {"kms": _Kms(), "sts": _Sts()}
        return stubs.get(service, self.logs)

    def watch(self, settings: ReadLogSettings = SETTINGS, **arguments: Any) -> ReadLog:
        """Return a log that watches the client."""
        log = ReadLog(settings, **{"clients": self.clients, **arguments})
        log.watch(self.client)
        return log

    def texts(self) -> list[str]:
        """Return all lines in the order of their streams."""
        streams = self.logs.describe_log_streams(logGroupName=SETTINGS.log_group)["logStreams"]
        return [
            event["message"]
            for stream in streams
            for event in self.logs.get_log_events(
                logGroupName=SETTINGS.log_group, logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
        ]

    def lines(self) -> list[dict[str, Any]]:
        """Return all lines, each of which is what the schema says."""
        lines = [json.loads(text) for text in self.texts()]
        for line in lines:
            VALIDATOR.validate(line)
        return lines

    def line(self) -> dict[str, Any]:
        (line,) = self.lines()
        return line

    def verify(self, **arguments: Any) -> Report:
        return verify((Entry(text, line=place) for place, text in enumerate(self.texts(), 1)), **arguments)


class _Kms:
    def generate_mac(self, *, KeyId: str, MacAlgorithm: str, Message: bytes) -> dict[str, bytes]:  # noqa: N803
        assert (KeyId, MacAlgorithm) == (SETTINGS.hmac_key, "HMAC_SHA_256")
        assert Message == b"secure_ddb audit key digest 1"
        return {"Mac": SECRET}


class _Sts:
    def get_caller_identity(self) -> dict[str, str]:
        return {"Arn": SESSION}
