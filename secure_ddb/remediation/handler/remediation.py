"""Switches on again what a call of an API switched off, as far as a table's template declares it.

AWS Lambda runs this file by itself, for each event of CloudTrail that the rule of EventBridge matches. It goes by what
is on now and not by the call, so that an event that comes late or twice does nothing.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOURCE = "secure-ddb"
RESTORED, NOT_RESTORED = "Guarantee Restored", "Guarantee Not Restored"
_HOUR_MILLISECONDS = 3_600_000
_CLOUDFORMATION = "cloudformation.amazonaws.com"
_STREAM = "NEW_AND_OLD_IMAGES"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the function is told.

    Attributes:
        tables: What the templates of tables declare: `name`, `recovery_days`, `deletion_protection`, `stream`.
        keys: What they declare of keys: `id`, `rotation_days`. No days stand for what is not declared.
        log_group: The function's own log, in which it counts what it did.
        role: Name of its role, whose own calls it leaves alone.
        most_per_hour: How often it switches one guarantee of one table or key on in an hour.
    """

    tables: list[dict[str, Any]]
    keys: list[dict[str, Any]]
    log_group: str
    role: str
    most_per_hour: int


class Lost(NamedTuple):
    """A guarantee that is off, and what switches it on; None if that is for a person to do."""

    subject: str
    guarantee: str
    restore: Callable[[], None] | None
    why: str = ""


def handler(event: dict[str, Any], _context: object) -> list[str]:
    """Handle an event of CloudTrail, and return what was done."""
    import boto3  # type: ignore[import-untyped]  # noqa: PLC0415 - AWS Lambda has it

    settings = Settings(
        tables=json.loads(os.environ["TABLES"]),
        keys=json.loads(os.environ["KEYS"]),
        log_group=os.environ["LOG_GROUP"],
        role=os.environ["ROLE"],
        most_per_hour=int(os.environ["MOST_PER_HOUR"]),
    )
    return Remediator(settings, boto3.client).handle(event["detail"])


