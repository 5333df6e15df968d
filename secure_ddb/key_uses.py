"""Which services need the table's key, because of what the table is made with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from secure_ddb.audit.archive_settings import archive_for
from secure_ddb.audit.settings import AuditSettings
from secure_ddb.audit.trail import trail_name
from secure_ddb.backup import BackupSettings
from secure_ddb.monitoring.alarms import AlarmSettings

if TYPE_CHECKING:
    from secure_ddb.context import TableContext
    from secure_ddb.waiver import Waiver


@dataclass(frozen=True, kw_only=True)
class KeyUses:
    """Which services beside DynamoDB need the key, because this table hands it to them; of a trail its name."""

    audit: bool
    archive: bool
    backup: bool
    alarm_topic: bool
    trail: str = ""


def key_uses(
    context: TableContext,
    backup: BackupSettings | Waiver,
    audit: AuditSettings | Waiver,
    alarms: AlarmSettings | Waiver,
) -> KeyUses:
    """Return what the parts of a table that are made need its key for."""
    makes_vault = isinstance(backup, BackupSettings) and backup.vault is None and not context.lifecycle.is_ephemeral
    makes_topic = isinstance(alarms, AlarmSettings) and alarms.topic is None
    makes_archive = isinstance(audit, AuditSettings) and archive_for(audit.archive, context.classification) is not None
    return KeyUses(
        audit=isinstance(audit, AuditSettings),
        archive=makes_archive,
        backup=makes_vault,
        alarm_topic=makes_topic,
        trail=trail_name(context, audit),
    )
