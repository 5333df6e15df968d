"""The permissions of the runbooks' role, and those to start them. Plain data; nothing here loads CDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.containment.documents import NAMESPACE
from secure_ddb.containment.policies import CHANGE_POLICY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.context import StackEnvironment


def automation_trust(environment: StackEnvironment) -> dict[str, Any]:
    """Return the conditions under which Systems Manager assumes the role: for automations of this account.

    https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-setup-iam.html
    """
    return {
        "StringEquals": {"aws:SourceAccount": environment.account},
        "ArnLike": {"aws:SourceArn": environment.arn("ssm", "automation-execution/*")},
    }


def automation_statements(
    environment: StackEnvironment,
    *,
    names: Sequence[str],
    tables: Sequence[str],
    table_keys: Sequence[str],
    bucket_arn: str,
    key_arn: str,
) -> list[dict[str, Any]]:
    """Return the permissions of the runbooks' role.

    It reads no items, and changes policies of these tables and their streams only. The keys serve for the backups.

    Args:
        environment: Where the tables are.
        names: Names of the tables.
        tables: Their ARNs.
        table_keys: ARNs of their keys.
        bucket_arn: ARN of the bucket for saved state: an object for each table.
        key_arn: ARN of the bucket's key.
    """
    through_dynamodb = {"kms:ViaService": f"dynamodb.{environment.region}.amazonaws.com"}
    return [
        allow("BackUp", ["dynamodb:CreateBackup", "dynamodb:DescribeTable"], tables),
        allow("ChangePolicies", ["dynamodb:GetResourcePolicy", *CHANGE_POLICY], [*tables, *map(streams_of, tables)]),
        *state_statements(
            environment, objects=[f"{bucket_arn}/{name}.json" for name in names], bucket_arn=bucket_arn, key_arn=key_arn
        ),
        allow("UseTableKeys", ["kms:Decrypt", "kms:GenerateDataKey"], table_keys, {"StringEquals": through_dynamodb}),
        allow(
            "GrantTableKeys",
            ["kms:CreateGrant"],
            table_keys,
            {"StringEquals": through_dynamodb, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
        switch_alarm(),
    ]


def state_statements(
    environment: StackEnvironment, *, objects: Sequence[str], bucket_arn: str, key_arn: str
) -> list[dict[str, Any]]:
    """Return a runbook's permissions for saved state: some objects of the bucket."""
    return [
        allow("SavePolicies", ["s3:GetObject", "s3:PutObject"], objects),
        # Without it, S3 answers 403 instead of 404 for a missing object.
        allow("FindSavedPolicies", ["s3:ListBucket"], [bucket_arn]),
        allow(
            "UseBucketKey",
            ["kms:Decrypt", "kms:GenerateDataKey"],
            [key_arn],
            {"StringEquals": {"kms:ViaService": f"s3.{environment.region}.amazonaws.com"}},
        ),
    ]


def switch_alarm() -> dict[str, Any]:
    """Return the permission to switch alarms by their metrics."""
    namespace = {"StringEquals": {"cloudwatch:namespace": NAMESPACE}}
    return allow("SwitchAlarm", ["cloudwatch:PutMetricData"], ["*"], namespace)


def start_statements(
    environment: StackEnvironment, *, documents: Sequence[str], roles: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the permissions of responders to find the runbooks, start them and follow their progress.

    Systems Manager checks the document and the execution. It is giving up the ARNs of automation definitions, which are
    here as long as AWS's own policies name them, too.
    https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-setup-identity-based-policies.html
    https://docs.aws.amazon.com/systems-manager/latest/userguide/security_iam_service-with-iam.html
    """
    executions = environment.arn("ssm", "automation-execution/*")
    return [
        allow(
            "StartRunbooks",
            ["ssm:StartAutomationExecution"],
            [
                *(environment.arn("ssm", f"document/{name}") for name in documents),
                *(environment.arn("ssm", f"automation-definition/{name}:*") for name in documents),
                executions,
            ],
        ),
        allow("FollowRunbooks", ["ssm:GetAutomationExecution"], [executions]),
        # Their names end in a hash, and listing knows no resources.
        allow("FindRunbooks", ["ssm:ListDocuments"], ["*"]),
        allow("PassRole", ["iam:PassRole"], roles, {"StringEquals": {"iam:PassedToService": "ssm.amazonaws.com"}}),
    ]


def streams_of(table_arn: str) -> str:
    """Return the ARN pattern of a table's streams, whose names DynamoDB chooses."""
    return f"{table_arn}/stream/*"


def allow(
    sid: str, actions: Sequence[str], resources: Sequence[str], condition: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return a statement that allows actions on resources."""
    statement: dict[str, Any] = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    return statement | ({"Condition": condition} if condition else {})
