"""A deployed table, as its operators reach it: by what CloudFormation made of its stack."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from secure_ddb.audit_trail.verify import Entry, Report, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.deployment import Deployment

_HASH = 8
_LOG_SECONDS = 60
_LARGEST_PAGE = 10_000


@dataclass(frozen=True)
class Table:
    """A `SecureTable` in a deployed stack.

    Attributes:
        deployment: What deployed the stack.
        stack: Name of the stack.
        id: Construct id of the table.
    """

    deployment: Deployment
    stack: str
    id: str = "Orders"

    def client(self, service: str) -> Any:
        """Return a client for a service of the account."""
        return self.deployment.emulator.client(service)

    def resource(self, name: str) -> str:
        """Return the physical id of a resource of the table by its construct id."""
        found = {
            logical_id[:-_HASH]: physical_id
            for logical_id, physical_id in self.deployment.resources(self.stack).items()
        }
        return found[f"{self.id}{name}"]

    @property
    def name(self) -> str:
        """The table's name."""
        return self.resource("Table")

    def description(self) -> dict[str, Any]:
        """Return what DynamoDB says of the table."""
        described: dict[str, Any] = self.client("dynamodb").describe_table(TableName=self.name)["Table"]
        return described

    def key_arn(self) -> str:
        """Return the ARN of the key that encrypts the table."""
        described: dict[str, Any] = self.client("kms").describe_key(KeyId=self.resource("Key"))["KeyMetadata"]
        return str(described["Arn"])

    def log_events(self) -> list[dict[str, Any]]:
        """Return the events of the audit log, as `aws logs filter-log-events` prints them."""
        group = {"logGroupName": self.resource("AuditLogGroup")}
        client = self.client("logs")
        events: list[dict[str, Any]] = client.filter_log_events(**group)["events"]
        if len(events) < _LARGEST_PAGE:
            return events
        # The emulator names no page after the first.
        events = []
        for page in client.get_paginator("describe_log_streams").paginate(**group):
            for stream in page["logStreams"]:
                name = stream["logStreamName"]
                events += [{**event, "logStreamName": name} for event in _events(client, logStreamName=name, **group)]
        return events

    def lines(self) -> list[str]:
        """Return the lines of the audit trail, without what Lambda itself logs."""
        messages = (event["message"].rstrip("\n") for event in self.log_events())
        return [message for message in messages if message.startswith('{"schema":')]

    def changes(self, act: Callable[[], object], count: int) -> list[dict[str, Any]]:
        """Do something that changes items, and return the fields of as many lines that it led to: all, and no more.

        A last change marks the end, as the stream keeps the order.
        """
        before = self.lines()
        act()
        self.client("dynamodb").put_item(TableName=self.name, Item={"pk": {"S": str(uuid4())}})
        lines = self.wait_for_lines(len(before) + count + 1)
        earlier = set(before)
        fresh = [json.loads(line) for line in lines if line not in earlier]
        assert len(fresh) == count + 1, [(line["action"], line.get("added"), line.get("changed")) for line in fresh]
        return fresh[:-1]

    def verified(self) -> Report:
        """Verify the audit log from its beginning, as `secure-ddb audit verify --from-beginning` does."""
        entries = [
            Entry(event["message"].rstrip("\n"), self.stack, stream=event["logStreamName"])
            for event in self.log_events()
        ]
        return verify(entries, table=self.name, from_beginning=True)

    def wait_for_line(self, is_wanted: Callable[[dict[str, Any]], bool]) -> str:
        """Return the first line of the audit trail whose fields are the wanted ones.

        Raises:
            AssertionError: There is none in time.
        """
        until = time.monotonic() + _LOG_SECONDS
        while time.monotonic() < until:
            if found := next((line for line in self.lines() if is_wanted(json.loads(line))), None):
                return found
            time.sleep(0.05)
        raise AssertionError("the audit trail has no such line")

    def wait_for_lines(self, count: int) -> list[str]:
        """Return the lines of the audit trail as soon as there are as many."""
        until = time.monotonic() + _LOG_SECONDS
        while len(lines := self.lines()) < count and time.monotonic() < until:
            time.sleep(0.05)
        return lines


def _events(client: Any, **stream: str) -> Iterator[dict[str, Any]]:
    """Yield the events of a log stream; its last page names itself as the next."""
    page = client.get_log_events(**stream, startFromHead=True)
    token = ""
    while page["nextForwardToken"] != token:
        yield from page["events"]
        token = page["nextForwardToken"]
        page = client.get_log_events(**stream, startFromHead=True, nextToken=token)
