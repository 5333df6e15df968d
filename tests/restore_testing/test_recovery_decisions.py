"""A policy engine decides what may be copied where, and what the roles of a restore test reach."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest

from secure_ddb import BackupCopy, BackupCopyVault, BackupSettings, RestoreTesting
from tests.acceptance.managed_policies import actions_of
from tests.orders import OWNERSHIP, orders
from tests.policies.deployments import FULL_ACCESS, OPEN
from tests.policies.engine import Decision, Policies, Request, decide
from tests.policies.resolve import Deployed
from tests.synthesized import synthesized

if TYPE_CHECKING:
    from aws_cdk import Stack

ALLOWED = Decision.ALLOWED
TABLE = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"
RESTORED = "arn:aws:dynamodb:eu-central-1:111122223333:table/awsbackup-restore-test-1234"
POINT = "arn:aws:backup:eu-central-1:111122223333:recovery-point:1234"
VAULT = "arn:aws:backup:eu-central-1:111122223333:backup-vault:copies"
COPIES = "arn:aws:backup:eu-west-1:444455556666:backup-vault:copies"
SOURCE, STRANGER, ADMINISTRATOR = (
    f"arn:aws:iam::{account}:role/administrator" for account in ("444455556666", "777788889999", "111122223333")
)
ORGANIZATION = "o-abcde12345"
THROUGH_BACKUP = {"kms:ViaService": "backup.eu-west-1.amazonaws.com"}
THROUGH_DYNAMODB = {
    "kms:ViaService": "dynamodb.eu-central-1.amazonaws.com",
    "kms:CallerAccount": "111122223333",
}
FOR_RESOURCE = {"kms:GrantIsForAWSResource": "true"}
BACKUP = "AWSBackupServiceRolePolicyForBackup"
RESTORES = "AWSBackupServiceRolePolicyForRestores"


def copy_vault(stack: Stack) -> None:
    """Fill a stack with a vault that another account copies into."""
    BackupCopyVault(
        stack, "Copies", ownership=OWNERSHIP, source_accounts=["444455556666"], organization_id=ORGANIZATION
    )


def copied_table(stack: Stack) -> None:
    """Fill a stack with a table whose backups are copied and tested."""
    table = orders(stack, table_name="orders", backup=BackupSettings(copies=[BackupCopy(vault=COPIES)]))
    RestoreTesting(stack, "Tests", tables=[table], topic=table.alarm_topic, ownership=OWNERSHIP)


@cache
def vault() -> Deployed:
    return Deployed(synthesized(copy_vault))


@cache
def deployed() -> Deployed:
    return Deployed(synthesized(copied_table))


def on_vault(principal: str, action: str, **context: str) -> Decision:
    """Decide a request of a principal that may do everything by IAM on the vault for copies."""
    (name,) = vault().template.of_type("AWS::Backup::BackupVault")
    policies = Policies(identity=(FULL_ACCESS,), resource=vault().property(name, "AccessPolicy"))
    keys = {"aws:PrincipalOrgID": context.get("organization", ORGANIZATION)}
    on = VAULT if action == "backup:CopyIntoBackupVault" else POINT
    (decision,) = decide([(policies, Request(principal=principal, action=action, resource=on, context=keys))])
    return decision


def test_the_named_account_of_the_organization_copies_into_the_vault() -> None:
    assert on_vault(SOURCE, "backup:CopyIntoBackupVault") is ALLOWED
    assert on_vault(SOURCE, "backup:CopyIntoBackupVault", organization="o-9999999999") is not ALLOWED
    assert on_vault(STRANGER, "backup:CopyIntoBackupVault") is not ALLOWED


@pytest.mark.parametrize("action", ["DeleteRecoveryPoint", "UpdateRecoveryPointLifecycle"])
@pytest.mark.parametrize("principal", [SOURCE, ADMINISTRATOR])
def test_nobody_shortens_or_deletes_copies(principal: str, action: str) -> None:
    assert on_vault(principal, f"backup:{action}") is not ALLOWED


@pytest.mark.parametrize("action", ["StartRestoreJob", "CopyFromBackupVault"])
def test_another_account_takes_nothing_out(action: str) -> None:
    assert on_vault(SOURCE, f"backup:{action}") is not ALLOWED


def on_vault_key(principal: str, action: str, **context: str) -> Decision:
    arn = vault().arn("AWS::KMS::Key")
    policies = Policies(identity=(FULL_ACCESS,), resource=vault().resource_policy(arn))
    keys = {"aws:PrincipalOrgID": ORGANIZATION, "kms:CallerAccount": principal.split(":")[4], **context}
    (decision,) = decide([(policies, Request(principal=principal, action=action, resource=arn, context=keys))])
    return decision


@pytest.mark.parametrize("action", ["Decrypt", "GenerateDataKey", "DescribeKey"])
@pytest.mark.parametrize("principal", [SOURCE, STRANGER])
def test_another_account_uses_the_vault_s_key_through_aws_backup_only(principal: str, action: str) -> None:
    through = on_vault_key(principal, f"kms:{action}", **THROUGH_BACKUP)
    assert (through is ALLOWED) == (principal == SOURCE)
    assert on_vault_key(principal, f"kms:{action}") is not ALLOWED
    assert on_vault_key(principal, f"kms:{action}", **THROUGH_DYNAMODB) is not ALLOWED


def test_another_account_makes_grants_for_aws_backup_only() -> None:
    assert on_vault_key(SOURCE, "kms:CreateGrant", **THROUGH_BACKUP, **FOR_RESOURCE) is ALLOWED
    assert on_vault_key(SOURCE, "kms:CreateGrant", **THROUGH_BACKUP) is not ALLOWED
    assert on_vault_key(SOURCE, "kms:CreateGrant", **FOR_RESOURCE) is not ALLOWED


def by_role(role: str, action: str, resource: str, **context: str | list[str]) -> Decision:
    """Decide a request of a role of the table's stack."""
    principal = deployed().arn("AWS::IAM::Role", role)
    request = Request(principal=principal, action=action, resource=resource, context=context)
    policies = deployed().policies(request)
    if resource.startswith(COPIES):
        # The vaults of the other account let everybody copy into them.
        policies = replace(policies, resource=OPEN)
    (decision,) = decide([(policies, request)])
    return decision


