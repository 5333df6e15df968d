"""Replays failed changes through the audit function, for `secure-ddb audit replay`.

The function itself reads the objects of its failure bucket, so that operators see no items during a replay.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from secure_ddb.audit_trail.verify.report import MOST_SHOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

_BUCKET_ARN = ":s3:::"
HIDDEN = "hidden by a delete marker or a later version"


class ReplayError(Exception):
    """A resource needed for a replay is missing or ambiguous."""


class Pages(Protocol):
    """A paginator of boto3."""

    def paginate(self, **request: str) -> Iterable[dict[str, Any]]:
        """Yield the answers one after the other."""


class Lister(Protocol):
    """A client of boto3 whose answers come in pages."""

    def get_paginator(self, operation_name: str, /) -> Pages:
        """Return the paginator."""


class Tables(Protocol):
    """The methods of boto3's DynamoDB client that a replay needs."""

    def describe_table(self, **request: str) -> dict[str, Any]:
        """Return DynamoDB's description of a table."""


class Functions(Lister, Protocol):
    """The methods of boto3's Lambda client that a replay needs. Invocations must not be retried: that repeats lines."""

    def invoke(self, **request: str | bytes) -> dict[str, Any]:
        """Run a function and return its answer."""


class Source(NamedTuple):
    """The bucket of a table's failed changes, and the function that logs them.

    Attributes:
        function: ARN of the audit function, without the mapping's alias: the function takes no replay through it.
        bucket: Name of the failure bucket.
        prefix: Prefix of the keys of the mapping's objects.
    """

    function: str
    bucket: str
    prefix: str

    @property
    def url(self) -> str:
        """The place of the objects, as the AWS CLI writes it."""
        return f"s3://{self.bucket}/{self.prefix}"


class FailedObject(NamedTuple):
    """A version of an object of the failure bucket: one batch that Lambda has given up.

    Attributes:
        key: Its key.
        modified: When Lambda wrote it.
        size: Bytes.
        version: The id of the version.
        is_hidden: Whether a delete marker or a later version hides it, so that the audit function would not find it.
    """

    key: str
    modified: datetime
    size: int
    version: str
    is_hidden: bool = False


class Outcome(NamedTuple):
    """The result of one object.

    Attributes:
        key: The object's key.
        logged: The number of changes that have lines now.
        failed: Sequence numbers of the changes that failed again.
        error: Why the function could not do anything with the object, or nothing.
    """

    key: str
    logged: int = 0
    failed: tuple[str, ...] = ()
    error: str = ""


