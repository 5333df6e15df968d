"""The table's policy, and what works for the table: buckets, topic and roles of configuration `everything`."""

from __future__ import annotations

from secure_ddb.access.actions import STREAM_POLICY, TABLE_POLICY
from tests.policies.requests.key_use import (
    DECRYPT,
    DESCRIBE,
    IN_ALIAS,
    IN_CODE,
    IN_OTHER_CODE,
    IN_SIMILAR_CODE,
    OPEN_KEY,
    THROUGH_DYNAMODB,
    THROUGH_S3,
)
from tests.policies.requests.keys import (
    ALARM,
    BACKUP,
    CLOUDTRAIL,
    CLOUDWATCH,
    DATA_KEY,
    EC2,
    EVENTS,
    FIREHOSE,
    FOR_ANYBODY,
    FOR_SERVICE,
    GRANT,
    MAC,
    SOURCE,
)
from tests.policies.requests.row import PLAIN, Context, Row, allowed, denied, not_allowed

GET_OBJECT, PUT_OBJECT, LIST = "s3:GetObject", "s3:PutObject", "s3:ListBucket"
TABLE = (
    *(denied("a wire that can be tapped", "administrator", action, "table", PLAIN) for action in TABLE_POLICY),
    *(
        denied("changes on a wire that can be tapped", "administrator", action, "stream", PLAIN)
        for action in STREAM_POLICY
    ),
    denied("changes on a wire that can be tapped", "OrdersAuditRole", "dynamodb:GetRecords", "stream", PLAIN),
    allowed("administrator", "dynamodb:GetRecords", "stream", remark="outside of every endpoint; see perimeter"),
    not_allowed("changes without a grant", "nobody", "dynamodb:GetRecords", "stream"),
    not_allowed("changes from another account", "foreign administrator", "dynamodb:GetRecords", "stream"),
    not_allowed("items without a grant", "nobody", "dynamodb:GetItem", "table"),
    not_allowed("items from another account", "foreign administrator", "dynamodb:GetItem", "table"),
    not_allowed("items without a signature", "unsigned", "dynamodb:GetItem", "table"),
    allowed("administrator", "dynamodb:GetItem", "table", remark="full access outside of the endpoints; see perimeter"),
)


REPLICATE = ("s3:ReplicateObject", "s3:ReplicateObjectAnnotation", "s3:ReplicateDelete", "s3:ReplicateTags")
# What Object Lock does not keep anybody from: delete markers, other locks, and leave to bypass the lock.
HIDE_OR_UNLOCK = ("s3:DeleteObject", "s3:PutObjectRetention", "s3:PutObjectLegalHold", "s3:BypassGovernanceRetention")


def kept(file: str, *writers: str) -> tuple[Row, ...]:
    """Return what happens to a file that stays as it was written, whoever asks."""
    return (
        *(denied("a false record by replication", "administrator", action, file) for action in REPLICATE),
        *(
            denied("a record that is hidden, or locked otherwise", who, action, file)
            for action in HIDE_OR_UNLOCK
            for who in ("administrator", "root user with full access", "break-glass", *writers)
        ),
        allowed(
            "administrator",
            "s3:DeleteObjectVersion",
            file,
            remark="removes delete markers; while the lock lasts, S3 refuses it for the record itself",
        ),
    )


