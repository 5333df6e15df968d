"""The permissions of the function that switches guarantees on again. Plain data; nothing here loads CDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.notice import send_events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.context import StackEnvironment


def remediation_statements(
    environment: StackEnvironment,
    *,
    recoverable: Sequence[str],
    tables: Sequence[str],
    keys: Sequence[str],
    rotating: Sequence[str],
    log_group_arn: str,
) -> list[dict[str, Any]]:
    """Return the permissions of the function's role: for each guarantee, only the tables and keys that have it.

    No action switches anything off only; `dynamodb:UpdateTable` and `dynamodb:UpdateContinuousBackups` can do both, and
    IAM does not tell one from the other.

    Args:
        environment: Where the tables are.
        recoverable: ARNs of tables with point-in-time recovery.
        tables: ARNs of all tables.
        keys: ARNs of all keys.
        rotating: ARNs of keys that rotate.
        log_group_arn: ARN of the function's log.
    """
    statements = (
        (
            "RestoreRecovery",
            ["dynamodb:DescribeContinuousBackups", "dynamodb:UpdateContinuousBackups"],
            recoverable,
        ),
        ("RestoreDeletionProtection", ["dynamodb:DescribeTable", "dynamodb:UpdateTable"], tables),
        ("RestoreKeys", ["kms:CancelKeyDeletion", "kms:DescribeKey", "kms:EnableKey"], keys),
        ("RestoreRotation", ["kms:EnableKeyRotation", "kms:GetKeyRotationStatus"], rotating),
        ("CountAttempts", ["logs:FilterLogEvents"], [log_group_arn]),
    )
    return [
        *(
            {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": list(resources)}
            for sid, actions, resources in statements
            if resources
        ),
        send_events(environment),
    ]
