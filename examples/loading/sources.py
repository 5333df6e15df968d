"""Finds the files of a source: one file of this machine, objects in Amazon S3, or an export of a table there.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from examples.loading.formats import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_S3 = "s3://"
_SUMMARY, _FILES = "manifest-summary.json", "manifest-files.json"
# Next to an export's data: the marker of its start, and the checksums of manifests.
_NO_DATA = {"_started", _SUMMARY, _FILES, "manifest-summary.checksum", "manifest-files.checksum"}


@dataclass(frozen=True)
class DataFile:
    """A file with items.

    Attributes:
        name: As messages name it.
        open: Opens it. An object that has changed since it was found is an error.
        items: How many items it has, where an export says so.
    """

    name: str
    open: Callable[[], IO[bytes]]
    items: int | None = None


def find_files(source: str, s3: Any) -> list[DataFile]:
    """Return the files of a source.

    Args:
        source: A path, or `s3://BUCKET/KEY`, where the key may be the beginning of several.
        s3: A client for Amazon S3.

    Raises:
        SourceError: There are none, or an export is not complete, not full, or not in DynamoDB's JSON.
        botocore.exceptions.ClientError: Amazon S3 refuses a request.
    """
    if not source.startswith(_S3):
        path = Path(source)
        if not path.is_file():
            raise SourceError(f"{source} is no file; allowed: a file, or s3://BUCKET/KEY")
        return [DataFile(source, lambda: path.open("rb"))]
    bucket, _, prefix = source.removeprefix(_S3).partition("/")
    return _Bucket(s3, bucket).files(prefix)


@dataclass(frozen=True)
class _Bucket:
    """A bucket with items."""

    s3: Any
    name: str

    def files(self, prefix: str) -> list[DataFile]:
        """Return the files whose keys begin like this."""
        etags = self._list(prefix)
        if not etags:
            raise SourceError(f"{_S3}{self.name}/{prefix} has no objects")
        if prefix in etags and PurePosixPath(prefix).name != _FILES:
            return [self._file(prefix, etags[prefix])]
        manifests = [key for key in etags if PurePosixPath(key).name == _FILES]
        if len(manifests) > 1:
            exports = [str(PurePosixPath(key).parent) for key in manifests]
            raise SourceError(f"{_S3}{self.name}/{prefix} has {len(exports)} exports; name one: {_shown(exports)}")
        if manifests:
            return self._export(manifests[0], etags)
        if any("AWSDynamoDB" in PurePosixPath(key).parts for key in etags):
            raise SourceError(f"{_S3}{self.name}/{prefix} has no {_FILES}; allowed: an export that is complete")
        return [self._file(key, etag) for key, etag in etags.items() if PurePosixPath(key).name not in _NO_DATA]

    def _list(self, prefix: str) -> dict[str, str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
        objects = [each for page in pages for each in page.get("Contents", [])]
        return {each["Key"]: each["ETag"] for each in objects if not each["Key"].endswith("/")}

    def _file(self, key: str, etag: str, items: int | None = None) -> DataFile:
        return DataFile(f"{_S3}{self.name}/{key}", lambda: self._open(key, etag), items)

    def _open(self, key: str, etag: str) -> IO[bytes]:
        try:
            # Checked, compared and written are three readings of the same bytes.
            body: IO[bytes] = self.s3.get_object(Bucket=self.name, Key=key, IfMatch=etag)["Body"]
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == _CHANGED:
                raise SourceError(f"{_S3}{self.name}/{key} has changed since the command began") from error
            raise
        return body

    def _export(self, manifest: str, etags: dict[str, str]) -> list[DataFile]:
        """Return the data files of an export, each with the number of items that DynamoDB has written to it."""
        folder = PurePosixPath(manifest).parent
        where = f"{_S3}{self.name}/{folder}"
        etags = {**self._list(f"{folder}/"), **etags}
        summary = json.loads(self._text(f"{folder}/{_SUMMARY}", etags, where))
        if summary.get("exportType", "FULL_EXPORT") != "FULL_EXPORT":
            raise SourceError(f"{where} is an incremental export; allowed: a full one")
        if summary["outputFormat"] != "DYNAMODB_JSON":
            raise SourceError(f"{where} has the format {summary['outputFormat']}; allowed: DYNAMODB_JSON")
        rows = [json.loads(line) for line in self._text(manifest, etags, where).splitlines() if line.strip()]
        if sum(row["itemCount"] for row in rows) != summary["itemCount"]:
            raise SourceError(f"{where}: {_FILES} has not as many items as {_SUMMARY}")
        # An export may have been copied below another prefix, so the file's own name counts.
        keys = {row["dataFileS3Key"]: f"{folder}/data/{PurePosixPath(row['dataFileS3Key']).name}" for row in rows}
        missing = [key for key in keys.values() if key not in etags]
        if missing:
            raise SourceError(f"{where} lacks {_shown(missing)}")
        return [self._file(key, etags[key], row["itemCount"]) for row in rows if (key := keys[row["dataFileS3Key"]])]

    def _text(self, key: str, etags: dict[str, str], where: str) -> str:
        if key not in etags:
            raise SourceError(f"{where} lacks {PurePosixPath(key).name}")
        with self._open(key, etags[key]) as body:
            return body.read().decode()


# "Precondition Failed": the object has another ETag.
_CHANGED = 412
_MOST_SHOWN = 3


def _shown(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - _MOST_SHOWN} more" if len(keys) > _MOST_SHOWN else ""
    return f"{', '.join(sorted(keys)[:_MOST_SHOWN])}{more}"