def bucket(name: str, writer: str, reads: tuple[str, ...], reader: Context | None = None) -> tuple[Row, ...]:
    """Return what happens to a bucket that only one role may write into, and to its files.

    Args:
        name: The bucket.
        writer: The role.
        reads: What the role may do with the bucket itself.
        reader: What a request of the role says that reads a file.
    """
    file = f"file in the {name}"
    return (
        allowed(writer, GET_OBJECT, file, reader or {}),
        allowed(writer, PUT_OBJECT, file),
        *(allowed(writer, action, name) for action in reads),
        not_allowed("another bucket's files", writer, GET_OBJECT, "object in another bucket", reader or {}),
        not_allowed("another bucket's files", writer, PUT_OBJECT, "object in another bucket"),
        *(not_allowed("a look into another bucket", writer, action, "another bucket") for action in reads),
        *kept(file, writer),
        not_allowed("a record's end", writer, "s3:DeleteObjectVersion", file),
        allowed("administrator", "s3:PutBucketPolicy", name, remark="denied by the guardrails; this is how to repair"),
        not_allowed("the bucket's end", writer, "s3:DeleteBucket", name),
        not_allowed("the bucket's policy", writer, "s3:PutBucketPolicy", name),
        denied("records on a wire that can be tapped", writer, PUT_OBJECT, file, PLAIN),
        denied("a list on a wire that can be tapped", writer, LIST, name, PLAIN),
        allowed("administrator", GET_OBJECT, file),
        denied("a false record", "administrator", PUT_OBJECT, file),
        denied("a false record", "Writer", PUT_OBJECT, file),
        not_allowed("records", "nobody", GET_OBJECT, file),
        *(not_allowed("a list of records", "nobody", action, name) for action in reads),
        not_allowed("records from another account", "foreign administrator", GET_OBJECT, file),
        not_allowed("records without a signature", "unsigned", GET_OBJECT, file),
    )


ACL: Context = {"s3:x-amz-acl": "bucket-owner-full-control"}
OTHER_TRAIL: Context = {"aws:SourceArn": "arn:aws:cloudtrail:eu-central-1:111122223333:trail/another"}
LOG_FILE, CHECK_ACL = "log file in the trail bucket", "s3:GetBucketAcl"
TRAIL_BUCKET = (
    allowed(CLOUDTRAIL, CHECK_ACL, "trail bucket", SOURCE),
    allowed(CLOUDTRAIL, PUT_OBJECT, LOG_FILE, SOURCE, ACL),
    not_allowed(
        "files outside of this account's folder", CLOUDTRAIL, PUT_OBJECT, "file in the trail bucket", SOURCE, ACL
    ),
    not_allowed(
        "files that the bucket's owner cannot read",
        CLOUDTRAIL,
        PUT_OBJECT,
        LOG_FILE,
        SOURCE,
        {"s3:x-amz-acl": "private"},
    ),
    not_allowed("files that nobody is named the owner of", CLOUDTRAIL, PUT_OBJECT, LOG_FILE, SOURCE),
    not_allowed("log files back", CLOUDTRAIL, GET_OBJECT, LOG_FILE, SOURCE),
    *kept(LOG_FILE),
    denied("a hidden log file", CLOUDTRAIL, "s3:DeleteObject", LOG_FILE, SOURCE),
    not_allowed("a log file's end", CLOUDTRAIL, "s3:DeleteObjectVersion", LOG_FILE, SOURCE),
    not_allowed("a log file for others", CLOUDTRAIL, "s3:PutObjectAcl", LOG_FILE, SOURCE, ACL),
    not_allowed("the bucket's policy", CLOUDTRAIL, "s3:PutBucketPolicy", "trail bucket", SOURCE),
    not_allowed("a look for another trail", CLOUDTRAIL, CHECK_ACL, "trail bucket", OTHER_TRAIL),
    not_allowed("a look for no trail", CLOUDTRAIL, CHECK_ACL, "trail bucket"),
    denied("another trail's log files", CLOUDTRAIL, PUT_OBJECT, LOG_FILE, OTHER_TRAIL, ACL),
    denied("log files of no trail", CLOUDTRAIL, PUT_OBJECT, LOG_FILE, ACL),
    denied("a false log file", "administrator", PUT_OBJECT, LOG_FILE, ACL),
    denied("a log file on a wire that can be tapped", CLOUDTRAIL, PUT_OBJECT, LOG_FILE, SOURCE, ACL, PLAIN),
    denied("a look on a wire that can be tapped", CLOUDTRAIL, CHECK_ACL, "trail bucket", SOURCE, PLAIN),
    allowed("administrator", GET_OBJECT, LOG_FILE),
    not_allowed("log files", "nobody", GET_OBJECT, LOG_FILE),
    not_allowed("what only CloudTrail may see", "nobody", CHECK_ACL, "trail bucket", SOURCE),
    not_allowed("what only CloudTrail may see", "foreign administrator", CHECK_ACL, "trail bucket", SOURCE),
    not_allowed("what only CloudTrail may write", "logs.amazonaws.com", PUT_OBJECT, LOG_FILE, SOURCE, ACL),
    not_allowed("what only CloudTrail may see", "logs.amazonaws.com", CHECK_ACL, "trail bucket", SOURCE),
)

