"""One trigger for each detection. Each changes only the game day's own resources, or requests missing ones."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from boto3 import Session  # type: ignore[import-untyped]

from examples.game_day.game import NAME, FailedError, Game, NotTriedError
from secure_ddb.detection.api_calls import ENDPOINT_CHANGED, KEY_CHANGED, TABLE_CHANGED, TABLE_COPIED, TRAIL_CHANGED
from secure_ddb.detection.audit_calls import AuditNames, audit_changed
from secure_ddb.detection.handler.watch import counted
from secure_ddb.detection.key_use import KEY_FAILED
from secure_ddb.detection.service_events import (
    BACKUP_CHANGED,
    BACKUP_JOB_FAILED,
    HEALTH_EVENT,
    KEY_LOST,
    MACIE_FINDING,
    SECURITY_HUB_FINDING,
    access_denied,
    guard_duty_finding,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from secure_ddb.detection.subject import Subject


class Kind(StrEnum):
    """How near to an incident a trigger is."""

    CALL = "call"
    SAMPLE = "sample finding"
    PATTERN = "pattern only"


@dataclass(frozen=True)
class Trigger:
    """What triggers a detection.

    Attributes:
        subject: The detection.
        kind: A call that is reported, a sample that the service sends, or only the pattern tested with an event.
        what: The trigger in words.
        run: Does it. Returns a note for the record.
        calls: The calls of APIs whose records are reported, for calls.
        alarm: What the message says if an alarm counts the events instead of a message for each.
    """

    subject: Subject
    kind: Kind
    what: str
    run: Callable[[Game], str]
    calls: tuple[str, ...] = ()
    alarm: str = ""

    @property
    def message(self) -> str:
        """What the message says by which it is known."""
        return self.alarm or self.subject.happened


def _refused(call: Callable[[], Any], *codes: str) -> str:
    """Make a call that AWS has to refuse: attempts are reported, too."""
    try:
        call()
    except Exception as error:
        code = getattr(error, "response", {}).get("Error", {}).get("Code", "")
        if code not in codes:
            raise
        return f"refused with {code}"
    return "AWS accepted it"


def _disable_key(game: Game) -> str:
    key = game.key()
    game.client("kms").disable_key(KeyId=key)
    return key


def _use_disabled_key(game: Game) -> str:
    keys, key = game.client("kms"), game.key()
    return _refused(lambda: keys.generate_data_key(KeyId=key, KeySpec="AES_256"), "DisabledException")


def _change_table(game: Game) -> str:
    arn = game.table()
    game.client("dynamodb").update_table(TableName=NAME, DeletionProtectionEnabled=False)
    return arn


def _export_table(game: Game) -> str:
    tables, arn = game.client("dynamodb"), game.table()
    return _refused(
        lambda: tables.export_table_to_point_in_time(TableArn=arn, S3Bucket=f"{NAME}-{game.account}"),
        "PointInTimeRecoveryUnavailableException",
    )


def _fail_backup(game: Game) -> str:
    arn, role, vault = game.table(), game.role(), game.vault()
    backups = game.client("backup")
    started = game.until_allowed(
        lambda: backups.start_backup_job(BackupVaultName=vault, ResourceArn=arn, IamRoleArn=role),
        "InvalidParameterValueException",
    )
    return f"job {started['BackupJobId']}"


def _change_vault(game: Game) -> str:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "backup:StartRestoreJob", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    game.client("backup").put_backup_vault_access_policy(BackupVaultName=game.vault(), Policy=policy)
    return NAME


def _change_endpoint(game: Game) -> str:
    endpoints = game.client("ec2")
    return _refused(
        lambda: endpoints.modify_vpc_endpoint(VpcEndpointId="vpce-00000000000000000", ResetPolicy=True),
        "InvalidVpcEndpointId.NotFound",
        "InvalidVpcEndpoint.NotFound",
    )


def _keep_retention(game: Game) -> str:
    logs = game.client("logs")
    groups = logs.describe_log_groups(logGroupNamePrefix=game.log_group)["logGroups"]
    found = [group for group in groups if group["logGroupName"] == game.log_group and "retentionInDays" in group]
    if not found:
        raise NotTriedError(f"there is no log group {game.log_group} with a retention")
    days = found[0]["retentionInDays"]
    logs.put_retention_policy(logGroupName=game.log_group, retentionInDays=days)
    return f"{days} days, as before"


def _stop_trail(game: Game) -> str:
    return _refused(lambda: game.client("cloudtrail").stop_logging(Name=NAME), "TrailNotFoundException")


def _be_denied(game: Game) -> str:
    arn = game.role()
    given = game.until_allowed(
        lambda: game.client("sts").assume_role(RoleArn=arn, RoleSessionName="game-day")["Credentials"], "AccessDenied"
    )
    session = Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], game.aws.region)
    tables = game.aws.with_session(session).client("dynamodb")
    return _refused(lambda: tables.describe_table(TableName=NAME), "AccessDeniedException")


def _sample_guard_duty(game: Game) -> str:
    detectors = game.client("guardduty").list_detectors()["DetectorIds"]
    if not detectors:
        raise NotTriedError("GuardDuty is off")
    kind = "CredentialAccess:IAMUser/AnomalousBehavior"
    game.client("guardduty").create_sample_findings(DetectorId=detectors[0], FindingTypes=[kind])
    return kind


def _sample_macie(game: Game) -> str:
    kind = "SensitiveData:S3Object/Personal"
    try:
        game.client("macie2").create_sample_findings(findingTypes=[kind])
    except game.client("macie2").exceptions.AccessDeniedException as error:
        raise NotTriedError("Macie is off") from error
    return kind


def _import_finding(game: Game) -> str:
    hub, region = game.client("securityhub"), game.aws.region
    product = f"arn:aws:securityhub:{region}:{game.account}:product/{game.account}/default"
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    finding = {
        "SchemaVersion": "2018-10-08",
        "Id": f"{NAME}/{now}",
        "ProductArn": product,
        "GeneratorId": NAME,
        "AwsAccountId": game.account,
        "Types": ["Software and Configuration Checks"],
        "CreatedAt": now,
        "UpdatedAt": now,
        "Severity": {"Label": "HIGH"},
        "Title": "Game day",
        "Description": "A finding of a game day, which means nothing.",
        "Resources": [{"Type": "AwsDynamoDbTable", "Id": game.table(), "Region": region}],
    }
    try:
        hub.batch_import_findings(Findings=[finding])
    except hub.exceptions.InvalidAccessException as error:
        raise NotTriedError("Security Hub is off") from error
    same = [{"Id": finding["Id"], "ProductArn": product}]
    game.cleanup.add(
        "finding", lambda: hub.batch_update_findings(FindingIdentifiers=same, Workflow={"Status": "RESOLVED"})
    )
    return str(finding["Id"])


def _test_pattern(subject: Subject, event: Mapping[str, Any]) -> Callable[[Game], str]:
    """Test the pattern of the deployed rule, where no trigger can make the service send an event."""

    def run(game: Game) -> str:
        events = game.client("events")
        pages = events.get_paginator("list_rules").paginate()
        rules = [rule for page in pages for rule in page["Rules"] if rule.get("Description") == subject.happened]
        if not rules:
            raise NotTriedError("there is no such rule in this account and Region")
        sent = {"id": "1", "time": "2026-01-01T00:00:00Z", "account": game.account, "region": game.aws.region, **event}
        for rule in rules:
            if not events.test_event_pattern(EventPattern=rule["EventPattern"], Event=json.dumps(sent))["Result"]:
                raise FailedError(f"the pattern of the rule {rule['Name']} does not match")
        return "the deployed pattern matches; whether the service sends the event was not tried"

    return run


_DELETED = {"source": "aws.kms", "detail-type": "KMS CMK Deletion", "resources": [], "detail": {"key-id": "1"}}
_HEALTH = {
    "source": "aws.health",
    "detail-type": "AWS Health Event",
    "resources": [],
    "detail": {"service": "DYNAMODB", "eventTypeCode": "AWS_DYNAMODB_OPERATIONAL_ISSUE"},
}
_AUDIT = audit_changed(AuditNames(function="function", log_group="group"))

# In this order: later ones use what earlier ones have made.
TRIGGERS = (
    Trigger(KEY_CHANGED, Kind.CALL, "disables a key that it has made", _disable_key, ("DisableKey",)),
    Trigger(KEY_LOST, Kind.PATTERN, "a key is deleted after seven days", _test_pattern(KEY_LOST, _DELETED)),
    Trigger(
        KEY_FAILED,
        Kind.CALL,
        "uses the key that it has disabled",
        _use_disabled_key,
        ("GenerateDataKey",),
        counted.KEY_FAILED.happened,
    ),
    Trigger(TABLE_CHANGED, Kind.CALL, "changes a table that it has made", _change_table, ("UpdateTable",)),
    Trigger(
        TABLE_COPIED,
        Kind.CALL,
        "asks for an export of that table, which cannot be",
        _export_table,
        ("ExportTableToPointInTime",),
    ),
    Trigger(BACKUP_JOB_FAILED, Kind.CALL, "backs the table up with a role that may not", _fail_backup),
    Trigger(
        BACKUP_CHANGED,
        Kind.CALL,
        "changes the policy of a vault that it has made",
        _change_vault,
        ("PutBackupVaultAccessPolicy",),
    ),
    Trigger(
        ENDPOINT_CHANGED,
        Kind.CALL,
        "changes an endpoint that is not there",
        _change_endpoint,
        ("ModifyVpcEndpoint",),
    ),
    Trigger(
        _AUDIT, Kind.CALL, "sets the audit log's retention to what it is", _keep_retention, ("PutRetentionPolicy",)
    ),
    Trigger(TRAIL_CHANGED, Kind.CALL, "asks to stop a trail that is not there", _stop_trail, ("StopLogging",)),
    Trigger(
        access_denied([]),
        Kind.CALL,
        "asks for the table as a role that may nothing",
        _be_denied,
        ("DescribeTable",),
        counted.DENIED.happened,
    ),
    Trigger(HEALTH_EVENT, Kind.PATTERN, "AWS Health sends no event on demand", _test_pattern(HEALTH_EVENT, _HEALTH)),
    Trigger(guard_duty_finding(0), Kind.SAMPLE, "has GuardDuty send a sample finding", _sample_guard_duty),
    Trigger(MACIE_FINDING, Kind.SAMPLE, "has Macie send a sample finding", _sample_macie),
    Trigger(SECURITY_HUB_FINDING, Kind.SAMPLE, "imports a finding into Security Hub, and resolves it", _import_finding),
)
