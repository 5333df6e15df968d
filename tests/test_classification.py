"""Classification is the floor of every setting: one day below is refused, the floor itself is accepted."""

from __future__ import annotations

from dataclasses import astuple
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from aws_cdk import Duration
from aws_cdk.aws_logs import RetentionDays

from secure_ddb import (
    ArchiveSettings,
    AuditSettings,
    BackupSettings,
    DataClassification,
    EncryptionSettings,
    InvalidArgumentError,
    SecureTable,
)
from tests.orders import INSIDE, OWNERSHIP, PK

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

    Settings = Callable[[], dict[str, object]]

days = Duration.days


def audit(retention: str) -> Settings:
    return lambda: {"audit": AuditSettings(log_retention=RetentionDays[retention])}


def archive(retention: Duration) -> Settings:
    return lambda: {"audit": AuditSettings(archive=ArchiveSettings(retention=retention))}


def backup(**periods: object) -> Settings:
    make: Callable[..., BackupSettings] = BackupSettings
    # Periods that no classification refuses; only restricted tables have to have all three.
    enough = {"daily_retention": days(35), "weekly_retention": days(90)}
    return lambda: {"backup": make(**{**enough, **periods})}


def rotation(period: Duration) -> Settings:
    return lambda: {"encryption": EncryptionSettings(rotation_period=period)}


def table(stack: Stack, level: str, **settings: object) -> SecureTable:
    make: Callable[..., SecureTable] = SecureTable
    given = {"partition_key": PK, "ownership": OWNERSHIP, "classification": DataClassification[level], **settings}
    # Only a network that it is reached from has no default.
    given.setdefault("perimeter", INSIDE)
    return make(stack, "Orders", **given)


# Where no classification allows less, the error names none. Retentions of logs are the nearest that CloudWatch has.
BELOW_THE_FLOOR: list[tuple[str, Settings, str, str, str]] = [
    ("PUBLIC", audit("TWO_WEEKS"), "audit.log_retention", "TWO_WEEKS", "30 days or more for PUBLIC"),
    ("PUBLIC", backup(recovery_period_in_days=0), "backup.recovery_period_in_days", "0", "1 to 35"),
    ("PUBLIC", backup(daily_retention=days(0)), "backup.daily_retention", "0 days", "1 to 36500 days"),
    ("PUBLIC", backup(weekly_retention=days(6)), "backup.weekly_retention", "6 days", "7 days or more for PUBLIC"),
    ("PUBLIC", backup(monthly_retention=days(179)), "backup.monthly_retention", "179 days", "180 to 36500 days"),
    ("PUBLIC", rotation(days(2561)), "encryption.rotation_period", "2561 days", "90 to 2560 days"),
    ("PUBLIC", archive(days(29)), "audit.archive.retention", "29 days", "30 days or more for PUBLIC"),
    ("INTERNAL", audit("TWO_MONTHS"), "audit.log_retention", "TWO_MONTHS", "90 days or more for INTERNAL"),
    ("INTERNAL", backup(recovery_period_in_days=6), "backup.recovery_period_in_days", "6", "7 to 35 days for INTERNAL"),
    ("INTERNAL", backup(daily_retention=days(6)), "backup.daily_retention", "6 days", "7 days or more for INTERNAL"),
    (
        "INTERNAL",
        backup(weekly_retention=days(29)),
        "backup.weekly_retention",
        "29 days",
        "30 days or more for INTERNAL",
    ),
    ("INTERNAL", backup(monthly_retention=days(179)), "backup.monthly_retention", "179 days", "180 to 36500 days"),
    ("INTERNAL", rotation(days(2561)), "encryption.rotation_period", "2561 days", "90 to 2560 days"),
    ("INTERNAL", archive(days(89)), "audit.archive.retention", "89 days", "90 days or more for INTERNAL"),
    ("CONFIDENTIAL", audit("SIX_MONTHS"), "audit.log_retention", "SIX_MONTHS", "365 days or more for CONFIDENTIAL"),
    (
        "CONFIDENTIAL",
        backup(recovery_period_in_days=34),
        "backup.recovery_period_in_days",
        "34",
        "35 to 35 days for CONFIDENTIAL",
    ),
    (
        "CONFIDENTIAL",
        backup(daily_retention=days(34)),
        "backup.daily_retention",
        "34 days",
        "35 days or more for CONFIDENTIAL",
    ),
    (
        "CONFIDENTIAL",
        backup(weekly_retention=days(34)),
        "backup.weekly_retention",
        "34 days",
        "35 days or more for CONFIDENTIAL",
    ),
    (
        "CONFIDENTIAL",
        backup(monthly_retention=days(364)),
        "backup.monthly_retention",
        "364 days",
        "365 days or more for CONFIDENTIAL",
    ),
    ("CONFIDENTIAL", rotation(days(366)), "encryption.rotation_period", "366 days", "90 to 365 days for CONFIDENTIAL"),
    ("CONFIDENTIAL", archive(days(364)), "audit.archive.retention", "364 days", "365 days or more for CONFIDENTIAL"),
    ("RESTRICTED", audit("ONE_YEAR"), "audit.log_retention", "ONE_YEAR", "400 days or more for RESTRICTED"),
    (
        "RESTRICTED",
        backup(recovery_period_in_days=34),
        "backup.recovery_period_in_days",
        "34",
        "35 to 35 days for RESTRICTED",
    ),
    (
        "RESTRICTED",
        backup(daily_retention=days(34)),
        "backup.daily_retention",
        "34 days",
        "35 days or more for RESTRICTED",
    ),
    (
        "RESTRICTED",
        backup(weekly_retention=days(89)),
        "backup.weekly_retention",
        "89 days",
        "90 days or more for RESTRICTED",
    ),
    (
        "RESTRICTED",
        backup(monthly_retention=days(364)),
        "backup.monthly_retention",
        "364 days",
        "365 days or more for RESTRICTED",
    ),
    ("RESTRICTED", archive(days(399)), "audit.archive.retention", "399 days", "400 days or more for RESTRICTED"),
    ("RESTRICTED", rotation(days(366)), "encryption.rotation_period", "366 days", "90 to 365 days for RESTRICTED"),
]
# Retention of the log and of its archive, recovery period, daily, weekly and monthly backups, days between rotations.
FLOORS = {
    "PUBLIC": (RetentionDays.ONE_MONTH, 30, 1, 1, 7, 180, 2560),
    "INTERNAL": (RetentionDays.THREE_MONTHS, 90, 7, 7, 30, 180, 2560),
    "CONFIDENTIAL": (RetentionDays.ONE_YEAR, 365, 35, 35, 35, 365, 365),
    "RESTRICTED": (RetentionDays.THIRTEEN_MONTHS, 400, 35, 35, 90, 365, 365),
}


