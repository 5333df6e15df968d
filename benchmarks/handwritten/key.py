"""The key, with a policy that lets nobody use it but through the services that need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration, RemovalPolicy
from aws_cdk.aws_iam import (
    AccountRootPrincipal,
    IPrincipal,
    PolicyDocument,
    PolicyStatement,
    ServicePrincipal,
)
from aws_cdk.aws_kms import Key

from benchmarks.handwritten.texts import FOR_AWS
from secure_ddb.encryption.key_actions import ADMINISTRATION, USE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

    from benchmarks.handwritten.place import Place


def make_key(scope: Construct, alias: str, place: Place) -> Key:
    """Make the key."""
    return Key(
        scope,
        "Key",
        alias=alias,
        description="Encrypts one DynamoDB table, its audit log, backups and alarms",
        enable_key_rotation=True,
        rotation_period=Duration.days(365),
        pending_window=Duration.days(30),
        removal_policy=RemovalPolicy.RETAIN,
        policy=PolicyDocument(statements=_statements(place)),
    )


def _statements(place: Place) -> list[PolicyStatement]:
    root = AccountRootPrincipal()
    grant = ["kms:CreateGrant"]
    return [
        PolicyStatement(sid="AdministerWithoutUse", principals=[root], actions=ADMINISTRATION, resources=["*"]),
        _use("UseThroughDynamoDb", root, place, "dynamodb", USE),
        _use("GrantThroughDynamoDb", root, place, "dynamodb", grant, conditions=FOR_AWS),
        PolicyStatement(
            sid="EncryptAuditLog",
            principals=[ServicePrincipal(f"logs.{place.region}.amazonaws.com")],
            actions=USE,
            resources=["*"],
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": place.log_group_arns}},
        ),
        _use("KeepFailedAuditRecordsInS3", root, place, "s3", ["kms:Decrypt", "kms:GenerateDataKey"]),
        _use("UseThroughBackup", root, place, "backup", USE),
        _use("GrantThroughBackup", root, place, "backup", grant, conditions=FOR_AWS),
        _publish("PublishAlarms", "cloudwatch.amazonaws.com", place.account, place.alarm_arns),
        _publish("PublishEvents", "events.amazonaws.com", place.account, place.rule_arns),
    ]


def _use(
    sid: str,
    principal: IPrincipal,
    place: Place,
    service: str,
    actions: list[str],
    *,
    conditions: Mapping[str, object] | None = None,
) -> PolicyStatement:
    through_service = {
        "kms:CallerAccount": place.account,
        "kms:ViaService": f"{service}.{place.region}.amazonaws.com",
    }
    return PolicyStatement(
        sid=sid,
        principals=[principal],
        actions=actions,
        resources=["*"],
        conditions={"StringEquals": through_service, **(conditions or {})},
    )


def _publish(sid: str, service: str, account: str, sources: str) -> PolicyStatement:
    return PolicyStatement(
        sid=sid,
        principals=[ServicePrincipal(service)],
        actions=["kms:Decrypt", "kms:GenerateDataKey*"],
        resources=["*"],
        conditions={
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": sources},
        },
    )