def test_aws_backup_copies_to_the_named_vault_only() -> None:
    assert by_role("OrdersBackupRole", "backup:CopyIntoBackupVault", COPIES) is ALLOWED
    assert by_role("OrdersBackupRole", "backup:CopyIntoBackupVault", f"{COPIES}-others") is not ALLOWED
    targets = {"backup:CopyTargets": [COPIES]}
    assert by_role("OrdersBackupRole", "backup:CopyFromBackupVault", POINT, **targets) is ALLOWED
    targets = {"backup:CopyTargets": [COPIES, f"{COPIES}-others"]}
    assert by_role("OrdersBackupRole", "backup:CopyFromBackupVault", POINT, **targets) is not ALLOWED


# What AWS gives its role for backups to copy, and its role for restores to restore tables.
COPYING = sorted(each for each in actions_of(BACKUP) if each.startswith(("backup:Copy", "backup:DescribeBackupVault")))
RESTORING = sorted(each for each in actions_of(RESTORES) if each.startswith("dynamodb:"))
# Jobs of AWS Backup itself, which restore tests start by the service-linked role.
LEFT_OUT = {each for each in actions_of(RESTORES) if each.startswith("backup:")}


def test_the_backup_role_has_what_aws_gives_its_own_to_copy() -> None:
    assert COPYING == ["backup:CopyFromBackupVault", "backup:CopyIntoBackupVault", "backup:DescribeBackupVault"]
    for action in COPYING:
        on = POINT if "From" in action else COPIES
        assert by_role("OrdersBackupRole", action, on) is ALLOWED, action


@pytest.mark.parametrize("action", RESTORING)
def test_the_restore_role_has_what_aws_gives_its_own_on_restored_tables(action: str) -> None:
    backup = f"{TABLE}/backup/0123" if action == "dynamodb:RestoreTableFromBackup" else RESTORED
    assert by_role("TestsRestoreRole", action, backup) is ALLOWED
    # Nothing on the table itself.
    assert by_role("TestsRestoreRole", action, TABLE) is not ALLOWED


def test_what_the_restore_role_lacks_starts_and_lists_jobs() -> None:
    assert {
        "backup:DescribeRestoreJob",
        "backup:ListRecoveryPointsByBackupVault",
        "backup:ListRestoreJobs",
        "backup:StartRestoreJob",
    } == LEFT_OUT


KMS = sorted(each for each in actions_of(RESTORES) if each.startswith("kms:") and "Grant" not in each)


@pytest.mark.parametrize("action", KMS)
def test_the_restore_role_encrypts_restored_tables_and_only_decrypts_recovery_points(action: str) -> None:
    restored, table = (deployed().arn("AWS::KMS::Key", name) for name in ("TestsKey", "OrdersKey"))
    assert by_role("TestsRestoreRole", action, restored, **THROUGH_DYNAMODB) is ALLOWED
    may_use = by_role("TestsRestoreRole", action, table, **THROUGH_DYNAMODB) is ALLOWED
    assert may_use == (action in ("kms:Decrypt", "kms:DescribeKey"))


def test_the_restore_role_makes_grants_for_services_only() -> None:
    for name in ("TestsKey", "OrdersKey"):
        key = deployed().arn("AWS::KMS::Key", name)
        complete = {**THROUGH_DYNAMODB, **FOR_RESOURCE}
        assert by_role("TestsRestoreRole", "kms:CreateGrant", key, **complete) is ALLOWED
        assert by_role("TestsRestoreRole", "kms:CreateGrant", key, **THROUGH_DYNAMODB) is not ALLOWED


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("dynamodb:Scan", RESTORED, True),
        ("dynamodb:Scan", TABLE, False),
        ("dynamodb:GetItem", RESTORED, False),
        ("dynamodb:DeleteTable", RESTORED, False),
        ("dynamodb:DescribeTable", RESTORED, True),
        ("dynamodb:DescribeTable", TABLE, True),
        ("dynamodb:DescribeTable", f"{TABLE}-others", False),
        ("backup:PutRestoreValidationResult", "*", True),
        ("backup:DescribeRestoreJob", "*", True),
        ("backup:StartRestoreJob", POINT, False),
    ],
)
def test_the_function_counts_restored_items_only(action: str, resource: str, expected: bool) -> None:  # noqa: FBT001
    assert (by_role("TestsValidationRole", action, resource) is ALLOWED) == expected


@pytest.mark.parametrize("name", ["TestsKey", "OrdersKey"])
def test_the_function_decrypts_restored_tables_only(name: str) -> None:
    key = deployed().arn("AWS::KMS::Key", name)
    decision = by_role("TestsValidationRole", "kms:Decrypt", key, **THROUGH_DYNAMODB)
    assert (decision is ALLOWED) == (name == "TestsKey")
    assert by_role("TestsValidationRole", "kms:Decrypt", key) is not ALLOWED
