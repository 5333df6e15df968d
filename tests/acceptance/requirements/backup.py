"""AWS Backup: backing up the table, ending its backups, and restoring it."""

from __future__ import annotations

from tests.acceptance.requirement import Basis, Context, Moment, Requirement
from tests.policies.requests.key_use import THROUGH_DYNAMODB
from tests.policies.requests.row import through_service

_ROLE = "OrdersBackupRole"
_CONFIGURATIONS = ("minimal", "everything", "enforced", "own_key")
_BACKUP = "AWSBackupServiceRolePolicyForBackup"
_NOTICE = "https://github.com/Panfactum/stack/issues/291 (AWS's notice that jobs fail without it from September 2025)"
_VAULT_KEY = "https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html"
_FOR_SERVICE: Context = {"kms:GrantIsForAWSResource": "true"}
_THROUGH_BACKUP = through_service("backup")


def _of_backup(
    actions: tuple[str, ...],
    on: str,
    *,
    basis: Basis = Basis.MANAGED_POLICY,
    source: str = _BACKUP,
    who: str = _ROLE,
    moment: Moment = Moment.RUN_TIME,
    context: Context | None = None,
) -> Requirement:
    return Requirement(
        service="AWS Backup",
        moment=moment,
        who=who,
        actions=actions,
        on=on,
        context=context or {},
        basis=basis,
        source=source,
        configurations=_CONFIGURATIONS,
    )


BACKUP = (
    _of_backup(
        ("sts:AssumeRole",),
        _ROLE,
        who="backup.amazonaws.com",
        basis=Basis.AWS_PAGE,
        source="https://docs.aws.amazon.com/aws-backup/latest/devguide/iam-service-roles.html",
    ),
    _of_backup(
        (
            "dynamodb:CreateBackup",
            "dynamodb:DescribeTable",
            "dynamodb:ListTagsOfResource",
            "dynamodb:StartAwsBackupJob",
        ),
        "table",
    ),
    # Where the account has not opted in to advanced features, recovery points are DynamoDB's own backups.
    _of_backup(("dynamodb:DescribeBackup", "dynamodb:DeleteBackup"), "backup"),
    _of_backup(("backup:TagResource",), "any recovery point"),
    _of_backup(("backup:TagResource",), "any recovery point", basis=Basis.THIRD_PARTY, source=_NOTICE),
    _of_backup(("kms:Decrypt", "kms:GenerateDataKey"), "key", context=dict(THROUGH_DYNAMODB)),
    # Asked for by the role itself: AWS's policy has no condition on the service.
    _of_backup(("kms:DescribeKey",), "key"),
    _of_backup(("kms:CreateGrant",), "key", context={**THROUGH_DYNAMODB, **_FOR_SERVICE}),
    # The vault has the table's key too. The policy of AWS's own key for vaults, aws/backup, asks for the same service.
    _of_backup(
        ("kms:Decrypt", "kms:GenerateDataKey"),
        "key",
        basis=Basis.AWS_PAGE,
        source=_VAULT_KEY,
        context=dict(_THROUGH_BACKUP),
    ),
    _of_backup(
        ("kms:CreateGrant",),
        "key",
        basis=Basis.AWS_PAGE,
        source=_VAULT_KEY,
        context={**_THROUGH_BACKUP, **_FOR_SERVICE},
    ),
    # CloudFormation makes the vault in the name of the deployment role, which hands the key to AWS Backup.
    _of_backup(
        ("kms:CreateGrant",),
        "key",
        who="deployment",
        moment=Moment.CREATION,
        basis=Basis.AWS_PAGE,
        source=_VAULT_KEY,
        context={**_THROUGH_BACKUP, **_FOR_SERVICE},
    ),
    _of_backup(
        ("kms:DescribeKey",),
        "key",
        who="deployment",
        moment=Moment.CREATION,
        basis=Basis.AWS_PAGE,
        source=_VAULT_KEY,
    ),
)
