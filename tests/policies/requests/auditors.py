"""Auditors, who read the audit trail and no items (AUD-5): configuration `audited`."""

from __future__ import annotations

from secure_ddb.access.actions import COPY_OF_ALL_ITEMS, DATA_PLANE, STREAM_POLICY
from tests.policies.requests.key_use import ACCOUNT, DECRYPT, TABLE, THROUGH_DYNAMODB, THROUGH_S3
from tests.policies.requests.keys import DATA_KEY, MAC, PUT_POLICY, VERIFY
from tests.policies.requests.row import Context, Row, allowed, denied, not_allowed, through_service
from tests.policies.requests.services import GET_OBJECT, MAKE_LOG_STREAM, PUT_OBJECT, WRITE_LOG

READ_LOG_STREAM = "logs:GetLogEvents"
READ_LOG_GROUP = ("logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetQueryResults", "logs:StartQuery")
LIST_BUCKET = ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketVersions")
READ_OBJECT = (GET_OBJECT, "s3:GetObjectVersion")
PUBLIC_KEYS = "cloudtrail:ListPublicKeys"
OF_ORDERS: Context = {TABLE: "TestOrdersC225794E532EAABD", ACCOUNT: "111122223333"}
# As `../resolve.py` names the buckets.
ARCHIVE, FAILURES, TRAIL, SHARED_ARCHIVE, SHARED_FAILURES = (
    f"arn:aws:s3:::test-{name}"
    for name in (
        "ordersauditarchivebucket9d79de44-265409fbe8df",
        "ordersauditfailurebucket1c758b07-91e2fce15d8d",
        "orderstrailbucket50c60b3e-aaaaa486892e",
        "sharedauditarchivebucketd2d71099-910fff849580",
        "sharedauditfailurebucketb3a7a76a-73b8bb98ca74",
    )
)
LOG_FILE = f"{TRAIL}/AWSLogs/111122223333/file"


def encrypted(arn: str) -> Context:
    """Return what KMS sees when S3 decrypts an object: the bucket's ARN with a bucket key, or else the object's."""
    return {**THROUGH_S3, "kms:EncryptionContext:aws:s3:arn": arn}


def reads_trail(who: str, log: str, failures: str, archive: str, digest_key: str) -> tuple[Row, ...]:
    """Return what an auditor reads, and what an auditor may not do with it."""
    bucket = f"object in the {archive}"
    return (
        *(allowed(who, action, f"group of {log}") for action in READ_LOG_GROUP),
        allowed(who, READ_LOG_STREAM, log),
        *(allowed(who, action, name) for action in LIST_BUCKET for name in (failures, archive)),
        *(allowed(who, action, bucket) for action in READ_OBJECT),
        allowed(who, VERIFY, digest_key),
        not_allowed("digests of guessed item keys", who, MAC, digest_key),
        *(not_allowed("forged lines", who, action, log) for action in (MAKE_LOG_STREAM, WRITE_LOG)),
        *(
            not_allowed("a log with gaps", who, action, f"group of {log}")
            for action in ("logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:DeleteSubscriptionFilter")
        ),
        *(
            not_allowed("another log", who, action, on)
            for action, on in (
                *((each, "another log group") for each in READ_LOG_GROUP),
                (READ_LOG_STREAM, "another log"),
            )
        ),
        *(
            not_allowed("failed changes with all values", who, action, f"file in the {failures}")
            for action in READ_OBJECT
        ),
        denied("forged failures", who, PUT_OBJECT, f"file in the {failures}"),
        *(not_allowed("what another bucket has", who, action, "another bucket") for action in LIST_BUCKET),
        *(not_allowed("objects of another bucket", who, action, "object in another bucket") for action in READ_OBJECT),
        *(
            not_allowed("another policy of the bucket", who, action, archive)
            for action in ("s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutLifecycleConfiguration")
        ),
        not_allowed("tags of objects", who, "s3:PutObjectTagging", bucket),
        not_allowed("MACs under another key", who, VERIFY, "another key"),
        not_allowed("the policy of the digest key", who, PUT_POLICY, digest_key),
    )


def without_items(who: str, table: str, key: str) -> tuple[Row, ...]:
    """Return how an auditor does not get at items."""
    return (
        *(not_allowed("items or a copy of them", who, action, table) for action in (*DATA_PLANE, *COPY_OF_ALL_ITEMS)),
        not_allowed("items without DynamoDB", who, DECRYPT, key),
        *(
            not_allowed("items, also of who may read the table", who, DECRYPT, key, context)
            for context in (THROUGH_DYNAMODB, {**THROUGH_DYNAMODB, **OF_ORDERS})
        ),
        not_allowed("the key's policy", who, PUT_POLICY, key),
        not_allowed("a grant of the key", who, "kms:CreateGrant", key, THROUGH_S3),
    )


