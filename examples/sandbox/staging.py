"""A bucket for the template and the functions' code, so that the account need not be bootstrapped."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from pathlib import Path

    from examples.sandbox.connection import Aws
    from examples.sandbox.stack import Synthesized

# The only Region whose name S3 refuses as a location.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
_WITHOUT_LOCATION = "us-east-1"


def create_bucket(aws: Aws, name: str) -> None:
    """Create the bucket. S3 encrypts it and blocks public access by default."""
    location: dict[str, Any] = (
        {} if aws.region == _WITHOUT_LOCATION else {"CreateBucketConfiguration": {"LocationConstraint": aws.region}}
    )
    aws.client("s3").create_bucket(Bucket=name, **location)


def upload(aws: Aws, bucket: str, stack: Synthesized) -> str:
    """Upload everything and return the URL of the template."""
    client = aws.client("s3")
    for asset in stack.assets:
        content = _zipped(asset.source) if asset.is_folder else asset.source.read_bytes()
        client.put_object(Bucket=bucket, Key=asset.key, Body=content)
    return f"https://{bucket}.s3.{aws.region}.amazonaws.com/{stack.template}"


def delete_bucket(aws: Aws, name: str) -> None:
    """Delete the bucket and its content, if it exists."""
    client = aws.client("s3")
    try:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=name):
            for listed in page.get("Contents", ()):
                client.delete_object(Bucket=name, Key=listed["Key"])
        client.delete_bucket(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise


def _zipped(folder: Path) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            archive.write(file, file.relative_to(folder))
    return content.getvalue()
