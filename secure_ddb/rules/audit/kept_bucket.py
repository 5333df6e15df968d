"""A bucket with records stays as it was written, and closed: what the trail of reads and the archive share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.landscape.retention import policies_retained, retained
from secure_ddb.rules.audit.bucket_private import closed_to_the_public
from secure_ddb.rules.audit.bucket_write_once import write_once

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.tables import Serving
    from secure_ddb.rules.rule import Judgement

REMEDY = (
    "Switch on versions and Object Lock with a default retention as long as the classification demands, block "
    "public access in all four ways, enforce the bucket owner's ownership of objects, and retain the bucket "
    "and its policy."
)


def kept_and_closed(assembly: Assembly, buckets: Serving) -> Iterator[Judgement]:
    """Say whether each bucket is locked, blocks public access and outlives its stack, with its policy."""
    for bucket, tables in buckets.items():
        yield from write_once(bucket, tables)
        yield from closed_to_the_public(bucket, tables)
        yield from retained(bucket, tables)
        yield from policies_retained(assembly, bucket, tables)
