"""Policies that keep the guarantees of a table from being undone (IAM-5), as plain dictionaries.

docs/decisions/guardrails.md says which guarantee each statement keeps, and which ones no policy can keep.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from secure_ddb.access.replica_guardrail import keep_to_regions
from secure_ddb.access.service_roles import SERVICE_ROLE_PATH
from secure_ddb.audit_trail.handler.audit_trail.settings import ALIAS
from secure_ddb.errors import reject, require_type
from secure_ddb.limits import LONGEST_MANAGED_POLICY

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_BOUNDARY = LONGEST_MANAGED_POLICY
# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html#min-max-values
LONGEST_SERVICE_CONTROL_POLICY = 5120

# tests/access/test_guardrail_actions.py has the reason why every other action on the same resources stays allowed.
# UpdateTable switches off the stream and deletion protection and changes the key, and does harmless things too; no
# condition key tells them apart. Exports, restores, replicas and Kinesis make copies that no guarantee protects.
KEPT_OF_TABLES = (
    "dynamodb:AssociateTableReplica",
    "dynamodb:CreateGlobalTable*",
    "dynamodb:CreateTableReplica",
    "dynamodb:DeleteBackup",
    "dynamodb:DeleteGlobalTableWitness",
    "dynamodb:DeleteResourcePolicy",
    "dynamodb:DeleteTable*",
    "dynamodb:DisableKinesisStreamingDestination",
    "dynamodb:EnableKinesisStreamingDestination",
    "dynamodb:ExportTableToPointInTime",
    "dynamodb:PutResourcePolicy",
    "dynamodb:Restore*",
    "dynamodb:UpdateContinuousBackups",
    # Shows keys of items.
    "dynamodb:UpdateContributorInsights",
    "dynamodb:UpdateGlobalTable*",
    "dynamodb:UpdateKinesisStreamingDestination",
    "dynamodb:UpdateTable",
    "dynamodb:UpdateTimeToLive",
)
# Enabling rotation also sets its period; without DynamoDB's grants the table cannot be read.
_KEYS = (
    "kms:DeleteImportedKeyMaterial",
    "kms:DisableKey*",
    "kms:EnableKeyRotation",
    "kms:PutKeyPolicy",
    "kms:ReplicateKey",
    "kms:RetireGrant",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:UpdatePrimaryRegion",
)
# Plans copy to other accounts and Regions, restore tests make tables without guarantees, and air-gapped vaults can be
# shared with other accounts: https://docs.aws.amazon.com/aws-backup/latest/devguide/logicallyairgappedvault.html
_BACKUPS = (
    "backup:AssociateBackupVaultMpaApprovalTeam",
    "backup:CancelLegalHold",
    "backup:Copy*",
    "backup:CreateBackup*",
    "backup:CreateLogicallyAirGappedBackupVault",
    "backup:CreateRestore*",
    "backup:DeleteBackup*",
    "backup:DeleteRecoveryPoint",
    "backup:Disassociate*",
    "backup:PutBackupVault*",
    "backup:StartCopyJob",
    "backup:StartRestoreJob",
    "backup:StopBackupJob",
    "backup:UpdateBackupPlan",
    "backup:UpdateGlobalSettings",
    "backup:UpdateRe*",
)
# A function with a concurrency of zero records nothing, and one that others may invoke records their inventions.
_FUNCTIONS = (
    "lambda:AddPermission",
    "lambda:CreateAlias",
    "lambda:CreateFunctionUrlConfig",
    "lambda:Delete*",
    "lambda:Put*",
    "lambda:RemovePermission",
    "lambda:Update*",
)
# Subscription filters and delivery streams fill the archive; data protection masks log lines, and pipelines change
# them: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/pipeline-sinks.html
_RECORDS = (
    "cloudtrail:Delete*",
    "cloudtrail:Put*",
    "cloudtrail:Stop*",
    "cloudtrail:Update*",
    "firehose:DeleteDeliveryStream",
    "firehose:StopDeliveryStreamEncryption",
    "firehose:UpdateDestination",
    "logs:AssociateKmsKey",
    "logs:Delete*",
    "logs:DisassociateKmsKey",
    "logs:IntegrateWith*",
    "logs:ProcessWithPipeline",
    "logs:PutAccountPolicy",
    "logs:PutBearerTokenAuthentication",
    "logs:PutDataProtectionPolicy",
    "logs:PutLogGroupDeletionProtection",
    "logs:PutMetricFilter",
    "logs:PutPipelineRule",
    "logs:PutResourcePolicy",
    "logs:PutRetentionPolicy",
    "logs:PutSubscriptionFilter",
    "logs:PutSyslogConfiguration",
    "logs:PutTransformer",
    "observabilityadmin:Create*",
    "observabilityadmin:Update*",
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucket*",
    "s3:PutBucket*",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutReplicationConfiguration",
    "s3:UpdateObjectEncryption",
)
# Rules of EventBridge report backup jobs that failed. A muted alarm changes its state and notifies no topic:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutAlarmMuteRule.html
_ALARMS = (
    "cloudwatch:DeleteAlarm*",
    "cloudwatch:DisableAlarmActions",
    "cloudwatch:PutAlarmMuteRule",
    "cloudwatch:PutCompositeAlarm",
    "cloudwatch:PutLogAlarm",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:PutPipelineRule",
    "cloudwatch:SetAlarmState",
    "events:DeleteRule",
    "events:DisableRule",
    "events:PutRule",
    "events:PutTargets",
    "events:RemoveTargets",
    "sns:AddPermission",
    "sns:DeleteTopic",
    "sns:PutDataProtectionPolicy",
    "sns:RemovePermission",
    "sns:SetSubscriptionAttributes",
    "sns:SetTopicAttributes",
    "sns:Unsubscribe",
)
_ENDPOINTS = ("ec2:CreateVpcEndpoint", "ec2:DeleteVpcEndpoints", "ec2:ModifyVpcEndpoint")
# One statement, because each one repeats the exempt roles, and the policy has to stay short.
KEPT_OF_RESOURCES = tuple(sorted((*_KEYS, *_BACKUPS, *_FUNCTIONS, *_RECORDS, *_ALARMS, *_ENDPOINTS)))
# A new role with an exempt name would be exempt, and a changed trust policy lets others assume one. Identity providers
# decide on MFA. The resources of the statement limit these patterns to roles, policies and providers.
KEPT_OF_IDENTITIES = (
    "iam:Add*",
    "iam:Attach*",
    "iam:Create*",
    "iam:Delete*",
    "iam:Detach*",
    "iam:Put*",
    "iam:Remove*",
    "iam:Set*",
    "iam:Tag*",
    "iam:Untag*",
    "iam:Update*",
)
# Roles that AWS services assume for a table, and their policies, have this path.
SERVICE_ROLES = f"arn:*:iam::*:role{SERVICE_ROLE_PATH}*"
IDENTITIES = (
    SERVICE_ROLES,
    f"arn:*:iam::*:policy{SERVICE_ROLE_PATH}*",
    "arn:*:iam::*:oidc-provider/*",
    "arn:*:iam::*:saml-provider/*",
)
# In another function, the audit function's role reads the stream without a record and writes lines of its own. Through
# the alias, the audit function digests the keys of invented records; the event source mapping needs no permission.
KEPT_OF_SERVICE_ROLES = ("iam:PassRole", "lambda:Invoke*")
USED_BY_SERVICES = (SERVICE_ROLES, f"arn:*:lambda:*:*:function:*:{ALIAS}")
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


def permissions_boundary(
    *, exempt_roles: Sequence[str] = (), tables: Sequence[str] = ("*",), replica_regions: Sequence[str] | None = None
) -> dict[str, Any]:
    """Return a permissions boundary: everything that a role's policies allow, but not to undo a guarantee.

    Args:
        exempt_roles: ARNs of roles that may do it all the same, though they have this boundary; `*` and `?` match
            as in policies. Roles without the boundary need no exemption.
        tables: Names of the tables whose actions are denied, with `*` and `?`. All else is denied for the account.
        replica_regions: The only Regions in which any role, exempt ones too, may make replicas and witnesses of these
            tables, and where the account has the resources that protect them. None for every Region.

    Raises:
        InvalidArgumentError: A role, a table or a Region is no such text, or the policy gets longer than IAM allows.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    _check_patterns("exempt_roles", exempt_roles)
    denied = [
        *_denied(exempt_roles, tables, replica_regions),
        _deny("KeepBoundary", KEPT_OF_BOUNDARY, "*", exempt_roles),
    ]
    allowed = {"Sid": "LeaveTheRestToOtherPolicies", "Effect": "Allow", "Action": "*", "Resource": "*"}
    # IAM does not count white space; the texts contain none.
    return _checked([allowed, *denied], LONGEST_BOUNDARY)


