"""AWS Backup keeps the table (BAK-2)."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Environment, Stack
from aws_cdk.aws_kms import IKey, Key

from secure_ddb import BackupSettings, DataClassification, EncryptionSettings, InvalidArgumentError
from tests import configurations
from tests.orders import INSIDE, orders
from tests.template import Template, as_list, statements, text

if TYPE_CHECKING:
    from collections.abc import Callable


DAILY, WEEKLY, MONTHLY = "cron(0 5 * * ? *)", "cron(0 5 ? * SUN *)", "cron(0 5 1 * ? *)"
PLANS: dict[str, dict[str, tuple[str, dict[str, int]]]] = {
    "PUBLIC": {"Monthly": (MONTHLY, {"DeleteAfterDays": 180, "MoveToColdStorageAfterDays": 90})},
    "INTERNAL": {"Monthly": (MONTHLY, {"DeleteAfterDays": 180, "MoveToColdStorageAfterDays": 90})},
    "CONFIDENTIAL": {
        "Weekly": (WEEKLY, {"DeleteAfterDays": 35}),
        "Monthly": (MONTHLY, {"DeleteAfterDays": 365, "MoveToColdStorageAfterDays": 90}),
    },
    "RESTRICTED": {
        "Daily": (DAILY, {"DeleteAfterDays": 35}),
        "Weekly": (WEEKLY, {"DeleteAfterDays": 90}),
        "Monthly": (MONTHLY, {"DeleteAfterDays": 365, "MoveToColdStorageAfterDays": 90}),
    },
}


def made(classification: str = "CONFIDENTIAL", backup: BackupSettings | None = None) -> Template:
    app = App()
    stack = Stack(app, "Test", env=Environment(region="eu-central-1"))
    inside = {"perimeter": INSIDE} if classification == "RESTRICTED" else {}
    orders(stack, classification=DataClassification[classification], backup=backup, **inside)
    return Template(app.synth().get_stack_by_name("Test").template)


def rules(template: Template) -> dict[str, tuple[str, dict[str, int]]]:
    plan = template.properties("AWS::Backup::BackupPlan")["BackupPlan"]
    return {rule["RuleName"]: (rule["ScheduleExpression"], rule["Lifecycle"]) for rule in plan["BackupPlanRule"]}


@pytest.mark.parametrize("level", PLANS)
def test_the_classification_decides_which_recovery_points_are_kept(level: str) -> None:
    template = made(level)
    assert rules(template) == PLANS[level]
    kept = [lifecycle["DeleteAfterDays"] for _, lifecycle in PLANS[level].values()]
    longest = {"MaxRetentionDays": max(kept)} if level == "RESTRICTED" else {}
    lock = template.properties("AWS::Backup::BackupVault")["LockConfiguration"]
    assert lock == {"MinRetentionDays": min(kept), **longest}
    # The default is no choice that the summary would have to name.
    metadata = template.only("AWS::DynamoDB::GlobalTable").get("Metadata", {}).get("SecureTable", {})
    assert not [setting for setting in metadata.get("settings", {}) if setting.startswith("backup")]


def test_every_classification_has_a_plan_of_its_own() -> None:
    assert [level.name for level in DataClassification] == list(PLANS)


def test_settings_without_arguments_are_the_plan_of_confidential_tables() -> None:
    assert rules(made("PUBLIC", BackupSettings())) == PLANS["CONFIDENTIAL"]


@pytest.mark.parametrize("level", ["PUBLIC", "INTERNAL", "CONFIDENTIAL"])
@pytest.mark.parametrize(
    "kept", [kept for size in (1, 2, 3) for kept in combinations(("daily", "weekly", "monthly"), size)]
)
def test_each_rule_can_be_left_out(level: str, kept: tuple[str, ...]) -> None:
    template = made(level, settings(*kept))
    assert [name.lower() for name in rules(template)] == list(kept)


@pytest.mark.parametrize("left_out", ["daily", "weekly", "monthly"])
def test_restricted_tables_have_every_rule(left_out: str) -> None:
    kept = [name for name in ("daily", "weekly", "monthly") if name != left_out]
    with pytest.raises(InvalidArgumentError) as raised:
        made("RESTRICTED", settings(*kept))
    least = {"daily": 35, "weekly": 90, "monthly": 365}[left_out]
    assert raised.value.argument == f"backup.{left_out}_retention"
    assert raised.value.value is None
    assert raised.value.allowed == f"{least} days or more for RESTRICTED"


def test_a_plan_without_rules_is_refused_and_a_waiver_proposed() -> None:
    with pytest.raises(InvalidArgumentError, match=r"backup is .*; allowed: .*daily_retention.* or a Waiver"):
        settings()


def settings(*kept: str) -> BackupSettings:
    """Return settings with these rules, each kept for a year, and no other."""
    make: Callable[..., BackupSettings] = BackupSettings
    return make(
        **{f"{name}_retention": Duration.days(365) if name in kept else None for name in ("daily", "weekly", "monthly")}
    )


def test_the_summary_names_rules_that_differ_from_the_default() -> None:
    template = made("INTERNAL", settings("daily", "weekly"))
    chosen = template.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]["settings"]
    assert chosen == {
        "backup.daily_retention": "365 days (default none)",
        "backup.weekly_retention": "365 days (default none)",
        "backup.monthly_retention": "none (default 180 days)",
    }


def test_all_rules_use_the_tables_vault(minimal: Template) -> None:
    (vault,) = minimal.of_type("AWS::Backup::BackupVault")
    plan = minimal.properties("AWS::Backup::BackupPlan")["BackupPlan"]
    targets = {text(rule["TargetBackupVault"]) for rule in plan["BackupPlanRule"]}
    assert targets == {f"<{vault}.BackupVaultName>"}


def test_nobody_deletes_recovery_points(minimal: Template) -> None:
    (statement,) = minimal.properties("AWS::Backup::BackupVault")["AccessPolicy"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Principal"] in ("*", {"AWS": "*"})
    assert set(statement["Action"]) == {"backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"}


def test_vault_stays_when_its_stack_goes(minimal: Template) -> None:
    vault = minimal.only("AWS::Backup::BackupVault")
    assert (vault["DeletionPolicy"], vault["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_no_vault_is_locked_for_good(each_template: Template) -> None:
    for vault in each_template.of_type("AWS::Backup::BackupVault").values():
        assert "ChangeableForDays" not in vault["Properties"]["LockConfiguration"]


def test_the_vault_keeps_recovery_points_for_as_long_as_the_shortest_rule(minimal: Template) -> None:
    plan = minimal.properties("AWS::Backup::BackupPlan")["BackupPlan"]
    shortest = min(rule["Lifecycle"]["DeleteAfterDays"] for rule in plan["BackupPlanRule"])
    assert minimal.properties("AWS::Backup::BackupVault")["LockConfiguration"] == {"MinRetentionDays": shortest}


def test_the_shortest_retention_need_not_be_the_daily_one() -> None:
    chosen = BackupSettings(daily_retention=Duration.days(120), weekly_retention=Duration.days(90))
    assert chosen.shortest_retention.to_days() == 90


def test_recovery_points_can_be_kept_for_as_long_as_aws_backup_keeps_any() -> None:
    longest = Duration.days(36_500)
    chosen = BackupSettings(daily_retention=longest, weekly_retention=longest, monthly_retention=longest)
    assert chosen.shortest_retention is longest


def test_the_table_is_selected_by_arn_and_nothing_else_is(minimal: Template) -> None:
    (table,) = minimal.of_type("AWS::DynamoDB::GlobalTable")
    selection = minimal.properties("AWS::Backup::BackupSelection")["BackupSelection"]
    assert [text(arn) for arn in selection["Resources"]] == [f"<{table}.Arn>"]
    assert not {"ListOfTags", "Conditions", "NotResources"} & set(selection)


def test_backup_role_may_use_the_key_and_copy_this_table_only(minimal: Template) -> None:
    (table,) = minimal.of_type("AWS::DynamoDB::GlobalTable")
    key = minimal.named("AWS::KMS::Key", "OrdersKey")
    policy = statements(minimal.properties("AWS::IAM::ManagedPolicy", "OrdersBackupPolicy")["PolicyDocument"])
    assert {sid: text(statement["Resource"]) for sid, statement in policy.items()} == {
        "CopyTable": f"<{table}.Arn>",
        "EndBackupsOfTable": f"<{table}.Arn>/backup/*",
        "CopyTagsToRecoveryPoints": "arn:<AWS::Partition>:backup:eu-central-1:111122223333:recovery-point:*",
        "DescribeTableKey": f"<{key}.Arn>",
        "UseTableKey": f"<{key}.Arn>",
        "GrantTableKey": f"<{key}.Arn>",
    }
    assert {"dynamodb:StartAwsBackupJob", "dynamodb:ListTagsOfResource"} <= set(policy["CopyTable"]["Action"])
    assert {"kms:Decrypt", "kms:GenerateDataKey"} <= set(policy["UseTableKey"]["Action"])
    assert policy["GrantTableKey"]["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}


def test_only_aws_backup_assumes_the_role_and_it_has_no_other_policy(minimal: Template) -> None:
    (policy,) = (name for name in minimal.of_type("AWS::IAM::ManagedPolicy") if name.startswith("OrdersBackupPolicy"))
    role = minimal.properties("AWS::IAM::Role", "OrdersBackupRole")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "backup.amazonaws.com"}
    (name,) = (name for name in minimal.of_type("AWS::IAM::Role") if name.startswith("OrdersBackupRole"))
    attached = minimal.of_type("AWS::IAM::ManagedPolicy")[policy]["Properties"]["Roles"]
    assert [text(found) for found in attached] == [f"<{name}>"]
    assert not {"ManagedPolicyArns", "Policies"} & role.keys()


def test_existing_vault_is_used_and_none_is_made(template: Callable[[str], Template]) -> None:
    own = template("bring_your_own")
    assert own.of_type("AWS::Backup::BackupVault") == {}
    plan = own.properties("AWS::Backup::BackupPlan")["BackupPlan"]
    assert {rule["TargetBackupVault"] for rule in plan["BackupPlanRule"]} == {"company-vault"}


def test_existing_vault_is_reported_as_not_verifiable(template: Callable[[str], Template]) -> None:
    metadata = template("bring_your_own").only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]
    assert any("backup vault" in fact for fact in metadata["not_verifiable"])


def test_retention_can_be_chosen(template: Callable[[str], Template]) -> None:
    plan = template("everything").properties("AWS::Backup::BackupPlan")["BackupPlan"]
    monthly = next(rule for rule in plan["BackupPlanRule"] if rule["RuleName"] == "Monthly")
    assert monthly["Lifecycle"]["DeleteAfterDays"] == 3650


def test_actions_name_no_wildcard(minimal: Template) -> None:
    policy = statements(minimal.properties("AWS::IAM::ManagedPolicy", "OrdersBackupPolicy")["PolicyDocument"])
    actions = [action for statement in policy.values() for action in as_list(statement["Action"])]
    assert [action for action in actions if "*" in action] == []


def vault_name(**encryption: Any) -> str:
    stack = Stack(App(), "Test", env=Environment(region="eu-central-1"))
    orders(stack, encryption=EncryptionSettings(**{name: make(stack) for name, make in encryption.items()}))
    return synthesized_name(stack)


def synthesized_name(stack: Stack) -> str:
    app = stack.node.root
    assert isinstance(app, App)
    template = Template(app.synth().get_stack_by_name("Test").template)
    name: str = template.properties("AWS::Backup::BackupVault")["BackupVaultName"]
    return name


def imported(key_id: str) -> Callable[[Stack], IKey]:
    return lambda stack: Key.from_key_arn(stack, "Key", f"arn:aws:kms:eu-central-1:111122223333:key/{key_id}")


def test_another_key_gives_the_vault_another_name() -> None:
    # The key of a vault cannot change, and CloudFormation does not replace a resource that keeps its name.
    names = [
        vault_name(),
        vault_name(key=imported("1234abcd")),
        vault_name(key=imported("5678cdef")),
        vault_name(key=lambda stack: Key(stack, "CompanyKey")),
        vault_name(key=lambda stack: Key(stack, "AnotherKey")),
    ]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 50 for name in names)
    assert vault_name(key=imported("1234abcd")) == names[1]


def test_the_name_of_a_vault_with_the_tables_own_key_is_contract() -> None:
    assert vault_name() == "TestOrdersC225794E532EAABD"


def test_two_deployments_of_an_app_have_vaults_of_their_own() -> None:
    names = set()
    for stack_name in ("orders-dev", "orders-test"):
        app = App()
        stack = Stack(app, "Orders", stack_name=stack_name, env=Environment(region="eu-central-1"))
        configurations.minimal(stack)
        template = Template(app.synth().get_stack_by_name(stack_name).template)
        names.add(template.properties("AWS::Backup::BackupVault")["BackupVaultName"])
    assert len(names) == 2
    assert all(len(name) <= 50 for name in names)
