"""What the failure bucket holds: changes that could not be logged, and may have been replayed since.

https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from secure_ddb.audit.handler.audit_trail.change import sequence_number
from secure_ddb.audit.handler.audit_trail.replay import read_failed
from secure_ddb.audit.verify.entry import shown
from secure_ddb.audit.verify.sources import find_files
from secure_ddb.audit.verify.text import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# What stands in a listing; an empty bucket has no objects to name.
# https://docs.aws.amazon.com/cli/latest/reference/s3api/list-object-versions.html
_OBJECTS = ("Contents", "Versions")
_OF_A_LISTING = frozenset({*_OBJECTS, "DeleteMarkers", "IsTruncated", "KeyCount", "Name", "Prefix", "RequestCharged"})
_MORE = ("NextToken", "NextContinuationToken", "NextKeyMarker", "NextVersionIdMarker", "IsTruncated")


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
        size: Bytes, as text.
        modified: When it was written, as the listing has it.
    """

    key: str
    size: str
    modified: str

    @property
    def name(self) -> str:
        """The last part of the key, which has a random id."""
        return PurePosixPath(self.key).name


class FailureBucket:
    """Listings and downloaded objects of a failure bucket, read one after the other.

    Attributes:
        objects: The objects that were read or listed.
        listed: The objects that a listing names, by the last part of their keys.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        """Take files and folders; nothing is read yet."""
        self._paths = list(paths)
        self._read: set[str] = set()
        self.listed: dict[str, ListedObject] = {}

    @property
    def objects(self) -> int:
        """The number of objects that were read or listed."""
        return len(self._read | self.listed.keys())

    @property
    def not_read(self) -> list[ListedObject]:
        """The objects that are listed, but were not among the files."""
        return [listed for name, listed in sorted(self.listed.items()) if name not in self._read]

    def changes(self, table: str | None = None) -> Iterator[KeptChange]:
        """Read all files and return the changes in the objects, or those of one table.

        Raises:
            InputError: A file is neither a whole listing nor an object, or there is none.
            OSError: A file cannot be read.
        """
        files = find_files(self._paths)
        if not files:
            raise InputError("no file of the failure bucket: an empty folder does not show that the bucket is empty")
        for file in files:
            content = file.read_bytes()
            fields = _parse(content, file)
            if "DDBStreamBatchInfo" in fields:
                self._read.add(file.name)
                yield from _kept(content, fields, file, table)
            elif _OF_A_LISTING.intersection(fields):
                self._take_listing(fields, file)
            else:
                raise InputError(_neither(file))

    def _take_listing(self, listing: dict[str, Any], file: Path) -> None:
        if more := [name for name in _MORE if listing.get(name)]:
            raise InputError(
                f"{shown(str(file))}: {more[0]} says that there are more objects. List all: the AWS CLI does, without "
                "--max-items and --no-paginate"
            )
        try:
            for member in _OBJECTS:
                for listed in listing.get(member) or ():
                    found = ListedObject(listed["Key"], str(listed.get("Size")), str(listed.get("LastModified")))
                    self.listed[found.name] = found
        except (KeyError, TypeError, AttributeError) as error:
            raise InputError(_neither(file)) from error


def _parse(content: bytes, file: Path) -> dict[str, Any]:
    if not content.strip():
        raise InputError(
            f"{shown(str(file))}: an empty file, which does not show that the bucket is empty. If the AWS CLI printed "
            "nothing, list it with --query '{Versions: Versions}'"
        )
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError(_neither(file)) from error
    if not isinstance(parsed, dict):
        raise InputError(_neither(file))
    return parsed


def _kept(content: bytes, fields: dict[str, Any], file: Path, table: str | None) -> Iterator[KeptChange]:
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
        return
    for place, record in enumerate(records, start=1):
        event_id = record.get("eventID") if isinstance(record, dict) else None
        try:
            number = sequence_number(record)
        except ValueError:
            number = f"unknown, {place} of {len(records)} in {file.name}"
        yield KeptChange(event_id if isinstance(event_id, str) else None, number, str(shard), shown(str(file)))


def _neither(file: Path) -> str:
    return (
        f"{shown(str(file))}: neither an object of the failure bucket nor a listing by `aws s3api list-object-versions`"
    )