@dataclass
class ReplayReport:
    """The result of a replay.

    Attributes:
        found: Objects that there were to replay.
        tried: Those of them that the audit function was given and answered about.
        logged: Changes that have lines now.
        failed_count: Changes that failed again.
        failed: The first of them: the object's key and the sequence number.
        error_count: Objects that the audit function could not do anything with.
        errors: The first of them: the key and the reason.
    """

    found: int
    tried: int = 0
    logged: int = 0
    failed_count: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    error_count: int = 0
    errors: list[tuple[str, str]] = field(default_factory=list)

    @property
    def all_logged(self) -> bool:
        """Whether every object was replayed and nothing failed again."""
        return self.tried == self.found and not self.failed_count and not self.error_count

    def add(self, outcome: Outcome) -> None:
        """Record the result of an object."""
        self.tried += 1
        self.logged += outcome.logged
        self.failed_count += len(outcome.failed)
        room = MOST_SHOWN - len(self.failed)
        self.failed += [(outcome.key, number) for number in outcome.failed[:room]]
        if outcome.error:
            self.error_count += 1
            if len(self.errors) < MOST_SHOWN:
                self.errors.append((outcome.key, outcome.error))

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as it goes into JSON."""
        return {
            "all_logged": self.all_logged,
            "found": self.found,
            "tried": self.tried,
            "logged": self.logged,
            "failed": {
                "count": self.failed_count,
                "first": [{"key": key, "sequence_number": number} for key, number in self.failed],
            },
            "errors": {
                "count": self.error_count,
                "first": [{"key": key, "error": error} for key, error in self.errors],
            },
        }


def find_source(tables: Tables, functions: Lister, table: str, function: str | None = None) -> Source:
    """Return where a table's failed changes are.

    Args:
        tables: Client for DynamoDB.
        functions: Client for Lambda.
        table: The table's name.
        function: Name or ARN of the audit function, where several functions could be it.

    Raises:
        ReplayError: The table has no stream, or not exactly one function with a failure bucket reads it.
    """
    stream = tables.describe_table(TableName=table)["Table"].get("LatestStreamArn")
    if not stream:
        raise ReplayError("it has no stream, so it has no audit trail")
    pages = functions.get_paginator("list_event_source_mappings").paginate(EventSourceArn=stream)
    mappings = [mapping for page in pages for mapping in page["EventSourceMappings"]]
    if not mappings:
        raise ReplayError("no function reads its stream, so it has no audit trail")
    mappings = [mapping for mapping in mappings if _BUCKET_ARN in _destination(mapping)]
    if not mappings:
        raise ReplayError("no function that reads its stream keeps what has failed in a bucket")
    mapping = _chosen(mappings, function)
    _, bucket = _destination(mapping).split(_BUCKET_ARN)
    return Source(_unqualified(mapping["FunctionArn"]), bucket, f"aws/lambda/{mapping['UUID']}/")


def find_objects(
    buckets: Lister, source: Source, since: datetime | None = None, until: datetime | None = None
) -> list[FailedObject]:
    """Return the objects that were written at or after `since` and before `until`, in the order of their keys.

    All versions, because a delete marker leaves an object in the bucket but hides it from a list of objects. Keys go on
    with the shard and the second, so that this is the order in which each shard's batches have failed. Those of the
    same second have no order.
    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
    """
    pages = buckets.get_paginator("list_object_versions").paginate(Bucket=source.bucket, Prefix=source.prefix)
    found = (
        FailedObject(
            listed["Key"], listed["LastModified"], listed["Size"], listed["VersionId"], is_hidden=not listed["IsLatest"]
        )
        for page in pages
        for listed in page.get("Versions", ())
    )
    return sorted(
        listed
        for listed in found
        if (since is None or since <= listed.modified) and (until is None or listed.modified < until)
    )


def replay(functions: Functions, source: Source, objects: Iterable[FailedObject]) -> Iterator[Outcome]:
    """Let the audit function log one object after the other, so that the order of the log is theirs.

    It reads the latest version only, so a hidden object is an error, without an invocation.
    """
    for each in objects:
        if each.is_hidden:
            yield Outcome(each.key, error=f"{HIDDEN} (version {each.version})")
            continue
        payload = json.dumps({"replay": {"key": each.key}}).encode()
        answer = functions.invoke(FunctionName=source.function, InvocationType="RequestResponse", Payload=payload)
        yield _outcome(each.key, answer["Payload"].read(), is_error="FunctionError" in answer)


def _outcome(key: str, answer: bytes, *, is_error: bool) -> Outcome:
    try:
        fields = json.loads(answer)
    except ValueError:
        fields = None
    match fields:
        # Only the type: an error's message may contain values of an item.
        case {"errorType": str(kind)} if is_error:
            return Outcome(key, error=f"the audit function failed with {kind}")
        case _ if is_error:
            return Outcome(key, error="the audit function failed without an error type")
        case {"logged": int(logged), "failed": list(failed)} if all(isinstance(number, str) for number in failed):
            return Outcome(key, logged, tuple(failed))
    return Outcome(key, error="the audit function did not return what it has logged")


def _destination(mapping: dict[str, Any]) -> str:
    destination: str = mapping.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", "")
    return destination


def _chosen(mappings: list[dict[str, Any]], function: str | None) -> dict[str, Any]:
    chosen = [mapping for mapping in mappings if not function or function in _names(mapping["FunctionArn"])]
    if len(chosen) == 1:
        return chosen[0]
    problem = "several functions keep" if chosen else "no function of that name keeps"
    there_are = ", ".join(sorted(mapping["FunctionArn"] for mapping in chosen or mappings))
    raise ReplayError(f"{problem} what has failed of its stream in a bucket; choose with --function: {there_are}")


def _names(function_arn: str) -> tuple[str, str, str]:
    """Return the possible names of a function: its ARN with and without an alias or a version, and its name."""
    return function_arn, _unqualified(function_arn), function_arn.split(":")[6]


def _unqualified(function_arn: str) -> str:
    """Return arn:aws:lambda:REGION:ACCOUNT:function:NAME without an alias or a version behind it."""
    return ":".join(function_arn.split(":")[:7])