PUBLISH = "sns:Publish"
OTHER_ALARM: Context = {"aws:SourceArn": "arn:aws:cloudwatch:eu-central-1:444455556666:alarm:errors"}
TOPIC = (
    allowed(CLOUDWATCH, PUBLISH, "topic", ALARM),
    allowed(EVENTS, PUBLISH, "topic"),
    allowed(
        EVENTS,
        PUBLISH,
        "topic",
        {"aws:SourceAccount": "444455556666"},
        remark="a false alarm by another account's rule: EventBridge supports no conditions in a topic's policy",
    ),
    allowed("administrator", PUBLISH, "topic"),
    not_allowed("an alarm of another account", CLOUDWATCH, PUBLISH, "topic", ALARM, OTHER_ALARM),
    not_allowed(
        "an alarm of another account", CLOUDWATCH, PUBLISH, "topic", ALARM, {"aws:SourceAccount": "444455556666"}
    ),
    *(
        not_allowed("an alarm of nobody's", CLOUDWATCH, PUBLISH, "topic", ALARM, {key: None})
        for key in ("aws:SourceArn", "aws:SourceAccount")
    ),
    not_allowed("false alarms", "nobody", PUBLISH, "topic", ALARM),
    not_allowed("false alarms", "foreign administrator", PUBLISH, "topic", ALARM),
    not_allowed("false alarms", "s3.amazonaws.com", PUBLISH, "topic", ALARM),
    not_allowed("the list of subscribers", CLOUDWATCH, "sns:ListSubscriptionsByTopic", "topic", ALARM),
    not_allowed("the list of subscribers", EVENTS, "sns:ListSubscriptionsByTopic", "topic"),
    denied("an alarm on a wire that can be tapped", CLOUDWATCH, PUBLISH, "topic", ALARM, PLAIN),
    denied("an event on a wire that can be tapped", EVENTS, PUBLISH, "topic", PLAIN),
)


def key_of_service_role(role: str, through: tuple[Context, ...], *, grants: bool = False) -> tuple[Row, ...]:
    """Return how a role uses the table's key: through some services only, whatever the key's own policy says."""
    uses: list[tuple[str, Context]] = [(action, {}) for action in (DECRYPT, DATA_KEY)]
    uses += [(GRANT, FOR_SERVICE)] if grants else []
    return (
        *(allowed(role, action, OPEN_KEY, context, service) for action, context in uses for service in through),
        *(not_allowed("the key for another service", role, action, OPEN_KEY, context, EC2) for action, context in uses),
        *(not_allowed("the key for no service", role, action, OPEN_KEY, context) for action, context in uses),
        *(not_allowed("another key", role, action, "another key", context, through[0]) for action, context in uses),
        not_allowed("the key's end", role, "kms:ScheduleKeyDeletion", OPEN_KEY, through[0]),
    )


