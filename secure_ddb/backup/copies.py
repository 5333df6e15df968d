"""Copies of recovery points in a vault of another Region or account (BAK-2)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, cast

from aws_cdk import Duration
from aws_cdk.aws_backup import BackupPlanCopyActionProps, BackupVault, CfnBackupVault, IBackupVault

from secure_ddb.brief_repr import BriefRepr
from secure_ddb.claim import require_claim_text
from secure_ddb.classification import DataClassification
from secure_ddb.durations import in_days
from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.limits import MOST_BACKUP_DAYS
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from constructs import Construct

    from secure_ddb.context import StackEnvironment, TableContext

_ARN = re.compile(r"arn:aws:backup:([a-z0-9-]+):(\d{12}):backup-vault:([a-zA-Z0-9_-]{2,50})")
_ALLOWED = "an aws_backup.IBackupVault or its ARN, arn:aws:backup:REGION:ACCOUNT:backup-vault:NAME"
# Its key is aws/backup, whose policy cannot be changed.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup.html
_DEFAULT_VAULT = "Default"
# Monthly recovery points move to cold storage after 90 days, and AWS Backup keeps them there for 90 more at least.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html#backup-lifecycle
COLD_STORAGE_AFTER = Duration.days(90)
LEAST_DAYS_WITH_COLD_STORAGE = 180
_PARTS_OF_ARN = 7


class BackupFrequency(Enum):
    """A rule of a backup plan, by how often it runs."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, kw_only=True, repr=False)
class BackupCopy(BriefRepr):
    """A copy of each recovery point in a vault of another Region or account.

    The account needs AWS Backup's advanced features for DynamoDB; copies into another account also need one
    organization with cross-account backup on. docs/recovery.md says how to prepare the vault.

    Attributes:
        vault: The vault that keeps the copies, such as `BackupCopyVault.vault_arn`. In another account it is not the
            default vault, which is encrypted with a key of AWS.
        retention: How long it keeps them, 1 to 36,500 days. Unless given, as long as the recovery point that is copied.
        frequencies: Of which rules of the plan recovery points are copied. A copy costs as much as a recovery point.
        residency_accepted_by: Approval for a RESTRICTED table's items in another Region, such as a ticket.
            Needed then, and shown as claimed.

    Raises:
        InvalidArgumentError: A value has the wrong type or is out of its range.

    Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/recov-point-create-a-copy.html
    """

    vault: IBackupVault | str
    retention: Duration | None = None
    frequencies: Sequence[BackupFrequency] = tuple(BackupFrequency)
    residency_accepted_by: str = ""

    def __post_init__(self) -> None:
        """Check every value."""
        if isinstance(self.vault, str):
            if not is_token(self.vault) and not _ARN.fullmatch(self.vault):
                reject("backup.copies.vault", self.vault, _ALLOWED)
        else:
            require_interface("backup.copies.vault", self.vault, "backup_vault_name", _ALLOWED)
        if self.retention is not None:
            require_type("backup.copies.retention", self.retention, Duration, "Duration or None")
            days = in_days(self.retention, "backup.copies.retention")
            if not 1 <= days <= MOST_BACKUP_DAYS:
                reject("backup.copies.retention", f"{days} days", f"1 to {MOST_BACKUP_DAYS} days")
        each = self.frequencies
        if isinstance(each, str) or not isinstance(each, Sequence) or not each or len(set(each)) < len(each):
            reject("backup.copies.frequencies", each, "a list of BackupFrequency, each once")
        for frequency in each:
            require_type("backup.copies.frequencies", frequency, BackupFrequency)
        if self.residency_accepted_by != "":
            require_claim_text("backup.copies.residency_accepted_by", self.residency_accepted_by)

    def arn(self, argument: str) -> str:
        """Return the vault's ARN. A vault of this app in another Region or account needs a name for that."""
        if isinstance(self.vault, str):
            return self.vault
        resource = self.vault.node.default_child
        if not isinstance(resource, CfnBackupVault):
            return self.vault.backup_vault_arn
        # CDK could not refer to a resource of a stack that is deployed elsewhere.
        name, env = resource.backup_vault_name, self.vault.env
        if is_token(name):
            reject(argument, self.vault, "a vault whose name is known at synth")
        return f"arn:aws:backup:{env.region}:{env.account}:backup-vault:{name}"


