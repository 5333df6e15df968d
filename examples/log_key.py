"""The key for the logs of an application's stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import ArnFormat, RemovalPolicy
from aws_cdk.aws_iam import ServicePrincipal
from aws_cdk.aws_kms import Key

if TYPE_CHECKING:
    from aws_cdk import Stack


def log_key(stack: Stack) -> Key:
    """Make the key with which CloudWatch Logs encrypts the log groups of a stack's account and Region."""
    key = Key(stack, "LogKey", enable_key_rotation=True, removal_policy=RemovalPolicy.RETAIN)
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    log_groups = stack.format_arn(
        service="logs", resource="log-group", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
    )
    encrypted_for = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}}
    key.grant_encrypt_decrypt(ServicePrincipal(f"logs.{stack.region}.amazonaws.com", conditions=encrypted_for))
    return key