@pytest.mark.parametrize(("level", "settings", "argument", "value", "allowed"), BELOW_THE_FLOOR)
def test_less_than_the_classification_demands_is_refused(
    stack: Stack, *, level: str, settings: Settings, argument: str, value: str, allowed: str
) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        table(stack, level, **settings())
    assert raised.value.argument == argument
    assert str(raised.value.value) == value
    assert raised.value.allowed.startswith(allowed)


@pytest.mark.parametrize("level", FLOORS)
def test_exactly_what_the_classification_demands_is_accepted(stack: Stack, level: str) -> None:
    log_retention, archived, recovery, daily, weekly, monthly, rotations = FLOORS[level]
    settings = {
        **rotation(days(rotations))(),
        "audit": AuditSettings(log_retention=log_retention, archive=ArchiveSettings(retention=days(archived))),
        "backup": BackupSettings(
            recovery_period_in_days=recovery,
            daily_retention=days(daily),
            weekly_retention=days(weekly),
            monthly_retention=days(monthly),
        ),
    }
    assert table(stack, level, **settings).backup_plan


@pytest.mark.parametrize("level", [level.name for level in DataClassification])
def test_defaults_are_enough_for_every_classification(stack: Stack, level: str) -> None:
    assert table(stack, level).backup_plan


def test_every_classification_has_its_floors_tested() -> None:
    assert [level.name for level in DataClassification] == list(FLOORS)
    assert {(level, argument) for level, _, argument, _, _ in BELOW_THE_FLOOR} == {
        (level, argument) for level in FLOORS for _, _, argument, _, _ in BELOW_THE_FLOOR
    }


def test_a_more_sensitive_classification_never_demands_less() -> None:
    for lower, higher in pairwise(level.floor for level in DataClassification):
        demands, *limits = astuple(lower)[:9], *astuple(lower)[9:]
        higher_demands, *higher_limits = astuple(higher)[:9], *astuple(higher)[9:]
        assert all(one <= other for one, other in zip(demands, higher_demands, strict=True))
        assert all(one >= other for one, other in zip(limits, higher_limits, strict=True))


def test_confidential_audit_logs_are_kept_for_the_year_that_pci_dss_demands() -> None:
    assert DataClassification.CONFIDENTIAL.floor.log_retention >= 365
    assert DataClassification.RESTRICTED.floor.log_retention >= 365
