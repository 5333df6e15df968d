"""The table's key and the audit trail's digest key (ENC-1): configuration `everything`."""

from __future__ import annotations

from tests.policies.requests.key_use import (
    DECRYPT,
    DESCRIBE,
    ENCRYPT,
    IN_ALIAS,
    IN_CODE,
    THROUGH_DYNAMODB,
    THROUGH_S3,
)
from tests.policies.requests.row import Context, Row, allowed, not_allowed, through_service

HERE = "eu-central-1:111122223333"
GRANT, DATA_KEY, PUT_POLICY = "kms:CreateGrant", "kms:GenerateDataKey", "kms:PutKeyPolicy"
FOR_SERVICE: Context = {"kms:GrantIsForAWSResource": "true"}
FOR_ANYBODY: Context = {"kms:GrantIsForAWSResource": "false"}
BACKUP, FIREHOSE, EC2 = (through_service(name) for name in ("backup", "firehose", "ec2"))

USE = (
    *(allowed("administrator", ENCRYPT, "key", through) for through in (THROUGH_DYNAMODB, BACKUP)),
    *(allowed("administrator", DECRYPT, "key", through) for through in (THROUGH_S3, FIREHOSE)),
    not_allowed("a look into the table without DynamoDB", "administrator", DECRYPT, "key"),
    not_allowed("the key for other services", "administrator", DECRYPT, "key", EC2),
    not_allowed("more than S3 needs", "administrator", ENCRYPT, "key", THROUGH_S3),
    not_allowed("more than Firehose needs", "administrator", ENCRYPT, "key", FIREHOSE),
    not_allowed("the key from another account", "foreign administrator", DECRYPT, "key", THROUGH_DYNAMODB),
    *(
        not_allowed("the key without a grant", "nobody", DECRYPT, "key", through)
        for through in (THROUGH_DYNAMODB, THROUGH_S3, BACKUP, FIREHOSE)
    ),
    *(
        row
        for through in (THROUGH_DYNAMODB, BACKUP, FIREHOSE)
        for row in (
            allowed("administrator", GRANT, "key", through, FOR_SERVICE),
            not_allowed("a grant that lasts, for whom it likes", "administrator", GRANT, "key", through),
            not_allowed("a grant that lasts, for whom it likes", "administrator", GRANT, "key", through, FOR_ANYBODY),
            not_allowed("a grant", "nobody", GRANT, "key", through, FOR_SERVICE),
        )
    ),
    not_allowed("a grant through S3", "administrator", GRANT, "key", THROUGH_S3, FOR_SERVICE),
    not_allowed("a grant through no service", "administrator", GRANT, "key", FOR_SERVICE),
    not_allowed(
        "a grant through DynamoDB, from another account",
        "foreign administrator",
        GRANT,
        "key",
        THROUGH_DYNAMODB,
        FOR_SERVICE,
    ),
)
ADMINISTRATION = (
    allowed("administrator", PUT_POLICY, "key"),
    allowed("administrator", "kms:ScheduleKeyDeletion", "key", remark="denied by the guardrails, not by the key"),
    not_allowed("the key's policy", "nobody", PUT_POLICY, "key"),
    not_allowed("the key's policy", "foreign administrator", PUT_POLICY, "key"),
    not_allowed("another key's material", "administrator", "kms:ImportKeyMaterial", "key"),
)

LOG_ARN, TOPIC_ARN = "kms:EncryptionContext:aws:logs:arn", "kms:EncryptionContext:aws:sns:topicArn"
LOGS, EVENTS, CLOUDWATCH = "logs.eu-central-1.amazonaws.com", "events.amazonaws.com", "cloudwatch.amazonaws.com"
AUDIT_LOG: Context = {LOG_ARN: f"arn:aws:logs:{HERE}:log-group:Test-OrdersAuditLogGroup"}
TOPIC: Context = {TOPIC_ARN: f"arn:aws:sns:{HERE}:Test-OrdersAlarmTopic"}
ALARM: Context = {"aws:SourceArn": f"arn:aws:cloudwatch:{HERE}:alarm:errors", "aws:SourceAccount": "111122223333"}
# Services, each with what it has to bring along, and what each part of that could say for another account.
SERVICES: tuple[tuple[str, Context, Context], ...] = (
    (LOGS, AUDIT_LOG, {LOG_ARN: f"arn:aws:logs:{HERE}:log-group:Other"}),
    (EVENTS, TOPIC, {TOPIC_ARN: "arn:aws:sns:eu-central-1:444455556666:Test-OrdersAlarmTopic"}),
    (
        CLOUDWATCH,
        ALARM,
        {
            "aws:SourceArn": "arn:aws:cloudwatch:eu-central-1:444455556666:alarm:errors",
            "aws:SourceAccount": "444455556666",
        },
    ),
)