END_BACKUPS, OTHER_BACKUP = ("dynamodb:DescribeBackup", "dynamodb:DeleteBackup"), "backup of another table"
STREAM_RECORDS, MAKE_LOG_STREAM, WRITE_LOG = "dynamodb:GetRecords", "logs:CreateLogStream", "logs:PutLogEvents"
ROLES = (
    *(allowed("OrdersAuditRole", action, "stream") for action in STREAM_POLICY),
    not_allowed("another stream", "OrdersAuditRole", STREAM_RECORDS, "another stream"),
    not_allowed("items", "OrdersAuditRole", "dynamodb:GetItem", "table"),
    not_allowed("what the stream's policy says", "OrdersAuditRole", "dynamodb:PutResourcePolicy", "stream"),
    *(
        allowed("OrdersAuditRole", action, "audit log", code)
        for action in (MAKE_LOG_STREAM, WRITE_LOG)
        for code in (IN_CODE, IN_ALIAS)
    ),
    not_allowed("another log", "OrdersAuditRole", WRITE_LOG, "another log", IN_CODE),
    # The role in the hands of others: code in the audit function, another function that was given the role, and its
    # credentials outside of any function.
    *(
        denied("records that code reads by itself", "OrdersAuditRole", action, "stream", code)
        for action in STREAM_POLICY
        for code in (IN_CODE, IN_OTHER_CODE)
    ),
    *(
        denied("a forged failure", "OrdersAuditRole", PUT_OBJECT, "file in the failure bucket", code)
        for code in (IN_CODE, IN_OTHER_CODE)
    ),
    *(
        denied(attack, "OrdersAuditRole", action, on, code)
        for attack, action, on in (
            ("forged lines", MAKE_LOG_STREAM, "audit log"),
            ("forged lines", WRITE_LOG, "audit log"),
            ("failed changes with all values", GET_OBJECT, "file in the failure bucket"),
            ("digests of item keys", MAC, "digest key"),
        )
        for code in (IN_OTHER_CODE, IN_SIMILAR_CODE, {})
    ),
    not_allowed("what was logged", "OrdersAuditRole", "logs:DeleteLogStream", "audit log"),
    *key_of_service_role("OrdersAuditRole", (THROUGH_DYNAMODB, THROUGH_S3)),
    *(allowed("OrdersBackupRole", f"dynamodb:{name}", "table") for name in ("CreateBackup", "StartAwsBackupJob")),
    not_allowed("items", "OrdersBackupRole", "dynamodb:Scan", "table"),
    not_allowed("the table's end", "OrdersBackupRole", "dynamodb:DeleteTable", "table"),
    not_allowed("another table's backup", "OrdersBackupRole", "dynamodb:CreateBackup", "another table"),
    *(allowed("OrdersBackupRole", action, "backup") for action in END_BACKUPS),
    *(not_allowed("another table's backups", "OrdersBackupRole", action, OTHER_BACKUP) for action in END_BACKUPS),
    not_allowed("all items, in a new table", "OrdersBackupRole", "dynamodb:RestoreTableFromBackup", "backup"),
    allowed("OrdersBackupRole", "backup:TagResource", "any recovery point"),
    not_allowed("tags elsewhere", "OrdersBackupRole", "backup:TagResource", "another Region's recovery point"),
    not_allowed("a recovery point's end", "OrdersBackupRole", "backup:DeleteRecoveryPoint", "any recovery point"),
    allowed("OrdersBackupRole", DESCRIBE, OPEN_KEY),
    not_allowed("a look at another key", "OrdersBackupRole", DESCRIBE, "another key"),
    *key_of_service_role("OrdersBackupRole", (THROUGH_DYNAMODB, BACKUP), grants=True),
    allowed("OrdersBackupRole", DESCRIBE, OPEN_KEY, BACKUP),
    not_allowed("a grant that lasts, for whom it likes", "OrdersBackupRole", GRANT, OPEN_KEY, BACKUP, FOR_ANYBODY),
    not_allowed("a grant that does not say for whom", "OrdersBackupRole", GRANT, OPEN_KEY, BACKUP),
    allowed("OrdersAuditArchiveRole", WRITE_LOG, "error log"),
    not_allowed("the audit log", "OrdersAuditArchiveRole", WRITE_LOG, "audit log"),
    not_allowed("what was logged", "OrdersAuditArchiveRole", "logs:DeleteLogStream", "error log"),
    not_allowed("items", "OrdersAuditArchiveRole", "dynamodb:GetItem", "table"),
    *key_of_service_role("OrdersAuditArchiveRole", (THROUGH_S3,)),
    *(
        allowed("OrdersAuditArchiveSubscriptionRole", f"firehose:Put{name}", "delivery stream")
        for name in ("Record", "RecordBatch")
    ),
    not_allowed(
        "the archive's end", "OrdersAuditArchiveSubscriptionRole", "firehose:DeleteDeliveryStream", "delivery stream"
    ),
    not_allowed(
        "another archive", "OrdersAuditArchiveSubscriptionRole", "firehose:PutRecord", "another delivery stream"
    ),
    *key_of_service_role("OrdersAuditArchiveSubscriptionRole", (FIREHOSE,)),
)

