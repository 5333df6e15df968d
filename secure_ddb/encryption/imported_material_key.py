"""A customer managed key with imported key material (ENC-2, CS-1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Duration, Names
from aws_cdk.aws_iam import PolicyDocument
from aws_cdk.aws_kms import CfnKey, Key

from secure_ddb.classification import DataClassification
from secure_ddb.context import stack_environment
from secure_ddb.encryption.existing_key import IMPORTED_ORIGIN
from secure_ddb.encryption.key_actions import ADMINISTRATION
from secure_ddb.encryption.key_alias import check_alias, key_alias
from secure_ddb.encryption.table_key import table_statements
from secure_ddb.errors import require_type
from secure_ddb.lifecycle import Lifecycle
from secure_ddb.tags.ownership import Ownership, add_tags

if TYPE_CHECKING:
    from constructs import Construct

    from secure_ddb.context import StackEnvironment

# Imported material does not rotate automatically.
# https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
_AUTOMATIC_ROTATION = {"kms:DisableKeyRotation", "kms:EnableKeyRotation"}
# Both wrap a 256-bit key, and an HSM may offer only one. The others use SHA-1 or PKCS #1 v1.5.
# https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-get-public-key-and-token.html
_WRAPPING_ALGORITHMS = ["RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_256"]
_WRAPPING_KEYS = ["RSA_3072", "RSA_4096"]


class ImportedMaterialKey(Key):
    """A key without key material, into which the company imports its own, such as material from its HSM.

    It has the key policy of a table's own key, and is retained. Until its material is imported it cannot be used, so
    deploy it in a stack of its own, import the material as docs/imported-key-material.md says, and then deploy the
    tables with `EncryptionSettings(key=...)`. AWS KMS does not rotate it automatically: CS-9 is manual.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        ownership: Ownership,
        classification: DataClassification = DataClassification.CONFIDENTIAL,
    ) -> None:
        """Make the key.

        Args:
            scope: Where to make it: another stack than the tables'.
            id: Construct id; changing it makes another key, and keeps this one.
            ownership: Its owner and cost centre.
            classification: How sensitive the data is that it encrypts; a tag.

        Raises:
            InvalidArgumentError: An argument cannot be accepted; the message names it and the allowed values.
        """
        require_type("ownership", ownership, Ownership)
        require_type("classification", classification, DataClassification)
        environment = stack_environment(scope)
        check_alias(environment.stack_name)
        super().__init__(
            scope,
            id,
            description="Encrypts DynamoDB tables with imported key material",
            pending_window=Duration.days(30),
            removal_policy=Lifecycle.retained().removal_policy,
            policy=PolicyDocument.from_json(
                {"Version": "2012-10-17", "Statement": imported_key_statements(environment)}
            ),
        )
        cast("CfnKey", self.node.default_child).origin = IMPORTED_ORIGIN
        self.add_alias(key_alias(environment, Names.unique_id(self)))
        keys = environment.tag_keys
        add_tags(self, {**ownership.tags(keys), keys.data_classification: classification.value})


def imported_key_statements(environment: StackEnvironment) -> list[dict[str, Any]]:
    """Return the statements of every table's key, and those by which its material is imported.

    Deleting the material is not among them: it makes the key useless at once, without the 30 days in which a key's
    deletion can be cancelled. Nor is material that expires, which does the same.
    https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-considerations.html
    """
    administration, *others = table_statements(environment)
    actions = [action for action in ADMINISTRATION if action not in _AUTOMATIC_ROTATION]
    return [
        {**administration, "Action": actions},
        _by_account(
            "DownloadWrappingKey",
            environment,
            "kms:GetParametersForImport",
            {"kms:WrappingAlgorithm": _WRAPPING_ALGORITHMS, "kms:WrappingKeySpec": _WRAPPING_KEYS},
        ),
        _by_account(
            "ImportLastingKeyMaterial",
            environment,
            "kms:ImportKeyMaterial",
            {"kms:ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"},
        ),
        *others,
    ]


def _by_account(
    sid: str, environment: StackEnvironment, action: str, condition: dict[str, str | list[str]]
) -> dict[str, Any]:
    # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": environment.account_root},
        "Action": action,
        "Resource": "*",
        "Condition": {"StringEquals": condition},
    }
