"""Tables whose KMS key cannot be used, with the hours that are left before DynamoDB archives them (DET-3)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from .countdown import hours_left, is_due
from .notice import Notice, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from typing import Any

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_SSEDescription.html
LASTS = timedelta(days=7)
# https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
_USABLE = {"Creating", "Enabled", "Updating"}
_MOST_HOURS = int(LASTS.total_seconds() // 3600)
_ARCHIVED = {"ARCHIVED", "ARCHIVING"}
_STEPS = {
    "Disabled": "Run EnableKey.",
    "PendingDeletion": "Run CancelKeyDeletion, then EnableKey.",
    "PendingImport": "Import the same key material again.",
    "Unavailable": "Connect the key store again.",
    "deleted": "A deleted key cannot be recovered: restore the tables from a backup with another key.",
}
_OTHERWISE = "Restore the key's policy and its grants: DynamoDB cannot use the key although it is enabled."
# While DynamoDB has not noticed, nothing says since when the key is unusable.
_HOURS_BETWEEN = 6
_MOST_TABLES = 20


@dataclass(frozen=True)
class _Table:
    name: str
    key: str
    status: str
    since: datetime | None
    archived: datetime | None


class HiddenTablesError(Exception):
    """Tables that a policy does not let the function describe."""


class KeyLoss:
    """The tables of the account and Region, and their keys."""

    def __init__(self, dynamodb: Any, kms: Any, now: datetime) -> None:  # noqa: ANN401 - boto3 makes its clients at run time
        """Take the clients and the time of the run."""
        self._dynamodb, self._kms, self._now = dynamodb, kms, now
        self._states: dict[str, str] = {}
        self._hidden: list[str] = []

    def notices(self, changed_key: str = "") -> Iterator[Notice]:
        """Yield a notice for each key that its tables cannot use, if one is due.

        Args:
            changed_key: Id or ARN of a key that has just changed: its notice is due. Without any, all keys are looked
                at.

        Raises:
            HiddenTablesError: A table's policy hides it. What else was found is yielded before: whoever can make a
                table must not be able to hide the others.
        """
        by_key: defaultdict[str, list[_Table]] = defaultdict(list)
        for table in self._tables():
            if not changed_key or changed_key.rpartition("/")[2] == table.key.rpartition("/")[2]:
                by_key[table.key].append(table)
        for key, tables in by_key.items():
            lost = [table for table in tables if table.since or table.archived or self._state(key) not in _USABLE]
            if lost and (changed_key or any(map(self._is_due, lost))):
                yield self._notice(key, lost)
        if self._hidden:
            raise HiddenTablesError(f"{', '.join(self._hidden[:_MOST_TABLES])} cannot be described")

    def _is_due(self, table: _Table) -> bool:
        since = table.archived or table.since
        if since is None:
            return self._now.hour % _HOURS_BETWEEN == 0
        return is_due(since, timedelta(0) if table.archived else LASTS, self._now)

    def _notice(self, key: str, tables: list[_Table]) -> Notice:
        state = self._state(key)
        left = min((hours_left(each.since, LASTS, self._now) for each in tables if each.since), default=_MOST_HOURS)
        shown = "; ".join(self._said(table) for table in tables[:_MOST_TABLES])
        more = f"; and {len(tables) - _MOST_TABLES} more" if len(tables) > _MOST_TABLES else ""
        return Notice(
            subject=f"{max(left, 0)} hours left: KMS key of {len(tables)} DynamoDB table(s) is unusable",
            happened="The KMS key of DynamoDB tables is unusable. After seven days DynamoDB archives the tables.",
            fields={
                "What": f"key {key} is {state}",
                "Tables": f"{shown}{more}",
                "Who": "CloudTrail's event history of the key shows who changed it",
            },
            steps=_STEPS.get(state, _OTHERWISE),
            anchor="key-loss",
        )

    def _said(self, table: _Table) -> str:
        if table.archived:
            return (
                f"{table.name} was archived at {written(table.archived)}: restore it from the backup that DynamoDB made"
            )
        if table.since is None:
            return f"{table.name} has at most {_MOST_HOURS} hours left, and DynamoDB has not noticed yet"
        left, until = hours_left(table.since, LASTS, self._now), written(table.since + LASTS)
        return f"{table.name} has {max(left, 0)} hours left, until {until} ({table.status})"

    def _tables(self) -> Iterator[_Table]:
        """Yield the tables that are encrypted with a key of AWS KMS."""
        for page in self._dynamodb.get_paginator("list_tables").paginate():
            for name in page["TableNames"]:
                try:
                    found = self._dynamodb.describe_table(TableName=name)["Table"]
                except self._dynamodb.exceptions.ResourceNotFoundException:
                    # Deleted since it was listed.
                    continue
                except self._dynamodb.exceptions.ClientError as error:
                    if not _is_denied(error):
                        raise
                    self._hidden.append(name)
                    continue
                encryption = found.get("SSEDescription", {})
                if key := encryption.get("KMSMasterKeyArn"):
                    status = found["TableStatus"]
                    when = found.get("ArchivalSummary", {}).get("ArchivalDateTime") if status in _ARCHIVED else None
                    yield _Table(name, key, status, encryption.get("InaccessibleEncryptionDateTime"), when)

    def _state(self, key: str) -> str:
        """Return the state of a key, asked once. Of one that may not be seen, DynamoDB alone says whether it works."""
        if key not in self._states:
            try:
                self._states[key] = self._kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
            except self._kms.exceptions.NotFoundException:
                self._states[key] = "deleted"
            except self._kms.exceptions.ClientError as error:
                if not _is_denied(error):
                    raise
                self._states[key] = "Enabled"
        return self._states[key]


def _is_denied(error: Any) -> bool:  # noqa: ANN401 - boto3 makes its errors at run time
    return bool(error.response["Error"]["Code"] == "AccessDeniedException")
