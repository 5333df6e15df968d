"""The table's customer managed key (ENC-1, ENC-2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration
from aws_cdk.aws_iam import PolicyDocument, PolicyStatement
from aws_cdk.aws_kms import IKey, Key

from secure_ddb.audit.trail import trail_key_statements
from secure_ddb.durations import in_days
from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.existing_resources import require_same_environment
from secure_ddb.monitoring.topic import topic_key_statements
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from secure_ddb.classification import DataClassification
    from secure_ddb.context import StackEnvironment, TableContext
    from secure_ddb.key_uses import KeyUses
    from secure_ddb.table_evidence import TableEvidence

DEFAULT_ROTATION_PERIOD = Duration.days(365)
# https://docs.aws.amazon.com/kms/latest/developerguide/rotating-keys-enable-disable.html
_ROTATION_DAYS = range(90, 2561)
# An alias has 256 characters, of which "alias/", a stack's name of 128 and a slash are gone; the end is a hash.
_LONGEST_ALIAS_ID = 121

# Everything about the key itself and nothing with it: no Encrypt, no Decrypt, no CreateGrant.
# https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-administrators
ADMINISTRATION = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
]
USE = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]


@dataclass(frozen=True, kw_only=True)
class EncryptionSettings:
    """How the table is encrypted at rest.

    Attributes:
        key: An existing key instead of one made for the table. It must be symmetric and in the table's Region and
            account. A key of this app is given what the alarms and the audit log need of it; of an imported one the
            policy cannot be seen, and the summary says so.
        rotation_period: Days between two rotations of the key that is made.

    Raises:
        InvalidArgumentError: The period is not 90 to 2560 whole days, or is given beside an existing key.
    """

    key: IKey | None = None
    rotation_period: Duration = DEFAULT_ROTATION_PERIOD

    def __post_init__(self) -> None:
        """Check the period against what AWS KMS accepts."""
        if self.key is not None:
            require_interface("encryption.key", self.key, "key_arn", "an aws_kms.IKey")
        require_type("encryption.rotation_period", self.rotation_period, Duration)
        if self.key is not None and self.rotation_period is not DEFAULT_ROTATION_PERIOD:
            reject(
                "encryption.rotation_period",
                f"{self.rotation_days} days",
                "nothing beside encryption.key: an existing key keeps its own rotation",
            )
        if self.rotation_days not in _ROTATION_DAYS:
            reject("encryption.rotation_period", f"{self.rotation_days} days", "90 to 2560 days")

    def check(self, classification: DataClassification, evidence: TableEvidence, environment: StackEnvironment) -> None:
        """Compare with the classification's floor and the stack, and record what differs from the default.

        Raises:
            InvalidArgumentError: The key that is made would rotate less often than the classification demands
                (CS-9) or its alias would be reserved, or the existing one is an alias, or in another Region or account.

        Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
        """
        if self.key is not None:
            _check_arn(self.key.key_arn)
            require_same_environment("encryption.key", self.key, environment, evidence)
            evidence.settings["encryption.key"] = "an existing key"
            return
        _check_alias(environment.stack_name)
        longest = classification.floor.longest_key_rotation
        if self.rotation_days > longest:
            reject(
                "encryption.rotation_period",
                f"{self.rotation_days} days",
                f"90 to {longest} days for {classification.name} (CS-9)",
            )
        evidence.compare("encryption.rotation_period", self.rotation_days, DEFAULT_ENCRYPTION.rotation_days, " days")

    @property
    def rotation_days(self) -> int:
        """Days between two rotations."""
        return in_days(self.rotation_period, "encryption.rotation_period")


DEFAULT_ENCRYPTION = EncryptionSettings()


@dataclass(frozen=True, kw_only=True)
class TableKey:
    """The key of a table and its ARN, fetched once.

    Attributes:
        key: The key.
        arn: Its ARN.
        name: Which key it is, as far as that is known at synth; empty for the one that is made for the table.
    """

    key: IKey
    arn: str
    name: str = ""


def provide_key(context: TableContext, settings: EncryptionSettings, uses: KeyUses) -> TableKey:
    """Make the table's key, or adopt the existing one."""
    if settings.key is not None:
        return _adopt_key(context, settings.key, uses)
    statements = [*table_statements(context.environment), *service_statements(context.environment, uses)]
    key = Key(
        context.scope,
        "Key",
        # Stack and construct together are unique in a Region, which is what an alias has to be.
        alias=f"alias/{context.environment.stack_name}/{context.unique_id[-_LONGEST_ALIAS_ID:]}",
        description="Encrypts one DynamoDB table, its audit log, backups and alarms",
        enable_key_rotation=True,
        rotation_period=settings.rotation_period,
        pending_window=_deletion_window(context.lifecycle.key_deletion_window_in_days),
        removal_policy=context.lifecycle.removal_policy,
        policy=PolicyDocument.from_json({"Version": "2012-10-17", "Statement": statements}),
    )
    return TableKey(key=key, arn=key.key_arn)


