"""Boundary and service control policy deny what would undo a guarantee, to all but exempt roles (IAM-5)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb import InvalidArgumentError, guardrails, permissions_boundary, service_control_policy
from tests.template import as_list, statements
from tests.test_lint_templates import Policy, policy_issues

if TYPE_CHECKING:
    from collections.abc import Callable

DEPLOY, BREAK_GLASS = "arn:aws:iam::*:role/cdk-hnb659fds-*", "arn:aws:iam::111122223333:role/ops/break-glass"
EXEMPT = [DEPLOY, BREAK_GLASS]
POLICIES: dict[str, Callable[..., dict[str, Any]]] = {
    "boundary": permissions_boundary,
    "service control policy": service_control_policy,
}
# What would undo a guarantee, by the statement that denies it.
UNDONE = {
    "KeepTables": [
        "dynamodb:DeleteTable",
        "dynamodb:UpdateTable",
        "dynamodb:UpdateContinuousBackups",
        "dynamodb:UpdateTimeToLive",
        "dynamodb:DeleteResourcePolicy",
        "dynamodb:PutResourcePolicy",
        "dynamodb:RestoreTableToPointInTime",
        "dynamodb:RestoreTableFromBackup",
        "dynamodb:RestoreTableFromAwsBackup",
        "dynamodb:ExportTableToPointInTime",
        "dynamodb:EnableKinesisStreamingDestination",
        "dynamodb:UpdateKinesisStreamingDestination",
        "dynamodb:DeleteBackup",
    ],
    "KeepKeys": [
        "kms:ScheduleKeyDeletion",
        "kms:DisableKey",
        "kms:DisableKeyRotation",
        "kms:EnableKeyRotation",
        "kms:PutKeyPolicy",
        "kms:DeleteImportedKeyMaterial",
        "kms:RevokeGrant",
    ],
    "KeepBackups": [
        "backup:DeleteRecoveryPoint",
        "backup:DisassociateRecoveryPoint",
        "backup:UpdateRecoveryPointLifecycle",
        "backup:DeleteBackupVault",
        "backup:DeleteBackupVaultAccessPolicy",
        "backup:PutBackupVaultAccessPolicy",
        "backup:DeleteBackupVaultLockConfiguration",
        "backup:PutBackupVaultLockConfiguration",
        "backup:DeleteBackupPlan",
        "backup:DeleteBackupSelection",
        "backup:UpdateBackupPlan",
        "backup:StartRestoreJob",
        "backup:StartCopyJob",
        "backup:UpdateRegionSettings",
    ],
    "KeepAuditFunctions": [
        "lambda:UpdateEventSourceMapping",
        "lambda:DeleteEventSourceMapping",
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
        "lambda:DeleteFunction",
        "lambda:PutFunctionConcurrency",
    ],
    "KeepRecords": [
        "logs:DeleteLogGroup",
        "logs:DeleteLogStream",
        "logs:PutRetentionPolicy",
        "logs:DeleteRetentionPolicy",
        "logs:DisassociateKmsKey",
        "logs:AssociateKmsKey",
        "logs:DeleteSubscriptionFilter",
        "logs:PutSubscriptionFilter",
        "logs:PutAccountPolicy",
        "logs:PutDataProtectionPolicy",
        "firehose:DeleteDeliveryStream",
        "firehose:StopDeliveryStreamEncryption",
        "firehose:UpdateDestination",
        "s3:BypassGovernanceRetention",
        "s3:PutBucketPolicy",
        "s3:DeleteBucketPolicy",
        "s3:PutBucketObjectLockConfiguration",
        "s3:PutLifecycleConfiguration",
        "s3:PutReplicationConfiguration",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketVersioning",
        "s3:PutEncryptionConfiguration",
        "s3:DeleteBucket",
        "cloudtrail:StopLogging",
        "cloudtrail:DeleteTrail",
        "cloudtrail:UpdateTrail",
        "cloudtrail:PutEventSelectors",
        "cloudtrail:DeleteEventDataStore",
        "cloudtrail:StopEventDataStoreIngestion",
        "cloudtrail:UpdateEventDataStore",
    ],
    "KeepAlarms": [
        "cloudwatch:DeleteAlarms",
        "cloudwatch:DisableAlarmActions",
        "cloudwatch:PutMetricAlarm",
        "sns:DeleteTopic",
        "sns:RemovePermission",
        "sns:SetTopicAttributes",
        "sns:Unsubscribe",
    ],
    "KeepExemptRoles": ["iam:CreateRole", "iam:UpdateAssumeRolePolicy", "iam:DeleteRole"],
}
BOUNDARY_UNDONE = [
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:UpdateLoginProfile",
    "iam:DeleteRolePermissionsBoundary",
    "iam:PutRolePermissionsBoundary",
    "iam:DeleteUserPermissionsBoundary",
    "iam:PutUserPermissionsBoundary",
    "iam:SetDefaultPolicyVersion",
    "iam:CreatePolicyVersion",
    "iam:UpdateAssumeRolePolicy",
]
# What applications and operators do all day.
UNTOUCHED = ["dynamodb:PutItem", "dynamodb:DescribeTable", "kms:Decrypt", "logs:PutLogEvents", "s3:PutObject"]


def denies(statement: dict[str, Any], action: str) -> bool:
    return statement["Effect"] == "Deny" and any(fnmatchcase(action, pattern) for pattern in statement["Action"])


@pytest.fixture(params=sorted(POLICIES))
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    return POLICIES[request.param](exempt_roles=EXEMPT)


@pytest.mark.parametrize(("sid", "action"), [(sid, action) for sid, actions in UNDONE.items() for action in actions])
def test_what_would_undo_a_guarantee_is_denied(document: dict[str, Any], sid: str, action: str) -> None:
    assert denies(statements(document)[sid], action)


@pytest.mark.parametrize("action", BOUNDARY_UNDONE)
def test_boundary_denies_ways_out_of_itself(action: str) -> None:
    assert denies(statements(permissions_boundary())["KeepBoundary"], action)


def test_every_action_that_is_denied_stands_in_these_tests() -> None:
    undone = {**UNDONE, "KeepBoundary": BOUNDARY_UNDONE}
    for sid, statement in statements(permissions_boundary(exempt_roles=EXEMPT)).items():
        for pattern in statement["Action"] if statement["Effect"] == "Deny" else ():
            assert [action for action in undone[sid] if fnmatchcase(action, pattern)], pattern


@pytest.mark.parametrize("action", UNTOUCHED)
def test_what_does_not_undo_anything_is_not_denied(document: dict[str, Any], action: str) -> None:
    assert not [statement for statement in document["Statement"] if denies(statement, action)]


def test_nobody_but_the_exempt_roles_is_exempt(document: dict[str, Any]) -> None:
    denied = [statement for statement in document["Statement"] if statement["Effect"] == "Deny"]
    assert len(denied) >= len(UNDONE)
    assert all(one["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": EXEMPT}} for one in denied)


def test_names_of_exempt_roles_cannot_be_taken(document: dict[str, Any]) -> None:
    assert statements(document)["KeepExemptRoles"]["Resource"] == EXEMPT


def test_all_else_is_kept_in_the_whole_account(document: dict[str, Any]) -> None:
    resources = {sid: one["Resource"] for sid, one in statements(document).items() if sid != "KeepExemptRoles"}
    assert set(resources.values()) == {"*"}


def test_boundary_leaves_the_rest_to_other_policies() -> None:
    (allowed,) = (one for one in permissions_boundary()["Statement"] if one["Effect"] == "Allow")
    assert (allowed["Action"], allowed["Resource"]) == ("*", "*")
    assert "Condition" not in allowed


def test_boundary_without_exempt_roles_denies_without_condition() -> None:
    found = statements(permissions_boundary())
    assert found.keys() == {*UNDONE, "KeepBoundary", "LeaveTheRestToOtherPolicies"} - {"KeepExemptRoles"}
    assert not [sid for sid, one in found.items() if "Condition" in one]


def test_service_control_policy_only_denies() -> None:
    found = statements(service_control_policy(exempt_roles=EXEMPT))
    assert found.keys() == UNDONE.keys()
    assert {one["Effect"] for one in found.values()} == {"Deny"}


def test_syntax_is_what_service_control_policies_allow(document: dict[str, Any]) -> None:
    # https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
    assert document.keys() == {"Version", "Statement"}
    assert document["Version"] == "2012-10-17"
    for sid, statement in statements(document).items():
        assert re.fullmatch(r"[A-Za-z0-9]+", sid)
        assert statement.keys() <= {"Sid", "Effect", "Action", "Resource", "Condition"}
        # A pattern stands at the end of an action only.
        assert not [action for action in as_list(statement["Action"]) if "*" in action[:-1] or "?" in action]


@pytest.mark.parametrize("tables", [("*",), ("orders-*", "sessions")])
def test_policies_pass_parliament(tables: tuple[str, ...]) -> None:
    for make in POLICIES.values():
        policy = Policy("guardrail", make(exempt_roles=EXEMPT, tables=tables))
        assert list(policy_issues(policy)) == []


def test_misspelt_actions_would_be_found() -> None:
    policy = Policy("guardrail", service_control_policy(exempt_roles=EXEMPT)).with_action("dynamodb:DeletTable")
    assert "UNKNOWN_ACTION" in {issue.rule for issue in policy_issues(policy)}


@pytest.mark.parametrize("make", POLICIES.values(), ids=POLICIES)
def test_tables_can_be_named_with_what_belongs_to_them(make: Callable[..., dict[str, Any]]) -> None:
    found = statements(make(exempt_roles=EXEMPT, tables=["orders-*", "sessions"]))
    assert found["KeepTables"]["Resource"] == [
        "arn:*:dynamodb:*:*:table/orders-*",
        "arn:*:dynamodb:*:*:table/orders-*/*",
        "arn:*:dynamodb:*:*:table/sessions",
        "arn:*:dynamodb:*:*:table/sessions/*",
    ]
    assert found["KeepKeys"]["Resource"] == "*"


def test_all_tables_among_others_are_all_tables() -> None:
    assert statements(permissions_boundary(tables=["orders", "*"]))["KeepTables"]["Resource"] == "*"


@pytest.mark.parametrize(
    ("kind", "limit", "longest"),
    [("boundary", "LONGEST_BOUNDARY", 6144), ("service control policy", "LONGEST_SERVICE_CONTROL_POLICY", 5120)],
)
def test_policy_is_as_long_as_aws_allows_and_no_longer(
    monkeypatch: pytest.MonkeyPatch, kind: str, limit: str, longest: int
) -> None:
    assert getattr(guardrails, limit) == longest
    text = json.dumps(POLICIES[kind](exempt_roles=EXEMPT), separators=(",", ":"))
    assert " " not in text
    monkeypatch.setattr(guardrails, limit, len(text))
    assert POLICIES[kind](exempt_roles=EXEMPT)
    monkeypatch.setattr(guardrails, limit, len(text) - 1)
    with pytest.raises(InvalidArgumentError) as raised:
        POLICIES[kind](exempt_roles=EXEMPT)
    assert raised.value.value == f"a policy of {len(text)} characters"
    assert f"a policy of {len(text) - 1} characters" in raised.value.allowed


@pytest.mark.parametrize("make", POLICIES.values(), ids=POLICIES)
def test_there_is_room_for_some_roles(make: Callable[..., dict[str, Any]]) -> None:
    assert make(exempt_roles=[f"arn:aws:iam::111122223333:role/deployment-{number}" for number in range(5)])


def test_guardrails_need_no_cdk() -> None:
    program = (
        "import sys; from secure_ddb import service_control_policy as policy; "
        "policy(exempt_roles=['arn:aws:iam::*:role/deploy']); "
        "raise SystemExit('jsii' in sys.modules or 'aws_cdk' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[1], check=True)
