"""Policies that keep the guarantees of a table from being undone (IAM-5), as plain dictionaries.

What each statement keeps, and what no policy can keep, is in docs/decisions/guardrails.md.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from secure_ddb.errors import reject, require_type
from secure_ddb.limits import LONGEST_MANAGED_POLICY

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_BOUNDARY = LONGEST_MANAGED_POLICY
# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html#min-max-values
LONGEST_SERVICE_CONTROL_POLICY = 5120

# UpdateTable switches off the stream and deletion protection and changes the key, and does harmless things too; no
# condition key tells them apart. Exports, restores and Kinesis make copies that none of the guarantees protects.
KEPT_OF_TABLES = (
    "dynamodb:DeleteBackup",
    "dynamodb:DeleteResourcePolicy",
    "dynamodb:DeleteTable*",
    "dynamodb:EnableKinesisStreamingDestination",
    "dynamodb:ExportTableToPointInTime",
    "dynamodb:PutResourcePolicy",
    "dynamodb:Restore*",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:UpdateKinesisStreamingDestination",
    "dynamodb:UpdateTable",
    "dynamodb:UpdateTimeToLive",
)
KEPT_EVERYWHERE = {
    # Enabling rotation also sets its period; without DynamoDB's grants the table cannot be read.
    "KeepKeys": (
        "kms:DeleteImportedKeyMaterial",
        "kms:DisableKey",
        "kms:DisableKeyRotation",
        "kms:EnableKeyRotation",
        "kms:PutKeyPolicy",
        "kms:RevokeGrant",
        "kms:ScheduleKeyDeletion",
    ),
    "KeepBackups": (
        "backup:DeleteBackup*",
        "backup:DeleteRecoveryPoint",
        "backup:DisassociateRecoveryPoint*",
        "backup:PutBackupVault*",
        "backup:StartCopyJob",
        "backup:StartRestoreJob",
        "backup:UpdateBackupPlan",
        "backup:UpdateRecoveryPointLifecycle",
        "backup:UpdateRegionSettings",
    ),
    # A function whose concurrency is set to zero records nothing.
    "KeepAuditFunctions": (
        "lambda:DeleteEventSourceMapping",
        "lambda:DeleteFunction",
        "lambda:PutFunctionConcurrency",
        "lambda:UpdateEventSourceMapping",
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
    ),
    # Subscription filters and delivery streams fill the archive; data protection masks what is logged.
    "KeepRecords": (
        "cloudtrail:DeleteEventDataStore",
        "cloudtrail:DeleteTrail",
        "cloudtrail:PutEventSelectors",
        "cloudtrail:StopEventDataStoreIngestion",
        "cloudtrail:StopLogging",
        "cloudtrail:UpdateEventDataStore",
        "cloudtrail:UpdateTrail",
        "firehose:DeleteDeliveryStream",
        "firehose:StopDeliveryStreamEncryption",
        "firehose:UpdateDestination",
        "logs:AssociateKmsKey",
        "logs:DeleteLogGroup",
        "logs:DeleteLogStream",
        "logs:DeleteRetentionPolicy",
        "logs:DeleteSubscriptionFilter",
        "logs:DisassociateKmsKey",
        "logs:PutAccountPolicy",
        "logs:PutDataProtectionPolicy",
        "logs:PutRetentionPolicy",
        "logs:PutSubscriptionFilter",
        "s3:BypassGovernanceRetention",
        "s3:DeleteBucket",
        "s3:DeleteBucketPolicy",
        "s3:PutBucketObjectLockConfiguration",
        "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketVersioning",
        "s3:PutEncryptionConfiguration",
        "s3:PutLifecycleConfiguration",
        "s3:PutReplicationConfiguration",
    ),
    "KeepAlarms": (
        "cloudwatch:DeleteAlarms",
        "cloudwatch:DisableAlarmActions",
        "cloudwatch:PutMetricAlarm",
        "sns:DeleteTopic",
        "sns:RemovePermission",
        "sns:SetTopicAttributes",
        "sns:Unsubscribe",
    ),
}
# A new role with an exempt name would be exempt, and so would be whoever a trust policy lets assume one.
KEPT_OF_EXEMPT_ROLES = ("iam:CreateRole", "iam:DeleteRole", "iam:UpdateAssumeRolePolicy")
# A new role or user has no boundary; a changed trust policy or a new password opens one that has none.
KEPT_OF_BOUNDARY = (
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreatePolicyVersion",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteUserPermissionsBoundary",
    "iam:PutRolePermissionsBoundary",
    "iam:PutUserPermissionsBoundary",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateLoginProfile",
)

_ROLE_ARN = re.compile(r"arn:(?:aws[a-z-]*|\*):iam::(?:\d{12}|\*):role/([\w+=,.@/*?-]+)", re.ASCII)
_TABLE_NAME = re.compile(r"[\w.*?-]{1,255}", re.ASCII)


def permissions_boundary(*, exempt_roles: Sequence[str] = (), tables: Sequence[str] = ("*",)) -> dict[str, Any]:
    """Return a permissions boundary: everything that a role's policies allow, but not to undo a guarantee.

    Args:
        exempt_roles: ARNs of roles that may do it all the same, though they have this boundary; `*` and `?` match
            as in policies. Roles without the boundary need no exemption.
        tables: Names of the tables whose actions are denied, with `*` and `?`. All else is denied for the account.

    Raises:
        InvalidArgumentError: A role or a table is no such text, or the policy gets longer than IAM allows.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    _check_patterns("exempt_roles", exempt_roles)
    denied = [*_denied(exempt_roles, tables), _deny("KeepBoundary", KEPT_OF_BOUNDARY, "*", exempt_roles)]
    allowed = {"Sid": "LeaveTheRestToOtherPolicies", "Effect": "Allow", "Action": "*", "Resource": "*"}
    # IAM does not count white space, and there is none outside of the texts.
    return _checked([allowed, *denied], LONGEST_BOUNDARY)


