"""A key whose material the company imports (ENC-2, CS-1), and whose material a table's key has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, NestedStack, Stack
from aws_cdk.aws_kms import Key

from secure_ddb import (
    AcceptedAwsKeyMaterial,
    DataClassification,
    EncryptionSettings,
    ImportedMaterialKey,
    InvalidArgumentError,
    SecureTable,
)
from tests.orders import OWNERSHIP, PK
from tests.template import Template, statements

if TYPE_CHECKING:
    from collections.abc import Callable

ENVIRONMENT = Environment(account="111122223333", region="eu-central-1")
ACCEPTED = AcceptedAwsKeyMaterial(stated_by="SEC-150")


@pytest.fixture
def app() -> App:
    """An app with the stacks `Keys` and `Test`, the table of which is encrypted with the key of the other."""
    app = App()
    keys, test = (Stack(app, name, env=ENVIRONMENT) for name in ("Keys", "Test"))
    made = ImportedMaterialKey(keys, "CompanyKey", ownership=OWNERSHIP)
    orders(test, EncryptionSettings(key=made))
    return app


def orders(scope: Stack, encryption: EncryptionSettings) -> SecureTable:
    return SecureTable(scope, "Orders", partition_key=PK, ownership=OWNERSHIP, encryption=encryption)


def template(app: App, stack: str) -> Template:
    return Template(app.synth().get_stack_by_name(stack).template)


def evidence(table: Template) -> dict[str, Any]:
    found: dict[str, Any] = table.only("AWS::DynamoDB::GlobalTable").get("Metadata", {}).get("SecureTable", {})
    return found


def test_key_is_made_without_material_and_does_not_rotate_automatically(app: App) -> None:
    key = template(app, "Keys").only("AWS::KMS::Key")
    assert key["Properties"]["Origin"] == "EXTERNAL"
    # CloudFormation refuses both for this origin, or ignores them.
    assert not {"EnableKeyRotation", "RotationPeriodInDays", "KeySpec", "KeyUsage"} & key["Properties"].keys()


def test_key_is_retained_and_its_deletion_can_be_cancelled_for_thirty_days(app: App) -> None:
    key = template(app, "Keys").only("AWS::KMS::Key")
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert key["Properties"]["PendingWindowInDays"] == 30


def test_key_has_an_alias_and_the_mandatory_tags(app: App) -> None:
    keys = template(app, "Keys")
    assert keys.properties("AWS::KMS::Alias")["AliasName"].startswith("alias/Keys/KeysCompanyKey")
    tags = {tag["Key"]: tag["Value"] for tag in keys.properties("AWS::KMS::Key")["Tags"]}
    assert tags == {**OWNERSHIP.tags(), "DataClassification": "confidential"}


def test_key_is_given_what_the_table_needs_beside_the_import_s_statements(app: App) -> None:
    policy = statements(template(app, "Keys").properties("AWS::KMS::Key")["KeyPolicy"])
    assert list(policy)[:5] == [
        "AdministerWithoutUse",
        "DownloadWrappingKey",
        "ImportLastingKeyMaterial",
        "UseThroughDynamoDb",
        "GrantThroughDynamoDb",
    ]
    assert {"EncryptAuditLogTest", "UseThroughBackupTest", "PublishAlarmsTest"} <= policy.keys()


def test_nobody_may_delete_the_material_or_import_some_that_expires(app: App) -> None:
    policy = statements(template(app, "Keys").properties("AWS::KMS::Key")["KeyPolicy"])
    assert "DeleteImportedKeyMaterial" not in str(policy)
    assert policy["ImportLastingKeyMaterial"]["Condition"] == {
        "StringEquals": {"kms:ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
    }


def test_table_is_encrypted_with_the_key_and_says_that_its_material_is_imported(app: App) -> None:
    table = template(app, "Test")
    (export,) = template(app, "Keys").body["Outputs"].values()
    assert table.replica()["SSESpecification"]["KMSMasterKeyId"] == {"Fn::ImportValue": export["Export"]["Name"]}
    assert evidence(table)["settings"] == {"encryption.key": "an existing key with imported key material"}
    assert "not_verifiable" not in evidence(table)


def nested(stack: Stack) -> Stack:
    return NestedStack(stack, "Nested")


# Where the key is, and where the table is.
DEPLOYED_TOGETHER: dict[str, Callable[[Stack], tuple[Stack, Stack]]] = {
    "one stack": lambda stack: (stack, stack),
    "table in a nested stack": lambda stack: (stack, nested(stack)),
    "key in a nested stack": lambda stack: (nested(stack), stack),
    "both in a nested stack": lambda stack: (nested(stack),) * 2,
}


@pytest.mark.parametrize("where", DEPLOYED_TOGETHER)
def test_key_that_would_be_deployed_along_with_the_table_is_refused(stack: Stack, where: str) -> None:
    of_key, of_table = DEPLOYED_TOGETHER[where](stack)
    key = ImportedMaterialKey(of_key, "Key", ownership=OWNERSHIP)
    with pytest.raises(InvalidArgumentError, match="a key of another stack") as raised:
        orders(of_table, EncryptionSettings(key=key))
    assert raised.value.argument == "encryption.key"


def test_key_of_the_app_s_own_making_with_imported_material_is_known_as_such(stack: Stack) -> None:
    key = Key(stack, "Key")
    key.node.default_child.origin = "EXTERNAL"  # type: ignore[union-attr]
    with pytest.raises(InvalidArgumentError, match="a key of another stack"):
        orders(stack, EncryptionSettings(key=key))


def test_accepted_key_material_is_a_claim(stack: Stack) -> None:
    orders(stack, EncryptionSettings(key_material=ACCEPTED))
    app = stack.node.root
    assert isinstance(app, App)
    assert evidence(template(app, "Test")) == {
        "claims": {
            "encryption.key_material": "the company accepts key material generated by AWS KMS (stated by SEC-150)"
        }
    }


def test_nothing_is_claimed_by_default(minimal: Template) -> None:
    assert "claims" not in evidence(minimal)


def test_claim_contradicts_imported_material(stack: Stack) -> None:
    key = ImportedMaterialKey(stack, "Key", ownership=OWNERSHIP)
    with pytest.raises(InvalidArgumentError, match="only for a key without imported material"):
        EncryptionSettings(key=key, key_material=ACCEPTED)


@pytest.mark.parametrize(
    ("argument", "settings"),
    [("ownership", {"ownership": None}), ("classification", {"ownership": OWNERSHIP, "classification": "secret"})],
)
def test_bad_arguments_are_refused(stack: Stack, argument: str, settings: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        ImportedMaterialKey(stack, "Key", **settings)
    assert raised.value.argument == argument


def test_classification_is_a_tag(stack: Stack) -> None:
    ImportedMaterialKey(stack, "Key", ownership=OWNERSHIP, classification=DataClassification.RESTRICTED)
    app = stack.node.root
    assert isinstance(app, App)
    tags = template(app, "Test").properties("AWS::KMS::Key")["Tags"]
    assert {"Key": "DataClassification", "Value": "restricted"} in tags