def service_control_policy(
    *, exempt_roles: Sequence[str], tables: Sequence[str] = ("*",), replica_regions: Sequence[str] | None = None
) -> dict[str, Any]:
    """Return a service control policy under which only some roles can undo a guarantee.

    It only denies, so attach it next to `FullAWSAccess`. Service-linked roles are not subject to it, the management
    account neither. Written without white space, as `json.dumps(..., separators=(",", ":"))` does, it fits.

    Args:
        exempt_roles: ARNs of the deployment role and of a break-glass role, with `*` and `?`. Without any of them no
            table could be changed any more.
        tables: Names of the tables whose actions are denied, with `*` and `?`. All else is denied for the account.
        replica_regions: The only Regions in which any role, exempt ones too, may make replicas and witnesses of these
            tables, and where the account has the resources that protect them. None for every Region.

    Raises:
        InvalidArgumentError: No role is exempt, a role, a table or a Region is no such text, or the policy gets longer
            than AWS Organizations allows.

    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
    """
    _check_patterns("exempt_roles", exempt_roles)
    if not exempt_roles:
        reject("exempt_roles", exempt_roles, "at least the deployment role; otherwise no role could change a table")
    return _checked(_denied(exempt_roles, tables, replica_regions), LONGEST_SERVICE_CONTROL_POLICY)


def _denied(
    exempt_roles: Sequence[str], tables: Sequence[str], replica_regions: Sequence[str] | None
) -> list[dict[str, Any]]:
    _check_patterns("tables", tables)
    if not tables:
        reject("tables", tables, "at least one table's name; '*' for all")
    return [
        _deny("KeepTables", KEPT_OF_TABLES, _table_arns(tables), exempt_roles),
        _deny("KeepResources", KEPT_OF_RESOURCES, "*", exempt_roles),
        _deny("KeepIdentities", KEPT_OF_IDENTITIES, [*exempt_roles, *IDENTITIES], exempt_roles),
        _deny("KeepServiceRoles", KEPT_OF_SERVICE_ROLES, list(USED_BY_SERVICES), exempt_roles),
        *([] if replica_regions is None else [keep_to_regions(_table_arns(tables), replica_regions)]),
    ]


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
