"""The content of the failure bucket: failed changes, which may have been replayed since.

https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from secure_ddb.audit_trail.handler.audit_trail.change import sequence_number
from secure_ddb.audit_trail.handler.audit_trail.replay import read_failed
from secure_ddb.audit_trail.verify.entry import shown
from secure_ddb.audit_trail.verify.sources import find_files
from secure_ddb.audit_trail.verify.text import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_COMMAND = "aws s3api list-object-versions --bucket BUCKET --no-paginate"
_VERSIONS, _MARKERS = "Versions", "DeleteMarkers"
# Only a listing of versions has these. Of an empty bucket the AWS CLI prints neither, unless told not to paginate.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
_OF_VERSIONS = frozenset({_VERSIONS, _MARKERS, "KeyMarker", "VersionIdMarker"})
# What `list-objects` and `list-objects-v2` print. They show no object that is behind a delete marker.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html
_OF_OBJECTS = frozenset({"Contents", "KeyCount", "StartAfter", "Marker"})
_OF_EITHER = frozenset({"CommonPrefixes", "Delimiter", "IsTruncated", "Name", "Prefix", "RequestCharged"})
_PARTIAL = ("Prefix", "Delimiter", "CommonPrefixes", "StartAfter", "Marker", "KeyMarker", "VersionIdMarker")
_MORE = ("NextToken", "NextContinuationToken", "NextMarker", "NextKeyMarker", "NextVersionIdMarker", "IsTruncated")


class KeptChange(NamedTuple):
    """A change in an object of the failure bucket.

    Attributes:
        event_id: DynamoDB's id of the change, or `None` where it has none.
        sequence_number: Its sequence number, or its place in the object if it has none.
        shard: The shard of the stream.
        where: The object.
    """

    event_id: str | None
    sequence_number: str
    shard: str
    where: str


class ListedObject(NamedTuple):
    """An object that a listing names.

    Attributes:
        key: Its key.
        description: Its size and age, or that only a delete marker is left, as it can be printed.
    """

    key: str
    description: str

    @property
    def name(self) -> str:
        """The last part of the key, which has a random id."""
        return PurePosixPath(self.key).name


class FailureBucket:
    """Listings and downloaded objects of a failure bucket, read one after the other.

    Attributes:
        names: The buckets that the listings name.
        listed: The objects that a listing names, by the last part of their keys.
        other_tables: The objects that were read and belong to other tables.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        """Take files and folders; nothing is read yet."""
        self._paths = list(paths)
        self._read: set[str] = set()
        self._has_listing = False
        self.names: set[str] = set()
        self.listed: dict[str, ListedObject] = {}
        self.other_tables: set[str] = set()

    @property
    def objects(self) -> int:
        """The number of objects that were read or listed, without those of other tables."""
        return len((self._read | self.listed.keys()) - self.other_tables)

    @property
    def not_read(self) -> list[ListedObject]:
        """The objects that are listed, but were not among the files."""
        read = self._read | self.other_tables
        return [listed for name, listed in sorted(self.listed.items()) if name not in read]

    def unchecked(self, table: str | None = None) -> str:
        """Return why the files do not show that no change is missing, or nothing if they do."""
        if self.other_tables and not self.objects:
            return f"no object of table {table} was given, only objects of other tables"
        if not self._has_listing:
            return f"other objects may be in it, also behind delete markers. List it with `{_COMMAND}`"
        if unlisted := sorted(self._read - self.listed.keys()):
            return f"the listing lacks {shown(unlisted[0])}, so it is older or of another bucket"
        return ""

    def changes(self, table: str | None = None) -> Iterator[KeptChange]:
        """Read all files and return the changes in the objects, or those of one table.

        Raises:
            InputError: A file is neither a whole listing nor an object, or the input is empty.
            OSError: A file cannot be read.
        """
        files = find_files(self._paths)
        if not files:
            raise InputError("no file of the failure bucket: an empty folder does not show that the bucket is empty")
        for file in files:
            content = file.read_bytes()
            fields = _parse(content, file)
            if "DDBStreamBatchInfo" in fields:
                kept = _kept(content, fields, file, table)
                (self.other_tables if kept is None else self._read).add(file.name)
                yield from kept or ()
            elif not (_OF_VERSIONS | _OF_OBJECTS | _OF_EITHER).isdisjoint(fields):
                self._take_listing(fields, file)
            else:
                raise InputError(_neither(file))

    def _take_listing(self, listing: dict[str, Any], file: Path) -> None:
        if more := [name for name in _MORE if listing.get(name)]:
            raise InputError(
                f"{shown(str(file))}: {more[0]} says that there are more objects. List all: the AWS CLI does, without "
                "--max-items and --no-paginate"
            )
        if partial := [name for name in _PARTIAL if listing.get(name)]:
            raise InputError(
                f"{shown(str(file))}: a listing of a part of the bucket ({partial[0]}). List all: `{_COMMAND}`"
            )
        if not _OF_OBJECTS.isdisjoint(listing) or _OF_VERSIONS.isdisjoint(listing):
            raise InputError(
                f"{shown(str(file))}: does not show whether versions are behind delete markers. List them: `{_COMMAND}`"
            )
        try:
            versions = {found.name: found for found in map(_version, listing.get(_VERSIONS) or ())}
            markers = {found.name: found for found in map(_marker, listing.get(_MARKERS) or ())}
        except (KeyError, TypeError, AttributeError) as error:
            raise InputError(_neither(file)) from error
        self._has_listing = True
        if name := listing.get("Name"):
            self.names.add(shown(str(name)))
        # A marker hides the versions listed with it; without any, only the marker is left.
        self.listed = markers | self.listed | versions


def _version(listed: dict[str, Any]) -> ListedObject:
    size, modified = str(listed.get("Size")), str(listed.get("LastModified"))
    return ListedObject(listed["Key"], f"{shown(size)} bytes, written {shown(modified)}")


def _marker(listed: dict[str, Any]) -> ListedObject:
    return ListedObject(listed["Key"], f"deleted {shown(str(listed.get('LastModified')))}, without a version left")


def _parse(content: bytes, file: Path) -> dict[str, Any]:
    if not content.strip():
        raise InputError(
            f"{shown(str(file))}: an empty file, which does not show that the bucket is empty. List it: `{_COMMAND}`"
        )
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError(_neither(file)) from error
    if not isinstance(parsed, dict):
        raise InputError(_neither(file))
    return parsed


def _kept(content: bytes, fields: dict[str, Any], file: Path, table: str | None) -> list[KeptChange] | None:
    """Return the changes in an object, or None if it is of another table."""
    try:
        records, shard = read_failed(content)
        info = fields["DDBStreamBatchInfo"]
        is_whole = isinstance(records, list) and len(records) == info["batchSize"]
        is_of_another = table is not None and f":table/{table}/" not in info["streamArn"]
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{shown(str(file))}: an object of the failure bucket that lacks {error}") from error
    if not is_whole:
        raise InputError(f"{shown(str(file))}: an object of the failure bucket that does not have all of its records")
    if is_of_another:
        return None
    changes = []
    for place, record in enumerate(records, start=1):
        event_id = record.get("eventID") if isinstance(record, dict) else None
        try:
            number = sequence_number(record)
        except ValueError:
            number = f"unknown, {place} of {len(records)} in {file.name}"
        event_id = event_id if isinstance(event_id, str) else None
        changes.append(KeptChange(event_id, number, str(shard), shown(str(file))))
    return changes


def _neither(file: Path) -> str:
    return f"{shown(str(file))}: neither an object of the failure bucket nor a listing by `{_COMMAND}`"
