"""A list of everything below a prefix of a bucket, with the SHA-256 of each object. Objects are read in pieces."""

from __future__ import annotations

import hashlib
import json
import tempfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = 1 << 20
_IN_MEMORY = 1 << 20
NAME = "manifest.jsonl"


def write_manifest(buckets: Any, bucket: str, prefix: str) -> str:  # noqa: ANN401 - boto3 has no types
    """Write the manifest next to the objects; return its location and its own SHA-256, for the record of the incident.

    Args:
        buckets: Client of boto3 for S3.
        bucket: Name of the bucket.
        prefix: Prefix of the object keys.
    """
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
        digest = hashlib.sha256()
        for entry in _entries(buckets, bucket, prefix):
            line = f"{json.dumps(entry)}\n".encode()
            digest.update(line)
            file.write(line)
        file.seek(0)
        key = f"{prefix}/{NAME}"
        buckets.put_object(Bucket=bucket, Key=key, Body=file, ChecksumAlgorithm="SHA256")
    return f"s3://{bucket}/{key} sha256:{digest.hexdigest()}"


def _entries(buckets: Any, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - boto3 has no types
    """Return every version: one that hides another does not leave it out."""
    pages = buckets.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=f"{prefix}/")
    for page in pages:
        for version in page.get("Versions", ()):
            if version["Key"] == f"{prefix}/{NAME}":
                continue
            yield {
                "key": version["Key"],
                "version": version["VersionId"],
                "size": version["Size"],
                "modified": version["LastModified"].isoformat(),
                "sha256": _digest(buckets, bucket, version),
            }


def _digest(buckets: Any, bucket: str, version: dict[str, Any]) -> str:  # noqa: ANN401 - boto3 has no types
    body = buckets.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])["Body"]
    digest = hashlib.sha256()
    while piece := body.read(_CHUNK):
        digest.update(piece)
    return digest.hexdigest()
