"""The lock of a vault fits the plan and the classification, and only a name that says so makes it irreversible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Environment, Stack
from aws_cdk.aws_backup import BackupVault

from secure_ddb import BackupSettings, DataClassification, InvalidArgumentError, Lifecycle, VaultLock
from tests.orders import INSIDE, orders
from tests.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable

days = Duration.days
compliance = VaultLock.compliance_that_cannot_be_undone
RESTRICTED_PLAN = {"daily_retention": days(35), "weekly_retention": days(90), "monthly_retention": days(365)}


def made(lock: VaultLock, level: str = "CONFIDENTIAL", **plan: Any) -> Template:
    app = App()
    stack = Stack(app, "Test", env=Environment(region="eu-central-1"))
    inside = {"perimeter": INSIDE} if level == "RESTRICTED" else {}
    plan = plan or (RESTRICTED_PLAN if level == "RESTRICTED" else {})
    orders(stack, classification=DataClassification[level], backup=BackupSettings(lock=lock, **plan), **inside)
    return Template(app.synth().get_stack_by_name("Test").template)


def lock_of(template: Template) -> dict[str, int]:
    found: dict[str, int] = template.properties("AWS::Backup::BackupVault")["LockConfiguration"]
    return found


def refused(make: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(InvalidArgumentError) as raised:
        make()
    return raised.value.argument, raised.value.allowed


def test_a_lock_without_limits_follows_the_plan() -> None:
    assert lock_of(made(VaultLock())) == {"MinRetentionDays": 35}
    assert lock_of(made(VaultLock(), "RESTRICTED")) == {"MinRetentionDays": 35, "MaxRetentionDays": 365}


def test_limits_that_are_given_stand_in_the_template() -> None:
    template = made(VaultLock(min_retention=days(35), max_retention=days(400)))
    assert lock_of(template) == {"MinRetentionDays": 35, "MaxRetentionDays": 400}
    chosen = template.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]["settings"]
    assert chosen == {"backup.lock": "governance mode, at least 35 days, at most 400 days"}


def test_compliance_mode_is_written_and_named_in_the_summary() -> None:
    template = made(compliance(changeable_for=days(14), min_retention=days(35)))
    assert lock_of(template) == {"MinRetentionDays": 35, "ChangeableForDays": 14}
    chosen = template.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]["settings"]
    assert chosen == {"backup.lock": "compliance mode, at least 35 days; removable only within 14 days of deployment"}


def test_compliance_mode_takes_no_limit_from_the_plan_that_a_later_plan_could_change() -> None:
    template = made(compliance(changeable_for=days(3), min_retention=days(35), max_retention=days(400)), "RESTRICTED")
    assert lock_of(template)["MaxRetentionDays"] == 400


def test_restricted_tables_have_an_end_in_compliance_mode_too() -> None:
    lock = compliance(changeable_for=days(3), min_retention=days(35))
    argument, allowed = refused(lambda: made(lock, "RESTRICTED"))
    assert (argument, "RESTRICTED" in allowed) == ("backup.lock.max_retention", True)


def test_compliance_mode_has_no_other_name() -> None:
    make: Callable[..., object] = VaultLock
    with pytest.raises(TypeError, match="changeable_for"):
        make(changeable_for=days(3))


@pytest.mark.parametrize("grace", [0, 2, 36_501])
def test_the_time_to_lift_it_is_what_aws_takes(grace: int) -> None:
    argument, allowed = refused(lambda: compliance(changeable_for=days(grace), min_retention=days(35)))
    assert (argument, allowed) == ("backup.lock.changeable_for", "3 to 36500 days")


@pytest.mark.parametrize(
    ("limits", "argument", "allowed"),
    [
        ({"min_retention": 36}, "min_retention", "1 to 35 days, the plan's shortest retention"),
        ({"max_retention": 364}, "max_retention", "365 days, the plan's longest retention, to 36500 days"),
    ],
)
def test_a_lock_that_would_fail_jobs_of_the_plan_is_refused(
    limits: dict[str, int], argument: str, allowed: str
) -> None:
    lock = VaultLock(**{name: days(value) for name, value in limits.items()})
    assert refused(lambda: BackupSettings(lock=lock)) == (f"backup.lock.{argument}", allowed)


def test_a_lock_below_the_floor_is_refused() -> None:
    argument, allowed = refused(lambda: made(VaultLock(min_retention=days(34))))
    assert (argument, allowed) == ("backup.lock.min_retention", "35 days or more for CONFIDENTIAL")
    assert lock_of(made(VaultLock(min_retention=days(7)), "INTERNAL"))["MinRetentionDays"] == 7


@pytest.mark.parametrize("limit", ["min_retention", "max_retention"])
@pytest.mark.parametrize(("value", "allowed"), [(days(0), "1 to 36500 days"), (35, "Duration or None")])
def test_limits_that_aws_does_not_take_are_refused(limit: str, value: object, allowed: str) -> None:
    make: Callable[..., object] = VaultLock
    assert refused(lambda: make(**{limit: value})) == (f"backup.lock.{limit}", allowed)


def test_the_shortest_time_is_not_longer_than_the_longest() -> None:
    argument, _ = refused(lambda: VaultLock(min_retention=days(36), max_retention=days(35)))
    assert argument == "backup.lock.min_retention"


def test_an_existing_vault_keeps_its_own_lock() -> None:
    vault = BackupVault.from_backup_vault_name(Stack(App(), "Test"), "Vault", "company-vault")
    lock = VaultLock(min_retention=days(35))
    assert refused(lambda: BackupSettings(vault=vault, lock=lock))[0] == "backup.lock"


def test_an_ephemeral_table_has_no_vault_to_lock() -> None:
    stack = Stack(App(), "Test", env=Environment(region="eu-central-1"))
    backup = BackupSettings(lock=compliance(changeable_for=days(3), min_retention=days(35)))
    ephemeral = Lifecycle.ephemeral(reason="integration tests")
    argument, _ = refused(
        lambda: orders(stack, classification=DataClassification.INTERNAL, lifecycle=ephemeral, backup=backup)
    )
    assert argument == "backup.lock"