POINT = "recovery point"
VAULT = (
    denied("a recovery point's end", "administrator", "backup:DeleteRecoveryPoint", POINT),
    denied("a recovery point that ends sooner", "administrator", "backup:UpdateRecoveryPointLifecycle", POINT),
    denied("a recovery point's end", "root user with full access", "backup:DeleteRecoveryPoint", POINT),
    denied("a recovery point's end", "break-glass", "backup:DeleteRecoveryPoint", POINT),
    allowed("administrator", "backup:StartRestoreJob", POINT, remark="denied by the guardrails, not by the vault"),
    not_allowed("a copy of all items", "nobody", "backup:StartRestoreJob", POINT),
    not_allowed("a copy of all items", "foreign administrator", "backup:StartCopyJob", POINT),
)

ASSUME = "sts:AssumeRole"
EXTERNAL_ID: Context = {"sts:ExternalId": "111122223333"}
LOG: Context = {"aws:SourceArn": "arn:aws:logs:eu-central-1:111122223333:log-group:audit"}
# Role, the service that it is for, and what that has to bring along.
TRUST: tuple[tuple[str, str, Context], ...] = (
    ("OrdersAuditRole", "lambda.amazonaws.com", {}),
    ("OrdersBackupRole", "backup.amazonaws.com", {}),
    ("OrdersAuditArchiveRole", "firehose.amazonaws.com", EXTERNAL_ID),
    ("OrdersAuditArchiveSubscriptionRole", "logs.amazonaws.com", LOG),
)
TRUSTED = (
    *(allowed(service, ASSUME, role, context) for role, service, context in TRUST),
    *(
        not_allowed("what the role may", who, ASSUME, role, context)
        for role, _, context in TRUST
        for who in ("administrator", "foreign administrator", "nobody", "ec2.amazonaws.com")
    ),
    *(
        not_allowed(
            "tags that grants go by", service, "sts:TagSession", role, {} if context is EXTERNAL_ID else context
        )
        for role, service, context in TRUST
    ),
    not_allowed(
        "deliveries for another account",
        "firehose.amazonaws.com",
        ASSUME,
        "OrdersAuditArchiveRole",
        {"sts:ExternalId": "444455556666"},
    ),
    not_allowed("deliveries for nobody", "firehose.amazonaws.com", ASSUME, "OrdersAuditArchiveRole"),
    not_allowed(
        "another account's log in the archive",
        "logs.amazonaws.com",
        ASSUME,
        "OrdersAuditArchiveSubscriptionRole",
        {"aws:SourceArn": "arn:aws:logs:eu-central-1:444455556666:log-group:audit"},
    ),
    not_allowed("nobody's log in the archive", "logs.amazonaws.com", ASSUME, "OrdersAuditArchiveSubscriptionRole"),
)

ROWS = (
    *TABLE,
    *bucket("failure bucket", "OrdersAuditRole", (LIST,), reader=IN_CODE),
    *bucket(
        "archive bucket", "OrdersAuditArchiveRole", (LIST, "s3:GetBucketLocation", "s3:ListBucketMultipartUploads")
    ),
    *TRAIL_BUCKET,
    *TOPIC,
    *VAULT,
    *TRUSTED,
    *ROLES,
)
