"""The HMAC key of the audit function: for digests of item keys, and for the MACs of links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk.aws_kms import CfnKey

if TYPE_CHECKING:
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


def make_digest_key(context: TableContext, role_arn: str) -> str:
    """Make the key and return its ARN.

    AWS KMS rotates no HMAC keys, and a rotated one would give the same item another digest.
    """
    key = CfnKey(
        context.scope,
        "AuditDigestKey",
        description="Digests item keys and authenticates lines in the audit log of one DynamoDB table",
        key_spec="HMAC_256",
        key_usage="GENERATE_VERIFY_MAC",
        pending_window_in_days=context.lifecycle.key_deletion_window_in_days,
        key_policy=digest_key_policy(context.environment, role_arn),
    )
    key.apply_removal_policy(context.lifecycle.removal_policy)
    return key.attr_arn


def digest_key_policy(environment: StackEnvironment, role_arn: str) -> dict[str, Any]:
    """Return the key's policy: only the audit function's role computes MACs, for key digests and for links.

    The role has no permission of its own: this policy is the only place that allows GenerateMac. VerifyMac is left to
    the account's IAM policies, for auditors: it tests no guess of an item key, because keys are digested under a secret
    that is a MAC itself (docs/decisions/digest-key.md).
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
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
                "Principal": {"AWS": role_arn},
                "Action": "kms:GenerateMac",
                "Resource": "*",
            },
            {
                "Sid": "VerifyLinks",
                "Effect": "Allow",
                "Principal": {"AWS": environment.account_root},
                "Action": "kms:VerifyMac",
                "Resource": "*",
            },
        ],
    }