def used_by_service(service: str, own: Context, another: Context) -> tuple[Row, ...]:
    """Return what a service does with the key for us, and what it is asked to do for others."""
    return (
        allowed(service, DECRYPT, "key", own),
        not_allowed("a grant of the key", service, GRANT, "key", own),
        *(
            row
            for name, value in another.items()
            for row in (
                not_allowed("the key by a service that serves another", service, DECRYPT, "key", own, {name: value}),
                not_allowed(
                    "the key by a service that does not say for whom", service, DECRYPT, "key", own, {name: None}
                ),
            )
        ),
        not_allowed("the key by what only a service can say", "nobody", DECRYPT, "key", own),
        not_allowed("the key by another service", "s3.amazonaws.com", DECRYPT, "key", own),
    )


CLOUDTRAIL, TRAIL_CONTEXT = "cloudtrail.amazonaws.com", "kms:EncryptionContext:aws:cloudtrail:arn"
TRAIL_ARN = f"arn:aws:cloudtrail:{HERE}:trail/TestOrdersC225794E532EAABD"
SOURCE: Context = {"aws:SourceArn": TRAIL_ARN}
TRAIL: Context = {**SOURCE, TRAIL_CONTEXT: TRAIL_ARN}
BY_CLOUDTRAIL = (
    allowed(CLOUDTRAIL, DATA_KEY, "key", TRAIL),
    allowed(CLOUDTRAIL, DESCRIBE, "key", SOURCE),
    not_allowed("log files in clear", CLOUDTRAIL, DECRYPT, "key", TRAIL),
    not_allowed("the key for a bucket", CLOUDTRAIL, DATA_KEY, "key", TRAIL, {TRAIL_CONTEXT: "arn:aws:s3:::bucket"}),
    not_allowed("the key for no trail", CLOUDTRAIL, DATA_KEY, "key", TRAIL, {TRAIL_CONTEXT: None}),
    *(
        not_allowed("the key for another trail", CLOUDTRAIL, action, "key", context, {"aws:SourceArn": source})
        for action, context in ((DATA_KEY, TRAIL), (DESCRIBE, SOURCE))
        for source in (f"arn:aws:cloudtrail:{HERE}:trail/another", None)
    ),
    *(
        not_allowed("the key by what only CloudTrail can say", who, action, "key", context)
        for who in ("nobody", "s3.amazonaws.com")
        for action, context in ((DATA_KEY, TRAIL), (DESCRIBE, SOURCE))
    ),
)

MAC, VERIFY = "kms:GenerateMac", "kms:VerifyMac"
DIGEST = (
    allowed("OrdersAuditRole", MAC, "digest key", IN_CODE),
    allowed("OrdersAuditRole", MAC, "digest key", IN_ALIAS),
    allowed("administrator", "kms:DescribeKey", "digest key"),
    allowed("administrator", PUT_POLICY, "digest key"),
    not_allowed("digests to compare item keys with", "administrator", MAC, "digest key"),
    # Tests no guess of an item key: the secret of key digests is a MAC that nobody else has.
    allowed("administrator", VERIFY, "digest key"),
    not_allowed("whether a MAC is right", "foreign administrator", VERIFY, "digest key"),
    not_allowed("whether a MAC is right", "nobody", VERIFY, "digest key"),
    not_allowed("whether a MAC is right", "Reader", VERIFY, "digest key"),
    not_allowed("digests of item keys", "Reader", MAC, "digest key"),
    not_allowed("digests of item keys", "nobody", MAC, "digest key"),
    not_allowed("digests of item keys", "foreign administrator", MAC, "digest key"),
    not_allowed("the digest key's policy", "nobody", PUT_POLICY, "digest key"),
    not_allowed("the digest key's policy", "foreign administrator", PUT_POLICY, "digest key"),
    not_allowed("the digest key's end", "OrdersAuditRole", "kms:ScheduleKeyDeletion", "digest key"),
    not_allowed("more of the digest key than it needs", "OrdersAuditRole", VERIFY, "digest key"),
)

ROWS = (
    *USE,
    *ADMINISTRATION,
    *(row for service, own, another in SERVICES for row in used_by_service(service, own, another)),
    *BY_CLOUDTRAIL,
    *DIGEST,
)
