"""A vault that keeps copies of recovery points, in another Region or account than the tables (BAK-2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration
from aws_cdk.aws_backup import BackupVault
from aws_cdk.aws_iam import PolicyDocument
from constructs import Construct

from secure_ddb.backup.backup import backup_key_statements
from secure_ddb.backup.vault_lock import VaultLock
from secure_ddb.classification import DataClassification
from secure_ddb.context import table_context
from secure_ddb.encryption.encryption import DEFAULT_ENCRYPTION, Encryption
from secure_ddb.encryption.key_actions import USE
from secure_ddb.errors import reject, require_type
from secure_ddb.lifecycle import Lifecycle
from secure_ddb.network.policy import require_organization
from secure_ddb.part import Part
from secure_ddb.tags.tag_conflicts import tag_table
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from secure_ddb.encryption.table_key import KeyPolicy
    from secure_ddb.tags.ownership import Ownership

_LONGEST_NAME = 50
_ACCOUNT = re.compile(r"\d{12}")
_DEFAULT_LOCK = VaultLock(min_retention=Duration.days(35))


class BackupCopyVault(Construct):
    """A vault for `BackupCopy`, with a key of its own, an access policy and a lock.

    Make it in a stack of the Region or account that keeps the copies, and deploy that before the tables. Its copies can
    be restored when the tables' account is lost, with their keys: the vault's key encrypts them.

    Attributes:
        vault: The vault.
        vault_arn: Its ARN, also for stacks of other Regions and accounts: `BackupCopy(vault=copies.vault_arn)`.
        encryption_key: Its key.

    Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        ownership: Ownership,
        classification: DataClassification = DataClassification.CONFIDENTIAL,
        source_accounts: Sequence[str] = (),
        organization_id: str | None = None,
        lock: VaultLock = _DEFAULT_LOCK,
    ) -> None:
        """Make the vault.

        Args:
            scope: Where to make it. The account of its stack has to be known at synth, unless it is the tables'.
            id: Construct id; changing it makes another vault.
            ownership: Its owner and cost center.
            classification: The most sensitive data of the tables.
            source_accounts: Ids of the accounts that copy into it, in addition to its own; 12 digits each.
            organization_id: Lets every account of this organization copy into it, such as `o-abcde12345`. Beside
                `source_accounts`, these have to be of the organization.
            lock: Its lock, with the least time for which it takes copies. AWS Backup fails copies for less.

        Raises:
            InvalidArgumentError: An argument is invalid; the message names it and the allowed values.
        """
        context = table_context(self, scope, ownership, classification, Lifecycle.retained())
        _check_sources(source_accounts, organization_id)
        require_type("lock", lock, VaultLock)
        if lock.min_retention is None:
            reject("lock.min_retention", None, "a Duration: there is no plan here that it could follow")
        lock.check_floor(classification)
        if classification.floor.must_limit_backups and lock.max_retention is None:
            reject("lock.max_retention", None, f"a Duration for {classification.name}: its backups have to end")
        environment = context.environment
        if is_token(environment.account) and (source_accounts or organization_id):
            reject("env of the stack", "no account", "an account, as plans of other accounts name the vault by it")
        super().__init__(scope, id)
        sources = _sources(source_accounts, organization_id)
        key = Encryption(context, DEFAULT_ENCRYPTION).provide_key([_VaultUse(sources)])
        name = context.regional_name(_LONGEST_NAME, key.name)
        self.vault = BackupVault(
            self,
            "Vault",
            backup_vault_name=name,
            encryption_key=key.key,
            access_policy=PolicyDocument.from_json(
                {"Version": "2012-10-17", "Statement": [_copy_into(sources)] if sources else []}
            ),
            block_recovery_point_deletion=True,
            lock_configuration=lock.of_plan(classification, shortest=lock.min_retention, longest=lock.min_retention),
            removal_policy=context.lifecycle.removal_policy,
        )
        self.vault_arn = f"arn:aws:backup:{environment.region}:{environment.account}:backup-vault:{name}"
        self.encryption_key = key.key
        tag_table(context)


class _VaultUse(Part):
    """The statements that AWS Backup needs on the key: for this account, and for those that copy into the vault."""

    def __init__(self, sources: dict[str, Any]) -> None:
        self._sources = sources

    def key_statements(self, policy: KeyPolicy) -> list[dict[str, Any]]:
        """Return the statements; other accounts use the key through AWS Backup only, in whichever Region it runs."""
        statements = backup_key_statements(policy)
        if not self._sources:
            return statements
        through_backup = {"StringLike": {"kms:ViaService": "backup.*.amazonaws.com"}}
        return [
            *statements,
            _allow_sources(self._sources, "UseForCopies", USE, through_backup),
            _allow_sources(
                self._sources,
                "GrantForCopies",
                ["kms:CreateGrant"],
                {**through_backup, "Bool": {"kms:GrantIsForAWSResource": "true"}},
            ),
        ]


def _sources(accounts: Sequence[str], organization_id: str | None) -> dict[str, Any]:
    """Return principal and condition of the accounts that copy into the vault; nothing if there are no others."""
    if not accounts and organization_id is None:
        return {}
    arns = [f"arn:aws:iam::{account}:root" for account in accounts]
    found: dict[str, Any] = {"Principal": {"AWS": arns or "*"}}
    if organization_id is not None:
        found["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": organization_id}}
    return found


def _copy_into(sources: dict[str, Any]) -> dict[str, Any]:
    return _allow_sources(sources, "CopyIntoVault", ["backup:CopyIntoBackupVault"])


def _allow_sources(
    sources: dict[str, Any], sid: str, actions: list[str], condition: dict[str, Any] | None = None
) -> dict[str, Any]:
    conditions = {**sources.get("Condition", {}), **(condition or {})}
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": sources["Principal"],
        "Action": actions,
        "Resource": "*",
        **({"Condition": conditions} if conditions else {}),
    }


def _check_sources(accounts: Sequence[str], organization_id: str | None) -> None:
    if isinstance(accounts, str) or not isinstance(accounts, Sequence):
        reject("source_accounts", accounts, "a list of account ids of 12 digits")
    for position, account in enumerate(accounts):
        if not isinstance(account, str) or not _ACCOUNT.fullmatch(account) or account in accounts[:position]:
            reject(f"source_accounts[{position}]", account, "an account id of 12 digits, each once")
    if organization_id is not None:
        require_organization("organization_id", organization_id)
