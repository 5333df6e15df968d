"""Data classification, and the floor below which no setting may go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum


@dataclass(frozen=True, kw_only=True)
class Floor:
    """The least that a classification demands. All periods are in days.

    Attributes:
        log_retention: How long the audit log keeps its records. PCI DSS 3.2.1 10.7 demands a year.
        recovery_period: How far back point-in-time recovery reaches.
        daily_backup: How long daily recovery points are kept, where there are any.
        weekly_backup: How long weekly recovery points are kept, where there are any.
        monthly_backup: How long monthly recovery points are kept, where there are any.
        must_have_every_backup: Whether there are daily, weekly and monthly recovery points. Otherwise one of the three
            is enough.
        must_limit_backups: Whether the vault's lock also refuses recovery points that are kept for longer than the plan
            keeps any.
        must_be_archived: Whether there is a write-once archive of the audit log, unless waived.
        must_enforce_perimeter: Whether the table's own policy denies requests from outside of its perimeter, unless
            waived.
        longest_key_rotation: The longest time between two key rotations. CS-9 demands a year; PUBLIC and INTERNAL may
            choose more, and CS-9 is then not met.
        may_be_ephemeral: Whether a table of this classification may go away with its stack.
        may_show_keys: Whether key values may appear in CloudWatch Contributor Insights, which the table's
            own key does not encrypt.
        may_log_keys: Whether item keys may be logged in clear in the audit log.
        may_be_used_from_other_accounts: Whether roles of other accounts may read and write items.
    """

    log_retention: int
    recovery_period: int
    daily_backup: int
    weekly_backup: int
    monthly_backup: int
    must_have_every_backup: bool
    must_limit_backups: bool
    must_be_archived: bool
    must_enforce_perimeter: bool
    longest_key_rotation: int
    may_be_ephemeral: bool
    may_show_keys: bool
    may_log_keys: bool
    may_be_used_from_other_accounts: bool


class DataClassification(Enum):
    """How sensitive the data in a table is, from least to most."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    RESTRICTED = "restricted"

    @property
    def floor(self) -> Floor:
        """The least that a table of this classification has to have."""
        return _FLOORS[self]


_PUBLIC = Floor(
    log_retention=30,
    recovery_period=1,
    daily_backup=1,
    weekly_backup=7,
    monthly_backup=180,
    must_have_every_backup=False,
    must_limit_backups=False,
    must_be_archived=False,
    must_enforce_perimeter=False,
    longest_key_rotation=2560,
    may_be_ephemeral=True,
    may_show_keys=True,
    may_log_keys=True,
    may_be_used_from_other_accounts=True,
)
_INTERNAL = replace(_PUBLIC, log_retention=90, recovery_period=7, daily_backup=7, weekly_backup=30)
_CONFIDENTIAL = Floor(
    log_retention=365,
    recovery_period=35,
    daily_backup=35,
    weekly_backup=35,
    monthly_backup=365,
    must_have_every_backup=False,
    must_limit_backups=False,
    must_be_archived=False,
    must_enforce_perimeter=False,
    longest_key_rotation=365,
    may_be_ephemeral=False,
    may_show_keys=True,
    may_log_keys=False,
    may_be_used_from_other_accounts=True,
)
_FLOORS = {
    DataClassification.PUBLIC: _PUBLIC,
    DataClassification.INTERNAL: _INTERNAL,
    DataClassification.CONFIDENTIAL: _CONFIDENTIAL,
    DataClassification.RESTRICTED: replace(
        _CONFIDENTIAL,
        log_retention=400,
        weekly_backup=90,
        must_have_every_backup=True,
        must_limit_backups=True,
        must_be_archived=True,
        must_enforce_perimeter=True,
        may_show_keys=False,
        may_be_used_from_other_accounts=False,
    ),
}