def service_control_policy(*, exempt_roles: Sequence[str], tables: Sequence[str] = ("*",)) -> dict[str, Any]:
    """Return a service control policy under which nobody but some roles can undo a guarantee.

    It only denies, so it belongs beside `FullAWSAccess`. Service-linked roles are not subject to it, the management
    account neither. Written without white space, as `json.dumps(..., separators=(",", ":"))` does, it fits.

    Args:
        exempt_roles: ARNs of the deployment role and of a break-glass role, with `*` and `?`. Without any of them
            nobody could change a table any more.
        tables: Names of the tables whose actions are denied, with `*` and `?`. All else is denied for the account.

    Raises:
        InvalidArgumentError: No role is exempt, a role or a table is no such text, or the policy gets longer
            than AWS Organizations allows.

    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
    """
    _check_patterns("exempt_roles", exempt_roles)
    if not exempt_roles:
        reject("exempt_roles", exempt_roles, "at least the deployment role, or nobody could change a table again")
    return _checked(_denied(exempt_roles, tables), LONGEST_SERVICE_CONTROL_POLICY)


def _denied(exempt_roles: Sequence[str], tables: Sequence[str]) -> list[dict[str, Any]]:
    _check_patterns("tables", tables)
    if not tables:
        reject("tables", tables, "at least one table's name; '*' for all")
    statements = [_deny("KeepTables", KEPT_OF_TABLES, _table_arns(tables), exempt_roles)]
    statements += [_deny(sid, actions, "*", exempt_roles) for sid, actions in KEPT_EVERYWHERE.items()]
    if exempt_roles:
        statements.append(_deny("KeepExemptRoles", KEPT_OF_EXEMPT_ROLES, list(exempt_roles), exempt_roles))
    return statements


def _deny(sid: str, actions: Sequence[str], resources: str | list[str], exempt_roles: Sequence[str]) -> dict[str, Any]:
    statement: dict[str, Any] = {"Sid": sid, "Effect": "Deny", "Action": list(actions), "Resource": resources}
    if exempt_roles:
        # Of a session, the key holds its role's ARN.
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
        statement["Condition"] = {"ArnNotLike": {"aws:PrincipalArn": list(exempt_roles)}}
    return statement


def _table_arns(tables: Sequence[str]) -> str | list[str]:
    if "*" in tables:
        return "*"
    # The second is that of the table's backups, indexes and streams.
    return [f"arn:*:dynamodb:*:*:table/{name}{rest}" for name in tables for rest in ("", "/*")]


def _check_patterns(argument: str, patterns: Sequence[str]) -> None:
    kind = "a list of roles' ARNs" if argument == "exempt_roles" else "a list of tables' names"
    require_type(argument, patterns, (list, tuple), kind)
    for position, pattern in enumerate(patterns):
        name = f"{argument}[{position}]"
        require_type(name, pattern, str)
        if pattern in patterns[:position]:
            reject(name, pattern, "a pattern that stands once")
        if argument == "exempt_roles":
            _check_role(name, pattern)
        elif not _TABLE_NAME.fullmatch(pattern):
            reject(name, pattern, "a table's name, known at synth, with * and ? for what may differ")


def _check_role(argument: str, pattern: str) -> None:
    match = _ROLE_ARN.fullmatch(pattern)
    if not match:
        allowed = "the ARN of a role, known at synth, such as arn:aws:iam::111122223333:role/deploy; * and ? match"
        reject(argument, pattern, allowed)
    if not match[1].strip("*?/"):
        reject(argument, pattern, "an ARN that names roles: this one would exempt every role")


def _checked(statements: list[dict[str, Any]], longest: int) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": statements}
    length = len(json.dumps(document, separators=(",", ":")))
    if length > longest:
        allowed = f"what a policy of {longest} characters can hold: name fewer, or with patterns"
        reject("exempt_roles and tables", f"a policy of {length} characters", allowed)
    return document
