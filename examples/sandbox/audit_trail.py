"""Steps that try the audit trail: changes that are logged, and one that cannot be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from examples.sandbox.connection import CannotContinueError
from examples.sandbox.report import Observation
from examples.sandbox.stack import OWN_TENANT
from secure_ddb.audit_trail.handler.audit_trail.replay import read_failed
from secure_ddb.audit_trail.replay import FailedObject, Source, find_objects, find_source, replay
from secure_ddb.audit_trail.verify import Entry, Kind, verify
from secure_ddb.counted import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from examples.sandbox.sandbox import Sandbox
    from secure_ddb.audit_trail.verify import Report

# Stands in every item and must not stand in any line.
SECRET = "value-that-no-line-may-hold"  # noqa: S105
CHANGES = 5
POISON = {"S": "poison"}

_LOG_MINUTES = 10
# Lambda tries five times before it gives up.
_FAILURE_MINUTES = 30


def changes_are_logged(sandbox: Sandbox) -> Iterator[Observation]:
    """Change three items and read the lines back."""
    client = sandbox.aws.client("dynamodb")
    for key in (OWN_TENANT, "kept", "deleted"):
        client.put_item(TableName=sandbox.table, Item={"pk": {"S": key}, "secret": {"S": SECRET}})
    _set_status(sandbox, {"S": OWN_TENANT})
    client.delete_item(TableName=sandbox.table, Key={"pk": {"S": "deleted"}})
    sandbox.aws.until(lambda: verified(sandbox).records >= CHANGES, _LOG_MINUTES)
    report = verified(sandbox)
    yield Observation(
        "The audit log has a line for each change", report.records == CHANGES, f"{report.records} of {CHANGES}"
    )
    yield Observation("The audit trail is intact", report.intact, _findings(report))
    text = "".join(entry.text for entry in entries(sandbox))
    yield Observation("The line of the update names the attribute", '"added":{"status":["S",' in text)
    yield Observation("No line holds a value", bool(text) and SECRET not in text)
    yield Observation(
        "CloudFormation begins the log group's name with the stack's name",
        sandbox.outputs["LogGroupName"].startswith(f"{sandbox.stack}-"),
        sandbox.outputs["LogGroupName"],
    )


def failures_are_kept(sandbox: Sandbox) -> Iterator[Observation]:
    """Write an item that cannot be logged, and look for it in the failure bucket.

    The names of its attributes are longer than a line may be, so the production function fails on it and on nothing
    else. DynamoDB takes names below 64 KB:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
    """
    client = sandbox.aws.client("dynamodb")
    client.put_item(TableName=sandbox.table, Item={"pk": POISON, **poison_attributes()})
    source = find_source(client, sandbox.aws.client("lambda"), sandbox.table)
    yield Observation("Lambda names the mapping's failure bucket", True, source.url)
    buckets = sandbox.aws.client("s3")
    objects = sandbox.aws.until(lambda: find_objects(buckets, source), _FAILURE_MINUTES) or []
    yield Observation("The failure bucket has an object", len(objects) == 1, counted(len(objects), "object"))
    if not objects:
        raise CannotContinueError("without an object there is nothing to replay")
    yield _key_observation(source, objects[0])
    yield from _content_observations(sandbox, source, objects[0])
    yield from _replay_observations(sandbox, source, objects)
    # The same item, so the same shard.
    _set_status(sandbox, POISON)
    expected = CHANGES + 1
    sandbox.aws.until(lambda: verified(sandbox).records >= expected, _LOG_MINUTES)
    report = verified(sandbox)
    yield Observation(
        "The next change of that item is logged", report.records == expected, f"{report.records} of {expected}"
    )
    yield Observation(
        "The audit trail names the change that is missing, and nothing else is wrong",
        dict(report.counts) == {Kind.NOT_LOGGED: 1},
        _findings(report),
    )


def _set_status(sandbox: Sandbox, key: dict[str, str]) -> None:
    sandbox.aws.client("dynamodb").update_item(
        TableName=sandbox.table,
        Key={"pk": key},
        UpdateExpression="SET #status = :new",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":new": {"S": SECRET}},
    )


def poison_attributes() -> dict[str, dict[str, str]]:
    """Return attributes whose names are longer together than a line of the audit log may be."""
    return {f"{number:02}{'x' * 9_998}": {"S": ""} for number in range(30)}


def entries(sandbox: Sandbox) -> list[Entry]:
    """Return the lines of the audit log."""
    pages = (
        sandbox.aws.client("logs")
        .get_paginator("filter_log_events")
        .paginate(logGroupName=sandbox.outputs["LogGroupName"])
    )
    return [
        Entry(event["message"].rstrip("\n"), sandbox.outputs["LogGroupName"], stream=event["logStreamName"])
        for page in pages
        for event in page["events"]
    ]


def verified(sandbox: Sandbox) -> Report:
    """Verify the audit log from its beginning, as `secure-ddb audit verify --from-beginning` does."""
    return verify(entries(sandbox), table=sandbox.table, from_beginning=True)


def _findings(report: Report) -> str:
    return "; ".join(f"{finding.kind.value}: {finding.text}" for finding in report.findings)


def _key_observation(source: Source, listed: FailedObject) -> Observation:
    # https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
    pattern = re.escape(source.prefix) + r"shardId-[^/]+/\d{4}/\d\d/\d\d/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-.+"
    return Observation(
        "The object's key is as AWS documents it", re.fullmatch(pattern, listed.key) is not None, listed.key
    )


def _content_observations(sandbox: Sandbox, source: Source, listed: FailedObject) -> Iterator[Observation]:
    answer = sandbox.aws.client("s3").get_object(Bucket=source.bucket, Key=listed.key)
    try:
        records, shard = read_failed(answer["Body"].read())
        keys = [record["dynamodb"]["Keys"]["pk"] for record in records]
    except (KeyError, TypeError, ValueError) as error:
        yield Observation("The object is an invocation record as AWS documents it", False, repr(error))
        return
    yield Observation("The object holds the change, and only that one", keys == [POISON], f"keys {keys}, shard {shard}")
    yield Observation(
        "S3 encrypts the object with the table's key",
        answer.get("SSEKMSKeyId") == sandbox.outputs["KeyArn"],
        str(answer.get("SSEKMSKeyId")),
    )


def _replay_observations(sandbox: Sandbox, source: Source, objects: list[FailedObject]) -> Iterator[Observation]:
    functions: Any = sandbox.aws.client("lambda")
    for outcome in replay(functions, source, objects):
        # It is still too long, so that it has to fail again, for that reason.
        yield Observation(
            "A replay reads the object and reports that the change failed again",
            (outcome.logged, len(outcome.failed), outcome.error) == (0, 1, ""),
            outcome.error or f"{outcome.logged} logged, {len(outcome.failed)} failed again",
        )