def decrypts(who: str, key: str, contexts: tuple[str, ...], failures: str) -> tuple[Row, ...]:
    """Return what an auditor uses a key for, and what for not."""
    return (
        *(allowed(who, DECRYPT, key, encrypted(arn)) for arn in contexts),
        *(
            not_allowed(attack, who, DECRYPT, key, encrypted(arn))
            for attack, arn in (
                ("failed changes with all values, also of who may read the bucket", failures),
                ("an export of the table", "arn:aws:s3:::exports"),
                ("objects of a bucket whose name begins alike", f"{contexts[0]}-exports"),
            )
        ),
        not_allowed("what S3 encrypted for no bucket", who, DECRYPT, key, THROUGH_S3),
        not_allowed(
            "objects without S3, with a key whose own policy allows it",
            who,
            DECRYPT,
            f"{key} with the default policy",
            encrypted(contexts[0]),
            {"kms:ViaService": None},
        ),
        not_allowed(
            "objects through another service", who, DECRYPT, key, encrypted(contexts[0]), through_service("dynamodb")
        ),
        not_allowed("forged objects", who, DATA_KEY, key, encrypted(contexts[0])),
        not_allowed("objects under another key", who, DECRYPT, "another key", encrypted(contexts[0])),
    )


ROWS: tuple[Row, ...] = (
    *reads_trail("Auditor", "audit log", "failure bucket", "archive bucket", "digest key"),
    *without_items("Auditor", "table", "key"),
    *(not_allowed("changes with all values", "Auditor", action, "stream") for action in STREAM_POLICY),
    *decrypts("Auditor", "key", (ARCHIVE, LOG_FILE), FAILURES),
    # The table's own trail.
    *(allowed("Auditor", action, "trail bucket") for action in LIST_BUCKET),
    *(allowed("Auditor", action, "log file in the trail bucket") for action in READ_OBJECT),
    allowed("Auditor", PUBLIC_KEYS, "*"),
    *(
        not_allowed(
            "a trail that records nothing", "Auditor", action, "arn:aws:cloudtrail:eu-central-1:111122223333:trail/t"
        )
        for action in ("cloudtrail:StopLogging", "cloudtrail:DeleteTrail")
    ),
    # Those of other tables.
    *(
        not_allowed("the audit trail of another table", "Auditor", action, on)
        for action, on in (
            ("logs:FilterLogEvents", "group of audit log of Invoices"),
            ("s3:ListBucket", "failure bucket of Invoices"),
            (VERIFY, "digest key of Invoices"),
        )
    ),
    not_allowed("objects of another table's key", "Auditor", DECRYPT, "key of Invoices", encrypted(ARCHIVE)),
    # A table without archive and trail.
    *(allowed("LogAuditor", action, "group of audit log of Invoices") for action in READ_LOG_GROUP),
    allowed("LogAuditor", READ_LOG_STREAM, "audit log of Invoices"),
    *(allowed("LogAuditor", action, "failure bucket of Invoices") for action in LIST_BUCKET),
    allowed("LogAuditor", VERIFY, "digest key of Invoices"),
    *(
        not_allowed("failed changes with all values", "LogAuditor", action, "file in the failure bucket of Invoices")
        for action in READ_OBJECT
    ),
    *(
        not_allowed("anything with the key", "LogAuditor", DECRYPT, "key of Invoices", context)
        for context in ({}, THROUGH_DYNAMODB, encrypted(ARCHIVE))
    ),
    not_allowed("the policy of the digest key", "LogAuditor", PUT_POLICY, "digest key of Invoices"),
    not_allowed("another table's MACs", "LogAuditor", VERIFY, "digest key"),
    not_allowed("digests of guessed item keys", "LogAuditor", MAC, "digest key of Invoices"),
    *(not_allowed("another table's log", "LogAuditor", each, "group of audit log") for each in READ_LOG_GROUP),
    *(not_allowed("another table's bucket", "LogAuditor", each, "failure bucket") for each in LIST_BUCKET),
    not_allowed("forged lines", "LogAuditor", WRITE_LOG, "audit log of Invoices"),
    not_allowed(
        "a bucket that takes others' objects", "LogAuditor", "s3:PutBucketPolicy", "failure bucket of Invoices"
    ),
    # Shared by tables.
    *reads_trail(
        "PlatformAuditor",
        "shared audit log",
        "shared failure bucket",
        "shared archive bucket",
        "shared digest key",
    ),
    *decrypts("PlatformAuditor", "shared key", (SHARED_ARCHIVE,), SHARED_FAILURES),
    *without_items("PlatformAuditor", "table Carts", "key of Carts"),
    not_allowed("the archive of a table of its own", "PlatformAuditor", GET_OBJECT, "object in the archive bucket"),
)
