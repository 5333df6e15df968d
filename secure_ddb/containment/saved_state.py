"""What a runbook saves, so that another can give it back: an object of the bucket. Part of the runbooks' scripts."""

import json
from typing import Any

import boto3  # type: ignore[import-untyped]


def load(bucket: str, key: str) -> dict[str, Any]:
    """Return what is saved; nothing, if nothing is contained."""
    client = boto3.client("s3")
    try:
        found = client.get_object(Bucket=bucket, Key=key)
    except client.exceptions.NoSuchKey:
        return {}
    saved: dict[str, Any] = json.load(found["Body"])["saved"]
    return saved


def save(bucket: str, key: str, execution: str, saved: dict[str, Any]) -> None:
    """Write a new version of the object; earlier ones stay."""
    body = json.dumps({"execution": execution, "saved": saved}, indent=1, default=str)
    # S3 demands a checksum where objects get locked.
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=body.encode(), ChecksumAlgorithm="SHA256")
