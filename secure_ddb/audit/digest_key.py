"""The HMAC key of the audit function: for digests of item keys, and for the MACs of links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk.aws_kms import CfnKey, CfnReplicaKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.context import StackEnvironment, TableContext

# Everything about the key itself and nothing with it.
# https://docs.aws.amazon.com/kms/latest/developerguide/hmac.html
DIGEST_KEY_ADMINISTRATION = [
    "kms:CancelKeyDeletion",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:GetKeyPolicy",
    "kms:ListKeyPolicies",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateKeyDescription",
]


_DESCRIPTION = "Digests item keys and authenticates lines in the audit log of one DynamoDB table"


def make_digest_key(context: TableContext, role_arn: str, regions: Sequence[str] = ()) -> str:
    """Make the key and return its ARN; with further Regions, one that may be replicated there.

    AWS KMS rotates no HMAC keys, and a rotated one would give the same item another digest.
    """
    key = CfnKey(
        context.scope,
        # A key cannot become a multi-Region key, so it is another one.
        "MultiRegionDigestKey" if regions else "AuditDigestKey",
        description=_DESCRIPTION,
        key_spec="HMAC_256",
        key_usage="GENERATE_VERIFY_MAC",
        multi_region=True if regions else None,
        pending_window_in_days=context.lifecycle.key_deletion_window_in_days,
        key_policy=digest_key_policy(context.environment, role_arn, regions),
    )
    key.apply_removal_policy(context.lifecycle.removal_policy)
    return key.attr_arn


def replicate_digest_key(context: TableContext, role_arn: str, primary_arn: str) -> str:
    """Make the replica of a table's digest key in a further Region, and return its ARN.

    It has the same material, so the function there makes the same digests.
    """
    key = CfnReplicaKey(
        context.scope,
        "AuditDigestKeyReplica",
        description=_DESCRIPTION,
        primary_key_arn=primary_arn,
        pending_window_in_days=context.lifecycle.key_deletion_window_in_days,
        key_policy=digest_key_policy(context.environment, role_arn),
    )
    key.apply_removal_policy(context.lifecycle.removal_policy)
    return key.attr_arn


def digesting(environment: StackEnvironment, role_arns: str | list[str]) -> list[dict[str, Any]]:
    """Return the statements that let roles digest item keys, and the account administer the key without using it."""
    return [
        {
            "Sid": "AdministerWithoutUse",
            "Effect": "Allow",
            "Principal": {"AWS": environment.account_root},
            "Action": DIGEST_KEY_ADMINISTRATION,
            "Resource": "*",
        },
        {
            "Sid": "DigestItemKeys",
            "Effect": "Allow",
            "Principal": {"AWS": role_arns},
            "Action": "kms:GenerateMac",
            "Resource": "*",
        },
    ]


def digest_key_policy(environment: StackEnvironment, role_arn: str, regions: Sequence[str] = ()) -> dict[str, Any]:
    """Return the key's policy: only the audit function's role computes MACs, for key digests and for links.

    The role has no permission of its own: this policy is the only place that allows GenerateMac. VerifyMac is left to
    the account's IAM policies, for auditors: it tests no guess of an item key, because keys are digested under a secret
    that is a MAC itself (docs/decisions/digest-key.md). Who replicates a key gives the replica its policy, so that
    is allowed in Regions of the table only, where there can be no second replica once the table's own is made.
    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-replica-region
    """
    replicate = {
        "Sid": "ReplicateToRegionsOfTable",
        "Effect": "Allow",
        "Principal": {"AWS": environment.account_root},
        "Action": "kms:ReplicateKey",
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:ReplicaRegion": list(regions)}},
    }
    return {
        "Version": "2012-10-17",
        "Statement": [
            *digesting(environment, role_arn),
            {
                "Sid": "VerifyLinks",
                "Effect": "Allow",
                "Principal": {"AWS": environment.account_root},
                "Action": "kms:VerifyMac",
                "Resource": "*",
            },
            *([replicate] if regions else []),
        ],
    }