def require_copies(copies: object, rules: Collection[BackupFrequency]) -> None:
    """Reject anything but a list of copies, two copies to one vault, or a copy of rules that the plan lacks.

    Raises:
        InvalidArgumentError: It is.
    """
    if isinstance(copies, (str, bytes)) or not isinstance(copies, Sequence):
        reject("backup.copies", copies, "a list of BackupCopy")
    for position, copy in enumerate(copies):
        require_type(f"backup.copies[{position}]", copy, BackupCopy)
        if not set(rules).intersection(copy.frequencies):
            allowed = f"one of {_names(list(rules))}, which are the rules of the plan"
            reject(f"backup.copies[{position}].frequencies", _names(copy.frequencies), allowed)
    vaults = [copy.arn(f"backup.copies[{position}].vault") for position, copy in enumerate(copies)]
    for position, vault in enumerate(vaults):
        if vault in vaults[:position]:
            reject(f"backup.copies[{position}].vault", vault, "each vault once")


def _names(frequencies: Sequence[BackupFrequency]) -> str:
    return ", ".join(each.name for each in frequencies)


def check_copies(context: TableContext, copies: Sequence[BackupCopy], rules: Collection[BackupFrequency]) -> None:
    """Compare where the copies go with where the table is, and record it.

    Raises:
        InvalidArgumentError: A copy would stay in the table's Region and account, is for the default vault of another
            account, or takes a RESTRICTED table's items to another Region that was not accepted.
    """
    for position, copy in enumerate(copies):
        argument = f"backup.copies[{position}]"
        place = _Place.of(copy.arn(f"{argument}.vault"), context.environment)
        which = ", ".join(each.value for each in copy.frequencies if each in rules)
        kept = _in_words(copy.retention)
        context.evidence.settings[argument] = f"{which} recovery points to {place.vault}, kept {kept}"
        context.evidence.not_verifiable.append(f"key, access policy and lock of the vault of {argument}")
        if place.is_elsewhere is None:
            context.evidence.not_verifiable.append(f"that {argument} is in another Region or account")
        elif not place.is_elsewhere:
            reject(f"{argument}.vault", place.vault, "a vault of another Region or account: this one is lost with them")
        if place.is_other_account is not False and place.name == _DEFAULT_VAULT:
            reject(f"{argument}.vault", place.vault, "not the default vault, whose key cannot be shared")
        if context.classification is DataClassification.RESTRICTED and place.is_other_region is not False:
            if not copy.residency_accepted_by:
                reject(
                    f"{argument}.residency_accepted_by",
                    copy.residency_accepted_by,
                    f"the approval for RESTRICTED items in {place.region}, such as a ticket",
                )
            context.evidence.claims[argument] = (
                f"items may be kept in {place.region} (accepted by {copy.residency_accepted_by})"
            )


def _in_words(retention: Duration | None) -> str:
    return "as long as they are" if retention is None else f"{in_days(retention, 'backup.copies.retention')} days"


@dataclass(frozen=True)
class _Place:
    """Where a vault is, and whether that is elsewhere; None if only the deployment knows."""

    vault: str
    region: str
    name: str
    is_other_region: bool | None
    is_other_account: bool | None

    @classmethod
    def of(cls, arn: str, environment: StackEnvironment) -> _Place:
        parts = arn.split(":")
        if len(parts) != _PARTS_OF_ARN:
            return cls("a vault that only the deployment knows", "another Region", "", None, None)
        region, account, name = parts[3], parts[4], parts[6]
        return cls(
            arn if not is_token(arn) else f"{name} in {region}",
            region,
            name,
            _differ(region, environment.region),
            _differ(account, environment.account),
        )

    @property
    def is_elsewhere(self) -> bool | None:
        if self.is_other_region or self.is_other_account:
            return True
        return None if self.is_other_region is None or self.is_other_account is None else False


def _differ(one: str, other: str) -> bool | None:
    if one == other:
        return False
    return None if is_token(one) or is_token(other) else True


def copy_actions(
    scope: Construct, copies: Sequence[BackupCopy], frequency: BackupFrequency, retention: Duration
) -> list[BackupPlanCopyActionProps]:
    """Return the copy actions of one rule of a plan."""
    return [
        _copy_action(scope, position, copy, copy.retention or retention, goes_cold=frequency is BackupFrequency.MONTHLY)
        for position, copy in enumerate(copies)
        if frequency in copy.frequencies
    ]


def _copy_action(
    scope: Construct, position: int, copy: BackupCopy, kept: Duration, *, goes_cold: bool
) -> BackupPlanCopyActionProps:
    name, arn = f"CopyVault{position + 1}", copy.arn(f"backup.copies[{position}].vault")
    # Several rules name the same vault.
    vault = scope.node.try_find_child(name) or BackupVault.from_backup_vault_arn(scope, name, arn)
    long_enough = in_days(kept, "backup.copies.retention") >= LEAST_DAYS_WITH_COLD_STORAGE
    return BackupPlanCopyActionProps(
        destination_backup_vault=cast("IBackupVault", vault),
        delete_after=kept,
        move_to_cold_storage_after=COLD_STORAGE_AFTER if goes_cold and long_enough else None,
    )
