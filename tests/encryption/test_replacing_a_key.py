"""A table's key is replaced in place, in steps in which roles may use both keys (ENC-7)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Stack, Validations
from aws_cdk.aws_iam import Role, ServicePrincipal
from aws_cdk.aws_kms import Key

from examples.replacing_a_key import DONE, PREPARED, SWITCHED, CompanyKeysStack, OrdersStack
from secure_ddb import (
    EncryptionSettings,
    ImportedMaterialKey,
    InvalidArgumentError,
    OwnKey,
    SecureDdbChecks,
    SharedResources,
)
from secure_ddb.cloudformation.template import Template as ReadTemplate
from secure_ddb.planning.plan import plan
from tests.orders import OWNERSHIP, orders
from tests.template import Template

if TYPE_CHECKING:
    from secure_ddb.planning.model import Finding

ENVIRONMENT = Environment(account="111122223333", region="eu-central-1")
ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
SECOND = OwnKey(generation=2)
TABLE, VAULT, KEY = "AWS::DynamoDB::GlobalTable", "AWS::Backup::BackupVault", "AWS::KMS::Key"


def synthesized(*, is_checked: bool = False, company_key: str = "", **settings: Any) -> list[Template]:
    """Return the template of a table whose items a role reads, after that of a key in another stack.

    Args:
        is_checked: Whether a finding fails the synth.
        company_key: Argument of the settings that the key of the other stack is given for, alone or in a list.
        settings: The others.
    """
    app = App()
    if is_checked:
        Validations.of(app).add_plugins(SecureDdbChecks())
    keys = Stack(app, "Keys", env=ENVIRONMENT)
    key = ImportedMaterialKey(keys, "CompanyKey", ownership=OWNERSHIP)
    if company_key:
        settings[company_key] = [key] if company_key == "other_keys" else key
    stack = Stack(app, "Test", env=ENVIRONMENT)
    table = orders(stack, encryption=EncryptionSettings(**settings))
    role = Role(stack, "Application", assumed_by=ServicePrincipal("lambda.amazonaws.com"))
    table.grant_read_data(role)
    table.grant_stream_read(role)
    assembly = app.synth()
    return [Template(assembly.get_stack_by_name(name).template) for name in ("Keys", "Test")]


def with_table(**settings: Any) -> Template:
    return synthesized(**settings)[1]


def findings(old: list[Template], new: list[Template]) -> tuple[Finding, ...]:
    before, after = (
        [
            ReadTemplate(name=name, stack_name=name, region="eu-central-1", account="111122223333", body=each.body)
            for name, each in zip(("Keys", "Test"), templates, strict=True)
        ]
        for templates in (old, new)
    )
    return plan(before, after).findings


def labels(old: list[Template], new: list[Template]) -> list[tuple[str, str]]:
    return [(each.label, each.resource_type) for each in findings(old, new)]


OWN = synthesized()
BOTH = synthesized(other_keys=[SECOND])
AFTER = synthesized(key=SECOND, other_keys=[OwnKey()])
LAST = synthesized(key=SECOND)


def changed(old: Template, new: Template) -> dict[str, set[str]]:
    """Return the properties that change of each resource that is in both templates, by type."""
    return {
        str(before["Type"]): {
            name
            for name in {*before["Properties"], *after["Properties"]}
            if before["Properties"].get(name) != after["Properties"].get(name)
        }
        for name, before in old.resources.items()
        if (after := new.resources.get(name)) and before["Properties"] != after["Properties"]
    }


def test_the_first_step_only_lets_roles_use_the_next_key() -> None:
    assert changed(OWN[1], BOTH[1]) == {
        "AWS::IAM::Policy": {"PolicyDocument"},
        "AWS::IAM::ManagedPolicy": {"PolicyDocument"},
    }
    added = {each["Type"] for name, each in BOTH[1].resources.items() if name not in OWN[1].resources}
    assert added == {KEY, "AWS::KMS::Alias"}
    assert findings(OWN, BOTH) == ()


def test_the_second_step_changes_the_table_in_place_and_replaces_nothing_but_the_vault() -> None:
    assert (
        changed(BOTH[1], AFTER[1]).items()
        >= {
            TABLE: {"Replicas"},
            VAULT: {"BackupVaultName", "EncryptionKeyArn"},
            "AWS::Logs::LogGroup": {"KmsKeyId"},
            "AWS::S3::Bucket": {"BucketEncryption"},
            "AWS::SNS::Topic": {"KmsMasterKeyId"},
            "AWS::CloudWatch::Alarm": {"Dimensions"},
        }.items()
    )
    assert BOTH[1].resources.keys() == AFTER[1].resources.keys()
    before, after = BOTH[1].replica(), AFTER[1].replica()
    assert {name for name in before if before[name] != after[name]} == {"SSESpecification"}
    assert labels(BOTH, AFTER) == [("replaced", VAULT), ("other key", TABLE)]


def test_the_last_step_retains_the_old_key() -> None:
    assert labels(AFTER, LAST) == [("left behind", KEY)]
    assert changed(AFTER[1], LAST[1]).keys() == {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}


def test_the_plan_names_the_policies_that_would_be_late() -> None:
    vault, table = (each for each in findings(OWN, LAST) if each.resource_type in {VAULT, TABLE})
    assert vault.steps[0].startswith("Recovery points cannot be moved, and need not be")
    assert "3 policies name the old key and not the new one: " in table.why
    assert "EncryptionSettings(key=OLD, other_keys=[NEW])" in table.steps[0]
    assert len(table.steps) == 4


def test_the_plan_has_no_first_step_once_roles_may_use_both_keys() -> None:
    table = next(each for each in findings(BOTH, AFTER) if each.resource_type == TABLE)
    assert "No deployed policy of these templates names the old key alone." in table.why
    assert table.steps[0].startswith("Wait until aws dynamodb describe-table shows the new key")


def test_a_key_of_its_own_is_replaced_by_the_company_s() -> None:
    both = synthesized(company_key="other_keys")
    switched = synthesized(company_key="key", other_keys=[OwnKey()])
    assert findings(OWN, both) == ()
    assert labels(both, switched) == [("replaced", VAULT), ("other key", TABLE)]
    assert labels(switched, synthesized(company_key="key")) == [("left behind", KEY)]


def test_the_next_key_of_another_stack_is_given_what_services_need_beforehand() -> None:
    keys, _ = synthesized(company_key="other_keys")
    sids = {each["Sid"] for each in keys.properties(KEY)["KeyPolicy"]["Statement"]}
    assert {"EncryptAuditLogTest", "UseThroughBackupTest", "PublishAlarmsTest"} <= sids


def test_each_generation_has_a_policy_a_rotation_and_an_alias() -> None:
    first, second = (BOTH[1].properties(KEY, name) for name in ("OrdersKey6", "OrdersKey2"))
    assert first == second
    aliases = {each["Properties"]["AliasName"] for each in BOTH[1].of_type("AWS::KMS::Alias").values()}
    assert aliases == {"alias/Test/TestOrdersC225794E", "alias/Test/TestOrdersC225794E2"}


@pytest.mark.parametrize("template", [BOTH, AFTER], ids=["before", "after"])
def test_every_role_may_use_both_keys(template: list[Template]) -> None:
    policies = [
        each
        for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
        for each in template[1].of_type(kind).values()
        if "OrdersKey" in json.dumps(each)
    ]
    assert len(policies) == 3
    for policy in policies:
        assert "OrdersKey6C690DD2" in json.dumps(policy)
        assert "OrdersKey21E00F56D" in json.dumps(policy)


@pytest.mark.parametrize("settings", [{"other_keys": [SECOND]}, {"key": SECOND, "other_keys": [OwnKey()]}])
def test_no_step_has_findings(settings: dict[str, Any]) -> None:
    synthesized(is_checked=True, **settings)


def test_the_evidence_says_which_keys_there_are() -> None:
    settings = with_table(key=SECOND, other_keys=[OwnKey()]).only(TABLE)["Metadata"]["SecureTable"]["settings"]
    assert settings["encryption.key"] == "own key 2"
    assert settings["encryption.other_keys"] == "own key 1"


def test_the_policy_of_an_imported_other_key_is_not_verifiable() -> None:
    app = App()
    stack = Stack(app, "Test", env=ENVIRONMENT)
    orders(stack, encryption=EncryptionSettings(other_keys=[Key.from_key_arn(stack, "Next", ARN)]))
    made = Template(app.synth().get_stack_by_name("Test").template)
    said = made.only(TABLE)["Metadata"]["SecureTable"]["not_verifiable"]
    assert "that the existing key's policy allows EncryptAuditLogTest" in said
    assert ARN in json.dumps(made.only("AWS::IAM::ManagedPolicy", "OrdersAuditPolicy"))


def test_shared_resources_replace_their_key_in_the_same_way() -> None:
    def shared(encryption: EncryptionSettings) -> list[Template]:
        app = App()
        keys, stack = Stack(app, "Keys", env=ENVIRONMENT), Stack(app, "Test", env=ENVIRONMENT)
        Key(keys, "Unused")
        SharedResources(stack, "Shared", ownership=OWNERSHIP, encryption=encryption)
        assembly = app.synth()
        return [Template(assembly.get_stack_by_name(name).template) for name in ("Keys", "Test")]

    before = shared(EncryptionSettings(other_keys=[SECOND]))
    after = shared(EncryptionSettings(key=SECOND, other_keys=[OwnKey()]))
    assert findings(shared(EncryptionSettings()), before) == ()
    assert labels(before, after) == [("replaced", VAULT)]


@pytest.mark.parametrize("generation", [0, -1, True, "2", None])
def test_other_generations_are_refused(generation: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r"OwnKey\.generation"):
        OwnKey(generation=generation)


@pytest.mark.parametrize("others", [SECOND, "key", [None], ["key"]])
def test_what_is_no_list_of_keys_is_refused(others: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r"encryption\.other_keys"):
        EncryptionSettings(other_keys=others)


@pytest.mark.parametrize(
    "settings",
    [
        {"other_keys": [OwnKey()]},
        {"key": SECOND, "other_keys": [SECOND]},
        {"other_keys": [SECOND, SECOND]},
    ],
)
def test_a_key_that_stands_twice_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError, match="a key that stands once"):
        synthesized(**settings)


def test_an_alias_is_no_other_key() -> None:
    stack = Stack(App(), "Test", env=ENVIRONMENT)
    alias = Key.from_key_arn(stack, "Alias", "arn:aws:kms:eu-central-1:111122223333:alias/orders")
    with pytest.raises(InvalidArgumentError):
        orders(stack, encryption=EncryptionSettings(other_keys=[alias]))


def example(encryption: EncryptionSettings) -> list[Template]:
    app = App()
    CompanyKeysStack(app, "Keys", env=ENVIRONMENT)
    OrdersStack(app, "Test", encryption=encryption, env=ENVIRONMENT)
    assembly = app.synth()
    return [Template(assembly.get_stack_by_name(name).template) for name in ("Keys", "Test")]


def test_the_example_takes_the_three_steps() -> None:
    first, *steps = map(example, (EncryptionSettings(), PREPARED, SWITCHED, DONE))
    found = []
    for step in steps:
        found.append(labels(first, step))
        first = step
    assert found == [[], [("replaced", VAULT), ("other key", TABLE)], [("left behind", KEY)]]


def company_keys(step: int) -> list[Template]:
    app = App()
    keys = CompanyKeysStack(app, "Keys", env=ENVIRONMENT)
    OrdersStack(app, "Test", encryption=keys.deployments()[step], env=ENVIRONMENT)
    assembly = app.synth()
    return [Template(assembly.get_stack_by_name(name).template) for name in ("Keys", "Test")]


def test_the_example_with_imported_material_does_too() -> None:
    first, second, third = map(company_keys, range(3))
    assert labels(first, second) == [("replaced", VAULT), ("other key", TABLE)]
    assert labels(second, third) == []


def test_a_key_of_the_app_is_given_what_services_need_only_while_it_is_among_the_others() -> None:
    among, gone = (
        {each["Sid"] for each in company_keys(step)[0].properties(KEY, "CompanyKey4")["KeyPolicy"]["Statement"]}
        for step in (1, 2)
    )
    assert "EncryptAuditLogTest" in among - gone
