"""A table and a bucket with an export in moto, a model of DynamoDB and Amazon S3 that runs in this process."""

from __future__ import annotations

import gzip
import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boto3 import Session  # type: ignore[import-untyped]
from moto import mock_aws

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TABLE, BUCKET, REGION = "catalog", "exports-example", "eu-central-1"
EXPORT = "products/full/day=2026-11-21/at=20261121T000000Z-1/AWSDynamoDB/01234567890123-a1b2c3d4"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",  # pragma: allowlist secret
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_DEFAULT_REGION": REGION,
}
# Shared, because it reads AWS's descriptions of the services.
_SESSION = Session(aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="none", region_name=REGION)  # noqa: S106


def item(number: int, **attributes: dict[str, Any]) -> dict[str, Any]:
    """Return an item of the table."""
    return {"category": {"S": f"c-{number % 7}"}, "product": {"S": f"p-{number}"}, **attributes}


@dataclass(frozen=True)
class Catalog:
    """The table and the bucket."""

    dynamodb: Any
    s3: Any

    def items(self) -> list[dict[str, Any]]:
        """Return all items of the table, by product."""
        found: list[dict[str, Any]] = self.dynamodb.scan(TableName=TABLE)["Items"]
        return sorted(found, key=lambda each: int(each["product"]["S"].removeprefix("p-")))

    def export(self, *files: Sequence[dict[str, Any]], folder: str = EXPORT, **summary: object) -> str:
        """Write an export as DynamoDB does, and return where it is."""
        rows = []
        for number, items in enumerate(files):
            text = "".join(f"{json.dumps({'Item': each})}\n" for each in items)
            key = f"{folder}/data/file{number}.json.gz"
            self.put(key, gzip.compress(text.encode()))
            rows.append({"itemCount": len(items), "md5Checksum": "", "etag": "", "dataFileS3Key": key})
        count = sum(len(items) for items in files)
        manifest = {"itemCount": count, "outputFormat": "DYNAMODB_JSON", "exportType": "FULL_EXPORT", **summary}
        self.put(f"{folder}/_started", b"")
        self.put(f"{folder}/manifest-summary.json", json.dumps(manifest).encode())
        self.put(f"{folder}/manifest-files.json", "\n".join(map(json.dumps, rows)).encode())
        return f"s3://{BUCKET}/{folder.partition('AWSDynamoDB')[0]}"

    def put(self, key: str, content: bytes) -> None:
        """Write an object."""
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=content)


@contextmanager
def catalog() -> Iterator[Catalog]:
    """Yield an empty table and an empty bucket."""
    with mock_aws():
        dynamodb, s3 = _SESSION.client("dynamodb"), _SESSION.client("s3")
        dynamodb.create_table(
            TableName=TABLE,
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("category", "product")],
            KeySchema=[
                {"AttributeName": "category", "KeyType": "HASH"},
                {"AttributeName": "product", "KeyType": "RANGE"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield Catalog(dynamodb, s3)