@cache
def _deletion_window(days: int) -> Duration:
    return Duration.days(days)


def _adopt_key(context: TableContext, key: IKey, uses: KeyUses) -> TableKey:
    context.evidence.not_verifiable.append("rotation, deletion window and administrators of the existing key")
    for statement in service_statements(context.environment, uses, names_nested_stack=False):
        statement["Sid"] += context.environment.sid_suffix
        added = key.add_to_resource_policy(PolicyStatement.from_json(statement)).statement_added
        if not added:
            context.evidence.not_verifiable.append(f"that the existing key's policy allows {statement['Sid']}")
    arn = key.key_arn
    return TableKey(key=key, arn=arn, name=key.node.path if is_token(arn) else arn)


def _check_alias(stack_name: str) -> None:
    # https://docs.aws.amazon.com/kms/latest/developerguide/alias-create.html (CDK compares without case)
    if stack_name.lower() == "aws":
        reject(
            "name of the stack",
            stack_name,
            "another one, or an existing key (encryption.key): the key's alias would begin with alias/aws/, "
            "which AWS KMS reserves",
        )


def _check_arn(arn: str) -> None:
    if ":alias/" in arn:
        # IAM does not look behind an alias, so that permissions on its ARN would have no effect.
        reject("encryption.key", arn, "a key itself, not an alias")
    if not is_token(arn) and not re.fullmatch(r"arn:aws:kms:[^:]+:\d+:key/.+", arn):
        reject("encryption.key", arn, "a key's ARN, arn:aws:kms:REGION:ACCOUNT:key/ID")


def table_statements(environment: StackEnvironment) -> list[dict[str, Any]]:
    """Return the statements that every table's key has: administrators cannot use it, users only via DynamoDB.

    Both delegate to the account's IAM policies, so that a principal also needs a permission of its own.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
    """
    return [
        {
            "Sid": "AdministerWithoutUse",
            "Effect": "Allow",
            "Principal": {"AWS": environment.account_root},
            "Action": ADMINISTRATION,
            "Resource": "*",
        },
        _use_through_service("UseThroughDynamoDb", environment, "dynamodb", USE),
        # DynamoDB, and nobody else, keeps a grant on the key to work on the table in the background.
        _grants_through_service("GrantThroughDynamoDb", environment, "dynamodb"),
    ]


def service_statements(
    environment: StackEnvironment, uses: KeyUses, *, names_nested_stack: bool = True
) -> list[dict[str, Any]]:
    """Return a statement for each further service that the key is handed to, bound to this account.

    A key outside of a nested stack cannot name that stack, which it would then depend on and be depended on by.
    """
    statements = []
    if uses.audit:
        statements += [
            _encrypt_log_group(environment, names_nested_stack=names_nested_stack),
            _use_through_service(
                "KeepFailedAuditRecordsInS3", environment, "s3", ["kms:Decrypt", "kms:GenerateDataKey"]
            ),
        ]
    if uses.archive:
        # Firehose works with a grant; whoever puts records has to be allowed to use the key as well.
        # https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSServiceRoleForLogDeliveryPolicy.html
        statements += [
            _use_through_service("UseThroughFirehose", environment, "firehose", ["kms:Decrypt", "kms:GenerateDataKey"]),
            _grants_through_service("GrantThroughFirehose", environment, "firehose"),
        ]
    if uses.backup:
        statements += [
            _use_through_service("UseThroughBackup", environment, "backup", USE),
            _grants_through_service("GrantThroughBackup", environment, "backup"),
        ]
    if uses.alarm_topic:
        statements += topic_key_statements(environment)
    if uses.trail:
        statements += trail_key_statements(environment, uses.trail)
    return statements


def _use_through_service(sid: str, environment: StackEnvironment, service: str, actions: list[str]) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": environment.account_root},
        "Action": actions,
        "Resource": "*",
        "Condition": {
            "StringEquals": {
                "kms:CallerAccount": environment.account,
                "kms:ViaService": f"{service}.{environment.region}.amazonaws.com",
            }
        },
    }


def _grants_through_service(sid: str, environment: StackEnvironment, service: str) -> dict[str, Any]:
    statement = _use_through_service(sid, environment, service, ["kms:CreateGrant"])
    statement["Condition"]["Bool"] = {"kms:GrantIsForAWSResource": "true"}
    return statement


def _encrypt_log_group(environment: StackEnvironment, *, names_nested_stack: bool) -> dict[str, Any]:
    known = names_nested_stack or not is_token(environment.stack_name)
    # CloudFormation begins the names it makes with the stack's name, so other stacks' log groups stay out.
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    log_groups = environment.arn("logs", f"log-group:{environment.stack_name}-*" if known else "log-group:*")
    return {
        "Sid": "EncryptAuditLog",
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{environment.region}.amazonaws.com"},
        "Action": USE,
        "Resource": "*",
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
    }