class Remediator:
    """Restores guarantees with clients of boto3."""

    def __init__(self, settings: Settings, client: Callable[[str], Any], now: Callable[[], float] = time.time) -> None:
        """Take what it is told, and what returns the client of a service."""
        self._settings = settings
        self._tables = client("dynamodb")
        self._keys = client("kms")
        self._logs = client("logs")
        self._events = client("events")
        self._now = now

    def handle(self, call: dict[str, Any]) -> list[str]:
        """Restore what is off of the table or key of a call, and return what was done."""
        if self._is_left_alone(call):
            return []
        done, errors = [], []
        for lost in self._lost(call):
            try:
                done.append(self._restore(lost, call))
            except Exception as error:  # noqa: BLE001 - the other guarantees do not depend on this one
                errors.append(error)
        if errors:
            # AWS Lambda tries twice again: a table that is being changed takes no other change.
            raise errors[0]
        return done

    def _is_left_alone(self, call: dict[str, Any]) -> bool:
        """Leave alone calls that failed, its own, and those of deployments, which would deploy again and again."""
        identity = call.get("userIdentity") or {}
        by_itself = f":assumed-role/{self._settings.role}/" in str(identity.get("arn"))
        deployed = _CLOUDFORMATION in (identity.get("invokedBy"), call.get("sourceIPAddress"))
        return bool(call.get("errorCode")) or by_itself or deployed

    def _lost(self, call: dict[str, Any]) -> Iterator[Lost]:
        parameters = call.get("requestParameters") or {}
        named = {str(parameters.get("tableName")), str(parameters.get("keyId"))}
        # Either can be an ARN.
        named |= {each.rpartition("/")[2] for each in named}
        for table in self._settings.tables:
            if table["name"] in named:
                yield from self._lost_of_table(table)
        for key in self._settings.keys:
            if key["id"] in named:
                yield from self._lost_of_key(key)

    def _lost_of_table(self, table: dict[str, Any]) -> Iterator[Lost]:
        name = table["name"]
        if table["recovery_days"] and not self._is_recoverable(name):
            specification = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": table["recovery_days"]}
            yield Lost(
                name,
                "point-in-time recovery",
                lambda: self._tables.update_continuous_backups(
                    TableName=name, PointInTimeRecoverySpecification=specification
                ),
            )
        described = self._tables.describe_table(TableName=name)["Table"]
        if table["deletion_protection"] and not described.get("DeletionProtectionEnabled"):
            yield Lost(
                name,
                "deletion protection",
                lambda: self._tables.update_table(TableName=name, DeletionProtectionEnabled=True),
            )
        if table["stream"] and described.get("StreamSpecification", {}).get("StreamViewType") != _STREAM:
            why = "a new stream has a new ARN, which nothing reads: deploy the stack again"
            yield Lost(name, "the stream of the audit trail", None, why)

    def _is_recoverable(self, name: str) -> bool:
        backups = self._tables.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        status = backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
        return bool(status == "ENABLED")

    def _lost_of_key(self, key: dict[str, Any]) -> Iterator[Lost]:
        id_ = key["id"]
        state = self._keys.describe_key(KeyId=id_)["KeyMetadata"]["KeyState"]
        if state == "PendingDeletion":
            yield Lost(id_, "the key, which was to be deleted", lambda: self._rescue(id_))
        elif state == "Disabled":
            yield Lost(id_, "the key, which was disabled", lambda: self._keys.enable_key(KeyId=id_))
        days = key["rotation_days"]
        # Of a key that is to be deleted, the rotation cannot be asked for.
        if days and state in {"Enabled", "Disabled"} and not self._rotates(id_):
            yield Lost(
                id_,
                "the key's rotation",
                lambda: self._keys.enable_key_rotation(KeyId=id_, RotationPeriodInDays=days),
            )

    def _rotates(self, id_: str) -> bool:
        return bool(self._keys.get_key_rotation_status(KeyId=id_)["KeyRotationEnabled"])

    def _rescue(self, id_: str) -> None:
        self._keys.cancel_key_deletion(KeyId=id_)
        # It is disabled then.
        self._keys.enable_key(KeyId=id_)

    def _restore(self, lost: Lost, call: dict[str, Any]) -> str:
        if lost.restore is None:
            return self._report(NOT_RESTORED, lost, call, lost.why)
        if self._count(lost) >= self._settings.most_per_hour:
            why = f"it was switched on {self._settings.most_per_hour} times within an hour, and switched off again"
            return self._report(NOT_RESTORED, lost, call, why)
        # Written before the call, so that one that fails counts as well.
        _write({"attempt": _attempt(lost)})
        try:
            lost.restore()
        except Exception as error:
            self._report(NOT_RESTORED, lost, call, str(error))
            raise
        return self._report(RESTORED, lost, call, "")

    def _count(self, lost: Lost) -> int:
        """Count the attempts of the last hour in the function's own log."""
        start = int(self._now() * 1000) - _HOUR_MILLISECONDS
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=self._settings.log_group, startTime=start, filterPattern=f'"{_attempt(lost)}"'
        )
        return sum(len(page["events"]) for page in pages)

    def _report(self, kind: str, lost: Lost, call: dict[str, Any], why: str) -> str:
        identity = call.get("userIdentity") or {}
        detail = {
            "subject": lost.subject,
            "guarantee": lost.guarantee,
            "call": str(call.get("eventName")),
            "who": str(identity.get("arn") or identity.get("invokedBy") or "unknown"),
            "why": why,
        }
        _write({"report": kind, **detail})
        entry = {"Source": SOURCE, "DetailType": kind, "Detail": json.dumps(detail)}
        if self._events.put_events(Entries=[entry])["FailedEntryCount"]:
            raise RuntimeError(f"EventBridge did not accept the event about {lost.guarantee} of {lost.subject}")
        return f"{kind}: {lost.guarantee} of {lost.subject}"


def _attempt(lost: Lost) -> str:
    return f"switch on {lost.guarantee} of {lost.subject}"


def _write(line: dict[str, str]) -> None:
    # Lambda writes standard output into the function's log.
    print(json.dumps(line))  # noqa: T201
