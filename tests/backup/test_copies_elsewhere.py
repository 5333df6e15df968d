"""Recovery points are copied to vaults of other Regions and accounts, and only there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Aws, Duration, Environment, Stack
from aws_cdk.aws_backup import BackupVault

from secure_ddb import (
    BackupCopy,
    BackupCopyVault,
    BackupFrequency,
    BackupSettings,
    DataClassification,
    InvalidArgumentError,
    SharedResources,
    VaultLock,
)
from tests.orders import INSIDE, OWNERSHIP, orders
from tests.template import Template, as_list

if TYPE_CHECKING:
    from collections.abc import Callable

days = Duration.days
HERE = Environment(account="111122223333", region="eu-central-1")
OTHER_REGION = "arn:aws:backup:eu-west-1:111122223333:backup-vault:copies"
OTHER_ACCOUNT = "arn:aws:backup:eu-central-1:444455556666:backup-vault:copies"
RESTRICTED_PLAN: dict[str, Any] = {
    "daily_retention": days(35),
    "weekly_retention": days(90),
    "monthly_retention": days(365),
}


def template_of(stack: Stack) -> Template:
    return Template(App.of(stack).synth().get_stack_by_name(stack.stack_name).template)  # type: ignore[union-attr]


def made(*copies: BackupCopy, env: Environment = HERE, level: str = "CONFIDENTIAL", **plan: Any) -> Template:
    stack = Stack(App(), "Test", env=env)
    inside = {"perimeter": INSIDE} if level == "RESTRICTED" else {}
    backup = BackupSettings(copies=copies, **plan)
    orders(stack, classification=DataClassification[level], backup=backup, **inside)
    return template_of(stack)


def copied(template: Template) -> dict[str, dict[str, dict[str, int]]]:
    """Return what each rule copies: rule to vault to lifecycle."""
    rules = template.properties("AWS::Backup::BackupPlan")["BackupPlan"]["BackupPlanRule"]
    return {
        rule["RuleName"]: {copy["DestinationBackupVaultArn"]: copy["Lifecycle"] for copy in rule.get("CopyActions", ())}
        for rule in rules
    }


def refused(make: Callable[[], object]) -> InvalidArgumentError:
    with pytest.raises(InvalidArgumentError) as raised:
        make()
    return raised.value


def statement(template: Template, sid: str) -> dict[str, Any]:
    policies = template.of_type("AWS::IAM::ManagedPolicy").values()
    found = [each for one in policies for each in one["Properties"]["PolicyDocument"]["Statement"]]
    one: dict[str, Any]
    (one,) = [each for each in found if each["Sid"] == sid]
    return one


def test_without_copies_nothing_is_copied(minimal: Template) -> None:
    assert not any(copied(minimal).values())
    assert "CopyIntoBackupVault" not in str(minimal.resources)


def test_copies_are_kept_as_long_as_what_they_copy() -> None:
    cold = {"DeleteAfterDays": 365, "MoveToColdStorageAfterDays": 90}
    assert copied(made(BackupCopy(vault=OTHER_REGION))) == {
        "Weekly": {OTHER_REGION: {"DeleteAfterDays": 35}},
        "Monthly": {OTHER_REGION: cold},
    }


def test_copies_have_a_retention_and_rules_of_their_own() -> None:
    monthly = BackupCopy(vault=OTHER_REGION, retention=days(179), frequencies=[BackupFrequency.MONTHLY])
    assert copied(made(monthly, BackupCopy(vault=OTHER_ACCOUNT, retention=days(400)))) == {
        "Weekly": {OTHER_ACCOUNT: {"DeleteAfterDays": 400}},
        "Monthly": {
            OTHER_REGION: {"DeleteAfterDays": 179},
            OTHER_ACCOUNT: {"DeleteAfterDays": 400, "MoveToColdStorageAfterDays": 90},
        },
    }


def test_the_role_copies_to_these_vaults_only() -> None:
    template = made(BackupCopy(vault=OTHER_REGION), BackupCopy(vault=OTHER_ACCOUNT))
    assert statement(template, "CopyIntoVaults")["Resource"] == [OTHER_REGION, OTHER_ACCOUNT]
    targets = statement(template, "CopyFromVault")["Condition"]["ForAllValues:ArnEquals"]["backup:CopyTargets"]
    assert targets == [OTHER_REGION, OTHER_ACCOUNT]


def test_roles_of_tables_that_share_a_plan_copy_too() -> None:
    stack = Stack(App(), "Test", env=HERE)
    shared = SharedResources(
        stack, "Shared", ownership=OWNERSHIP, backup=BackupSettings(copies=[BackupCopy(vault=OTHER_REGION)])
    )
    orders(stack, shared_resources=shared)
    template = template_of(stack)
    assert statement(template, "CopyIntoVaults")["Resource"] == OTHER_REGION
    metadata = template.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]
    assert metadata["settings"]["backup.copies[0]"].endswith(f"to {OTHER_REGION}, kept as long as they are")


def test_the_summary_says_what_cannot_be_seen() -> None:
    metadata = made(BackupCopy(vault=OTHER_REGION, retention=days(400))).only("AWS::DynamoDB::GlobalTable")["Metadata"]
    assert metadata["SecureTable"]["settings"]["backup.copies[0]"] == (
        f"weekly, monthly recovery points to {OTHER_REGION}, kept 400 days"
    )
    assert "key, access policy and lock of the vault of backup.copies[0]" in metadata["SecureTable"]["not_verifiable"]


def test_a_vault_of_the_own_region_and_account_is_refused() -> None:
    own = OTHER_REGION.replace("eu-west-1", "eu-central-1")
    error = refused(lambda: made(BackupCopy(vault=own)))
    assert error.argument == "backup.copies[0].vault"
    assert error.allowed.startswith("a vault of another Region or account")


def test_without_an_account_it_is_not_verifiable_that_the_copy_is_elsewhere() -> None:
    template = made(BackupCopy(vault=OTHER_ACCOUNT), env=Environment(region="eu-central-1"))
    unseen = template.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]["not_verifiable"]
    assert "that backup.copies[0] is in another Region or account" in unseen


def test_the_default_vault_of_another_account_is_refused() -> None:
    default = OTHER_ACCOUNT.replace(":copies", ":Default")
    assert "default vault" in refused(lambda: made(BackupCopy(vault=default))).allowed


def test_restricted_items_leave_their_region_only_if_somebody_accepts_it() -> None:
    error = refused(lambda: made(BackupCopy(vault=OTHER_REGION), level="RESTRICTED", **RESTRICTED_PLAN))
    assert error.argument == "backup.copies[0].residency_accepted_by"
    accepted = BackupCopy(vault=OTHER_REGION, residency_accepted_by="SEC-160")
    metadata = made(accepted, level="RESTRICTED", **RESTRICTED_PLAN).only("AWS::DynamoDB::GlobalTable")["Metadata"]
    claim = metadata["SecureTable"]["claims"]["backup.copies[0]"]
    assert claim == "items may be kept in eu-west-1 (accepted by SEC-160)"
    # In the Region nobody has to.
    assert copied(made(BackupCopy(vault=OTHER_ACCOUNT), level="RESTRICTED", **RESTRICTED_PLAN))["Daily"]


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ({"vault": "copies"}, "backup.copies.vault"),
        ({"vault": 7}, "backup.copies.vault"),
        ({"vault": OTHER_REGION, "retention": days(0)}, "backup.copies.retention"),
        ({"vault": OTHER_REGION, "retention": days(36_501)}, "backup.copies.retention"),
        ({"vault": OTHER_REGION, "retention": 35}, "backup.copies.retention"),
        ({"vault": OTHER_REGION, "frequencies": []}, "backup.copies.frequencies"),
        ({"vault": OTHER_REGION, "frequencies": "daily"}, "backup.copies.frequencies"),
        ({"vault": OTHER_REGION, "frequencies": ["daily"]}, "backup.copies.frequencies"),
        ({"vault": OTHER_REGION, "frequencies": [BackupFrequency.DAILY] * 2}, "backup.copies.frequencies"),
        ({"vault": OTHER_REGION, "residency_accepted_by": " "}, "backup.copies.residency_accepted_by"),
    ],
)
def test_copies_that_cannot_be_made_are_refused(arguments: dict[str, Any], argument: str) -> None:
    assert refused(lambda: BackupCopy(**arguments)).argument == argument


def test_a_vault_stands_once() -> None:
    copies = [BackupCopy(vault=OTHER_REGION), BackupCopy(vault=OTHER_REGION)]
    assert refused(lambda: BackupSettings(copies=copies)).argument == "backup.copies[1].vault"


def test_a_copy_of_rules_that_the_plan_lacks_is_refused() -> None:
    daily = BackupCopy(vault=OTHER_REGION, frequencies=[BackupFrequency.DAILY])
    error = refused(lambda: BackupSettings(copies=[daily]))
    assert error.argument == "backup.copies[0].frequencies"
    assert error.allowed == "one of WEEKLY, MONTHLY, which are the rules of the plan"


def test_vaults_are_given_as_constructs_too() -> None:
    app = App()
    elsewhere = Stack(app, "Elsewhere", env=Environment(account="444455556666", region="eu-west-1"))
    named = BackupVault(elsewhere, "Vault", backup_vault_name="named")
    imported = BackupVault.from_backup_vault_arn(elsewhere, "Imported", OTHER_REGION)
    stack = Stack(app, "Test", env=HERE)
    orders(stack, backup=BackupSettings(copies=[BackupCopy(vault=named), BackupCopy(vault=imported)]))
    assert list(copied(template_of(stack))["Weekly"]) == [
        "arn:aws:backup:eu-west-1:444455556666:backup-vault:named",
        OTHER_REGION,
    ]


def vault(**arguments: Any) -> tuple[BackupCopyVault, Template]:
    env = arguments.pop("env", Environment(account="444455556666", region="eu-west-1"))
    stack = Stack(App(), "Copies", env=env)
    found = BackupCopyVault(stack, "Vault", ownership=OWNERSHIP, **arguments)
    return found, template_of(stack)


def test_a_vault_for_copies_has_a_key_a_lock_and_stays() -> None:
    copies, template = vault(source_accounts=["111122223333"])
    made_vault = template.only("AWS::Backup::BackupVault")
    assert made_vault["DeletionPolicy"] == "RetainExceptOnCreate"
    assert made_vault["Properties"]["LockConfiguration"] == {"MinRetentionDays": 35}
    assert made_vault["Properties"]["EncryptionKeyArn"]["Fn::GetAtt"][0] in template.of_type("AWS::KMS::Key")
    name = made_vault["Properties"]["BackupVaultName"]
    assert copies.vault_arn == f"arn:aws:backup:eu-west-1:444455556666:backup-vault:{name}"


def allowed_into(template: Template) -> list[dict[str, Any]]:
    policy = template.properties("AWS::Backup::BackupVault")["AccessPolicy"]["Statement"]
    (denied,) = [each for each in policy if each["Effect"] == "Deny"]
    assert set(denied["Action"]) == {"backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"}
    return [each for each in policy if each["Effect"] == "Allow"]


def test_named_accounts_copy_into_it_and_no_others() -> None:
    _, template = vault(source_accounts=["111122223333", "777788889999"])
    (statement,) = allowed_into(template)
    assert statement["Action"] == "backup:CopyIntoBackupVault"
    assert statement["Principal"]["AWS"] == [
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::777788889999:root",
    ]
    assert "Condition" not in statement


def test_an_organization_copies_into_it() -> None:
    _, template = vault(organization_id="o-abcde12345")
    (statement,) = allowed_into(template)
    assert statement["Principal"] == {"AWS": "*"}
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-abcde12345"}}


def test_without_sources_only_its_own_account_copies_into_it() -> None:
    _, template = vault(env=Environment(region="eu-west-1"))
    assert allowed_into(template) == []
    key = template.properties("AWS::KMS::Key")["KeyPolicy"]["Statement"]
    assert not [each for each in key if each["Sid"] == "UseForCopies"]


def test_sources_use_its_key_through_aws_backup_only() -> None:
    _, template = vault(source_accounts=["111122223333"], organization_id="o-abcde12345")
    statements = template.properties("AWS::KMS::Key")["KeyPolicy"]["Statement"]
    found = {each["Sid"]: each for each in statements if "444455556666" not in str(each["Principal"])}
    assert set(found) == {"UseForCopies", "GrantForCopies"}
    for each in found.values():
        assert each["Condition"]["StringLike"] == {"kms:ViaService": "backup.*.amazonaws.com"}
        assert each["Condition"]["StringEquals"] == {"aws:PrincipalOrgID": "o-abcde12345"}
    assert as_list(found["GrantForCopies"]["Action"]) == ["kms:CreateGrant"]
    assert found["GrantForCopies"]["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ({"source_accounts": "111122223333"}, "source_accounts"),
        ({"source_accounts": ["1111"]}, "source_accounts[0]"),
        ({"source_accounts": ["111122223333", "111122223333"]}, "source_accounts[1]"),
        ({"organization_id": "abc"}, "organization_id"),
        ({"lock": 35}, "lock"),
        ({"lock": VaultLock()}, "lock.min_retention"),
        ({"lock": VaultLock(min_retention=days(34))}, "backup.lock.min_retention"),
        ({"classification": DataClassification.RESTRICTED}, "lock.max_retention"),
        ({"env": Environment(region="eu-west-1"), "source_accounts": ["111122223333"]}, "env of the stack"),
        ({"env": Environment(region=Aws.REGION)}, "env of the stack"),
    ],
)
def test_a_vault_that_cannot_be_made_is_refused(arguments: dict[str, Any], argument: str) -> None:
    assert refused(lambda: vault(**arguments)).argument == argument
