"""The alarms of a table, by name: to choose a threshold, or to go without one of them."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import NamedTuple


class ThresholdUnit(Enum):
    """What the threshold of an alarm is measured in, with the number of milliseconds of a time."""

    COUNT = "count"
    PERCENT = "percent"
    MILLISECONDS = "milliseconds"
    SECONDS = "seconds"


class TableAlarm(StrEnum):
    """An alarm of a table, or of `SharedResources`. The value begins its construct id, which is contract.

    docs/monitoring.md lists the metric and unit of each, and what to do when it fires.
    """

    THROTTLES = "Throttles"
    SYSTEM_ERRORS = "SystemErrors"
    USER_ERRORS = "UserErrors"
    LATENCY = "Latency"
    BULK_LATENCY = "BulkLatency"
    CAPACITY_USE = "CapacityUse"
    UNUSED = "Unused"
    UNUSUAL_READS = "UnusualReads"
    KEY_REQUESTS = "KeyRequests"
    AUDIT_ERRORS = "AuditErrors"
    AUDIT_THROTTLES = "AuditThrottles"
    AUDIT_ITERATOR_AGE = "AuditIteratorAge"
    AUDIT_FAILURE_DESTINATION = "AuditFailureDestination"
    AUDIT_LOST_RECORDS = "AuditLostRecords"
    AUDIT_UNREAD_WRITES = "AuditUnreadWrites"
    AUDIT_ARCHIVE_DELAY = "AuditArchiveDelay"
    AUDIT_ARCHIVE_UNREADABLE = "AuditArchiveUnreadable"
    AUDIT_ARCHIVE_ERRORS = "AuditArchiveErrors"
    AUDIT_ARCHIVE_THROTTLES = "AuditArchiveThrottles"
    BACKUP_MISSING = "BackupMissing"
    REPLICATION_LATENCY = "ReplicationLatency"
    DENIED_REQUESTS = "DeniedRequests"
    FAILED_INVOCATIONS = "FailedInvocations"
    FAILED_KEY_REQUESTS = "FailedKeyRequests"
    FAILED_NOTIFICATIONS = "FailedNotifications"
    WATCH_ERRORS = "WatchErrors"
    WATCH_MISSING = "WatchMissing"


class AlarmFacts(NamedTuple):
    """Settings of an alarm.

    Attributes:
        unit: What its threshold is measured in; None where `instead` says how it is set.
        instead: How it is set, if not by a threshold.
        row: The row of the requirements that it serves.
        rule: The rule that looks for it; empty if a table may do without it.
    """

    unit: ThresholdUnit | None
    instead: str
    row: str
    rule: str


def _counts(rule: str, row: str = "MON-1") -> AlarmFacts:
    return AlarmFacts(ThresholdUnit.COUNT, "", row, rule)


FACTS: dict[TableAlarm, AlarmFacts] = {
    TableAlarm.THROTTLES: _counts("SecureDdb-MON1"),
    TableAlarm.SYSTEM_ERRORS: _counts("SecureDdb-MON2"),
    TableAlarm.USER_ERRORS: _counts("SecureDdb-MON3"),
    TableAlarm.LATENCY: AlarmFacts(None, "alarms.latency", "MON-1", "SecureDdb-MON4"),
    TableAlarm.BULK_LATENCY: AlarmFacts(None, "alarms.bulk_latency", "MON-1", ""),
    TableAlarm.CAPACITY_USE: AlarmFacts(ThresholdUnit.PERCENT, "", "MON-1", "SecureDdb-MON16"),
    TableAlarm.UNUSED: AlarmFacts(None, "alarms.unused_days", "MON-3", ""),
    TableAlarm.UNUSUAL_READS: AlarmFacts(None, "alarms.unusual_reads", "MON-1", ""),
    TableAlarm.KEY_REQUESTS: AlarmFacts(ThresholdUnit.PERCENT, "", "MON-4", ""),
    TableAlarm.AUDIT_ERRORS: _counts("SecureDdb-MON5"),
    TableAlarm.AUDIT_THROTTLES: _counts("SecureDdb-MON5"),
    TableAlarm.AUDIT_ITERATOR_AGE: AlarmFacts(None, "alarms.iterator_age", "MON-1", "SecureDdb-MON5"),
    TableAlarm.AUDIT_FAILURE_DESTINATION: _counts("SecureDdb-MON6"),
    TableAlarm.AUDIT_LOST_RECORDS: _counts("SecureDdb-MON6"),
    TableAlarm.AUDIT_UNREAD_WRITES: AlarmFacts(None, "nothing: it goes off or does not", "MON-1", "SecureDdb-MON15"),
    TableAlarm.AUDIT_ARCHIVE_DELAY: AlarmFacts(ThresholdUnit.SECONDS, "", "AUD-3", "SecureDdb-MON14"),
    TableAlarm.AUDIT_ARCHIVE_UNREADABLE: _counts("SecureDdb-MON14", "AUD-3"),
    TableAlarm.AUDIT_ARCHIVE_ERRORS: _counts("SecureDdb-MON14", "AUD-3"),
    TableAlarm.AUDIT_ARCHIVE_THROTTLES: _counts("SecureDdb-MON14", "AUD-3"),
    TableAlarm.BACKUP_MISSING: AlarmFacts(None, "backup, by how often there are copies", "BAK-2", "SecureDdb-BAK13"),
    TableAlarm.REPLICATION_LATENCY: AlarmFacts(ThresholdUnit.MILLISECONDS, "", "MON-1", "SecureDdb-MON13"),
    TableAlarm.DENIED_REQUESTS: _counts("", "DET-7"),
    TableAlarm.FAILED_KEY_REQUESTS: _counts("SecureDdb-MON19", "MON-4"),
    TableAlarm.FAILED_INVOCATIONS: _counts("SecureDdb-DET12", "DET-6"),
    TableAlarm.FAILED_NOTIFICATIONS: _counts("SecureDdb-DET12", "DET-6"),
    TableAlarm.WATCH_ERRORS: _counts("", "DET-6"),
    TableAlarm.WATCH_MISSING: AlarmFacts(None, "nothing: it goes off or does not", "DET-6", ""),
}


def alarm_of(construct_id: str) -> TableAlarm | None:
    """Return the alarm of a construct id: `Throttles-by-status` and `ReadThrottles` are both of `THROTTLES`."""
    name = construct_id.partition("-")[0]
    name = name.removeprefix("Read").removeprefix("Write") if name.endswith("Throttles") else name
    return TableAlarm(name) if name in _NAMES else None


def waived_alarm(alarm: TableAlarm) -> str:
    """Return the name of an alarm's waiver in the metadata of a table, with its row of the requirements."""
    return f"Alarm {alarm} ({FACTS[alarm].row})"


_NAMES = frozenset(TableAlarm)
WAIVED_ALARMS = {waived_alarm(alarm): facts.rule for alarm, facts in FACTS.items()}
