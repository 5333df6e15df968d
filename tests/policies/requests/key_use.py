"""Use of the table's key through grants (IAM-1): the key, through DynamoDB, for this table, and nothing else."""

from __future__ import annotations

from tests.policies.requests.row import Context, Row, allowed, not_allowed, through_service

DECRYPT, ENCRYPT, DESCRIBE = "kms:Decrypt", "kms:Encrypt", "kms:DescribeKey"
WRITING = (ENCRYPT, "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")
TABLE, ACCOUNT = (f"kms:EncryptionContext:aws:dynamodb:{name}" for name in ("tableName", "subscriberId"))
THROUGH_DYNAMODB, THROUGH_S3 = through_service("dynamodb"), through_service("s3")
# The function whose code sends a request; Lambda's poller and everybody else send none.
# https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
SOURCE_FUNCTION = "lambda:SourceFunctionArn"
IN_CODE: Context = {SOURCE_FUNCTION: "OrdersAuditFunction"}
IN_ALIAS: Context = {SOURCE_FUNCTION: "OrdersAuditFunction:secure-ddb"}
IN_OTHER_CODE: Context = {SOURCE_FUNCTION: "arn:aws:lambda:eu-central-1:111122223333:function:another"}
IN_SIMILAR_CODE: Context = {SOURCE_FUNCTION: "OrdersAuditFunction-2"}
# A key that is brought along can have the policy that AWS gives keys, which leaves all to the roles' policies.
OPEN_KEY = "key with the default policy"


def uses_key(role: str, table: str, *, writes: bool) -> tuple[Row, ...]:
    """Return what a role does that was granted to read, or also to write, a table of some name."""
    this: Context = {TABLE: table, ACCOUNT: "111122223333"}
    return (
        allowed(role, DECRYPT, "key", THROUGH_DYNAMODB, this),
        allowed(role, DESCRIBE, "key", THROUGH_DYNAMODB),
        not_allowed("another table's items", role, DECRYPT, "key", THROUGH_DYNAMODB, this, {TABLE: "payments"}),
        not_allowed("items of no table", role, DECRYPT, "key", THROUGH_DYNAMODB, this, {TABLE: None}),
        not_allowed("another account's items", role, DECRYPT, "key", THROUGH_DYNAMODB, this, {ACCOUNT: "444455556666"}),
        not_allowed("items of no account", role, DECRYPT, "key", THROUGH_DYNAMODB, this, {ACCOUNT: None}),
        not_allowed("what is encrypted for no table", role, DECRYPT, "key", THROUGH_DYNAMODB),
        not_allowed("what DynamoDB did not ask for", role, DECRYPT, "key", this),
        not_allowed("what S3 encrypted", role, DECRYPT, "key", THROUGH_S3, this),
        *(
            not_allowed(f"a key whose own policy allows it, {how}", role, action, OPEN_KEY, context)
            for action, rest in ((DECRYPT, this), (DESCRIBE, {}))
            for how, context in (("without DynamoDB", rest), ("through S3", {**THROUGH_S3, **rest}))
        ),
        not_allowed("another key", role, DECRYPT, "another key", THROUGH_DYNAMODB, this),
        not_allowed("a look at another key", role, DESCRIBE, "another key", THROUGH_DYNAMODB),
        not_allowed(
            "grants of the key",
            role,
            "kms:CreateGrant",
            "key",
            THROUGH_DYNAMODB,
            this,
            {"kms:GrantIsForAWSResource": "true"},
        ),
        not_allowed("the key's policy", role, "kms:PutKeyPolicy", "key"),
        *(
            allowed(role, action, "key", THROUGH_DYNAMODB, this)
            if writes
            else not_allowed("a write by a reader", role, action, "key", THROUGH_DYNAMODB, this)
            for action in WRITING
        ),
    )


READERS = (
    "AllReader",
    "StatusReader",
    "TenantReader",
    "TenantTotalReader",
    "OpenOrdersReader",
    "OpenOrdersTotalReader",
)
WRITERS = (
    "AllWriter",
    "StatusWriter",
    "StatusEditor",
    "UserWriter",
    "NamedEditor",
    "TenantTotalWriter",
    "TenantTotalEditor",
)
# The table of `narrow_grants` has no name of its own, so CloudFormation gets one that is made at synth.
NARROW_TABLE = "TestOrdersC225794E532EAABD"
NARROW_ROWS = (
    *(row for role in READERS for row in uses_key(role, NARROW_TABLE, writes=False)),
    *(row for role in WRITERS for row in uses_key(role, NARROW_TABLE, writes=True)),
    not_allowed("items, by who manages the table", "Operator", DECRYPT, "key", THROUGH_DYNAMODB),
)
