"""A table outlives its stack with everything that makes it readable, unless it is ephemeral: then nothing is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, RemovalPolicy, Stack

from secure_ddb import DataClassification, InvalidArgumentError, Lifecycle, NotCreatedError, SecureTable
from tests.orders import OWNERSHIP, PK
from tests.template import Template, as_list, text, walk

if TYPE_CHECKING:
    from collections.abc import Callable

# What holds data, or what data cannot be read without.
HOLDS_DATA = {
    "AWS::Backup::BackupVault",
    "AWS::DynamoDB::GlobalTable",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
}
TABLE = "AWS::DynamoDB::GlobalTable"
# What has deletion protection: the table and the audit log.
PROTECTED = {TABLE, "AWS::Logs::LogGroup"}
# Kept when it leaves its stack, but not where the deployment that made it fails.
RETAINED = "RetainExceptOnCreate"


@pytest.fixture(scope="module")
def ephemeral(template: Callable[[str], Template]) -> Template:
    return template("ephemeral")


def sandbox(stack: Stack, name: str, classification: DataClassification) -> SecureTable:
    lifecycle = Lifecycle.ephemeral(reason="integration tests")
    return SecureTable(
        stack, name, partition_key=PK, ownership=OWNERSHIP, classification=classification, lifecycle=lifecycle
    )


def is_protected(name: str, resource: dict[str, Any]) -> bool:
    return resource["Type"] in PROTECTED and "ErrorLog" not in name


@pytest.mark.parametrize("configuration", ["minimal", "everything", "restricted"])
def test_whatever_holds_data_stays_when_its_stack_goes(template: Callable[[str], Template], configuration: str) -> None:
    kinds = set()
    for name, resource in template(configuration).resources.items():
        if name.startswith("Orders") and resource["Type"] in HOLDS_DATA:
            kinds.add(resource["Type"])
            assert resource.get("UpdateReplacePolicy") == "Retain", name
            assert resource.get("DeletionPolicy") == ("Retain" if is_protected(name, resource) else RETAINED), name
    assert kinds == HOLDS_DATA


def test_a_bucket_keeps_its_policy_when_its_stack_goes(template: Callable[[str], Template]) -> None:
    policies = template("everything").of_type("AWS::S3::BucketPolicy")
    assert len(policies) == 3
    for policy in policies.values():
        assert (policy["DeletionPolicy"], policy["UpdateReplacePolicy"]) == (RETAINED, "Retain")


def test_a_failed_first_deployment_leaves_nothing_but_what_is_protected(template: Callable[[str], Template]) -> None:
    left = {
        resource["Type"]
        for name, resource in template("everything").resources.items()
        if name.startswith("Orders") and resource.get("DeletionPolicy") == "Retain"
    }
    # Deletion protection would make their deletion fail, and with it the rollback.
    assert left == PROTECTED


def test_nothing_of_an_ephemeral_table_is_retained(ephemeral: Template) -> None:
    policies = {
        (resource["Type"], resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy"))
        for resource in ephemeral.resources.values()
    }
    assert {policy for _, *both in policies for policy in both} == {None, "Delete"}
    # Without a policy CloudFormation deletes most types, but of these nobody has to know.
    for kind in HOLDS_DATA - {"AWS::Backup::BackupVault"}:
        assert (kind, "Delete", "Delete") in policies


def test_an_ephemeral_table_is_not_protected_from_deletion(ephemeral: Template) -> None:
    assert ephemeral.replica()["DeletionProtectionEnabled"] is False


def test_key_of_an_ephemeral_table_waits_for_the_shortest_time(ephemeral: Template) -> None:
    assert ephemeral.properties("AWS::KMS::Key", "OrdersKey")["PendingWindowInDays"] == 7
    assert ephemeral.properties("AWS::KMS::Key", "OrdersAuditDigestKey")["PendingWindowInDays"] == 7


def test_an_ephemeral_table_has_no_vault_whose_recovery_points_would_keep_it(ephemeral: Template) -> None:
    assert not [name for name, resource in ephemeral.resources.items() if "::Backup::" in resource["Type"]]


def test_no_lock_keeps_the_failed_records_of_an_ephemeral_table(ephemeral: Template) -> None:
    keys = {key for value in walk(ephemeral.resources) if isinstance(value, dict) for key in value}
    assert not [key for key in keys if "Lock" in key]


def test_failed_records_of_an_ephemeral_table_are_deleted_with_their_bucket(ephemeral: Template) -> None:
    (bucket,) = ephemeral.of_type("AWS::S3::Bucket")
    (policy,) = ephemeral.of_type("AWS::S3::BucketPolicy")
    emptying = ephemeral.only("Custom::S3AutoDeleteObjects")
    assert text(emptying["Properties"]["BucketName"]) == f"<{bucket}>"
    # The policy has to outlive the deletion of the objects that it allows.
    assert policy in as_list(emptying["DependsOn"])
    assert {"Key": "aws-cdk:auto-delete-objects", "Value": "true"} in ephemeral.properties("AWS::S3::Bucket")["Tags"]


def test_bucket_policy_of_an_ephemeral_table_is_one_that_allows_both_recording_and_emptying(
    ephemeral: Template,
) -> None:
    # CloudFormation would let a second policy replace the first one.
    statements = ephemeral.properties("AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]
    assert [statement.get("Sid") for statement in statements] == [
        "DenyRequestsWithoutTls",
        "DenyWritingToOthers",
        "DenyReplication",
        None,
    ]
    emptying = statements[-1]
    assert "s3:DeleteObject*" in emptying["Action"]
    assert text(emptying["Principal"]["AWS"]).startswith("<CustomS3AutoDeleteObjects")


def test_each_ephemeral_table_of_a_stack_has_its_own_bucket_policy(stack: Stack) -> None:
    for name in ("Orders", "Invoices"):
        sandbox(stack, name, DataClassification.PUBLIC)
    app = stack.node.root
    assert isinstance(app, App)
    template = Template(app.synth().get_stack_by_name("Test").template)
    policies = [text(policy["Properties"]["Bucket"]) for policy in template.of_type("AWS::S3::BucketPolicy").values()]
    assert sorted(policies) == sorted(f"<{bucket}>" for bucket in template.of_type("AWS::S3::Bucket"))
    assert len(set(policies)) == 2


def test_an_ephemeral_table_is_otherwise_as_in_production(ephemeral: Template, minimal: Template) -> None:
    # The rule for events is about backup jobs.
    backup = {kind for kind in kinds(minimal) if "::Backup::" in kind} | {"AWS::Events::Rule"}
    assert kinds(ephemeral) - {"Custom::S3AutoDeleteObjects"} == kinds(minimal) - backup
    assert ephemeral.alarms().keys() == minimal.alarms().keys() - {"OrdersBackupMissing"}


def test_an_ephemeral_table_leaves_no_system_backup_behind(ephemeral: Template) -> None:
    assert ephemeral.replica()["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": False}


def kinds(template: Template) -> set[str]:
    return {resource["Type"] for resource in template.resources.values()}


def test_the_reason_shows_in_the_template(ephemeral: Template) -> None:
    assert ephemeral.only(TABLE)["Metadata"]["SecureTable"] == {"ephemeral": "integration tests"}


@pytest.mark.parametrize("level", ["CONFIDENTIAL", "RESTRICTED"])
def test_ephemeral_is_refused_above_internal(stack: Stack, level: str) -> None:
    with pytest.raises(
        InvalidArgumentError, match=rf"ephemeral \(integration tests\).*retained\(\) for {level}$"
    ) as raised:
        sandbox(stack, "Orders", DataClassification[level])
    assert raised.value.argument == "lifecycle"


@pytest.mark.parametrize("level", ["PUBLIC", "INTERNAL"])
def test_ephemeral_is_accepted_up_to_internal(stack: Stack, level: str) -> None:
    assert sandbox(stack, "Orders", DataClassification[level]).table


def test_asking_for_the_vault_of_an_ephemeral_table_says_why_there_is_none(stack: Stack) -> None:
    table = sandbox(stack, "Orders", DataClassification.INTERNAL)
    with pytest.raises(NotCreatedError, match=r"backup_vault does not exist: .*lifecycle left it out"):
        assert table.backup_vault


def test_tables_are_retained_unless_told_otherwise() -> None:
    retained = Lifecycle.retained()
    assert not retained.is_ephemeral
    assert retained.removal_policy is RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
    assert retained.protected_removal_policy is RemovalPolicy.RETAIN
    assert retained.key_deletion_window_in_days == 30
