"""Differences for the table's stream and its readers (AUD-1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.adoption.model import Difference, Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.adoption.existing import ExistingTable

STREAM_SOURCE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-dynamodb-table-streamspecification.html"
_READERS = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html"
BOTH_IMAGES = "NEW_AND_OLD_IMAGES"


def changes_stream(table: ExistingTable) -> bool:
    """Return whether DynamoDB has to end the table's stream and begin another one."""
    return table.stream not in {None, BOTH_IMAGES}


def stream_differences(table: ExistingTable) -> Iterator[Difference]:
    """Yield the difference for the stream."""
    if table.stream is None:
        yield Difference(
            direction=Direction.GAINED,
            requirement="AUD-1",
            what=f"A stream with {BOTH_IMAGES}, and a function that records each change in the audit log.",
            effect="Changes from before the deployment are not recorded.",
            properties=("StreamSpecification",),
            source=_READERS,
        )
    elif changes_stream(table):
        yield Difference(
            direction=Direction.CHANGED,
            requirement="AUD-1",
            what=f"The stream shows {BOTH_IMAGES}, not {table.stream}: DynamoDB ends it and begins another one.",
            effect="The new stream has another ARN. Consumers keep reading the old one, which gets no more changes and "
            "is gone after 24 hours; point them to the new one. Records hold the item before the change too, so they "
            "are larger, and their readers see more.",
            properties=("StreamSpecification",),
            source=STREAM_SOURCE,
        )
    else:
        yield Difference(
            direction=Direction.CHANGED,
            requirement="AUD-1",
            what="A function that records each change in the audit log reads the stream, too.",
            effect="Two processes may read a shard at the same time. If two do so already, take one away first, or all "
            "of them are throttled.",
            source=_READERS,
        )
    if table.stream_policy is not None:
        yield Difference(
            direction=Direction.LOST,
            requirement="IAM-1",
            what="The stream's own policy is replaced by one that only denies requests without TLS.",
            effect="Other accounts that it let read the stream cannot read it any more.",
            properties=("Replicas.ReplicaStreamSpecification",),
        )
    else:
        yield Difference(
            direction=Direction.GAINED,
            requirement="ENC-3",
            what="The stream's policy denies requests without TLS.",
            effect="Consumers through AWS Lambda and the AWS SDKs use TLS already.",
            properties=("Replicas.ReplicaStreamSpecification",),
        )
