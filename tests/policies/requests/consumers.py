"""Readers of the stream, exports, and clients that describe a table: configuration `consumers`.

Orders is inside a perimeter, so that the policies of table and stream deny requests from elsewhere.
"""

from __future__ import annotations

from secure_ddb.access.actions import STREAM_POLICY
from tests.policies.requests.key_use import ACCOUNT, DECRYPT, DESCRIBE, TABLE, THROUGH_DYNAMODB, THROUGH_S3
from tests.policies.requests.keys import DATA_KEY
from tests.policies.requests.perimeter import EXPORT, INTERNET, OFFICE
from tests.policies.requests.row import PLAIN, Context, allowed, denied, not_allowed

ORDERS: Context = {TABLE: "orders", ACCOUNT: "111122223333"}
GET, PUT, SCAN = (f"dynamodb:{name}" for name in ("GetItem", "PutItem", "Scan"))
RECORDS = "dynamodb:GetRecords"
# A key that leaves everything to the roles' policies.
OPEN_KEY = "key with the default policy"

STREAM = (
    *(allowed("Indexer", action, "stream", remark="Lambda polls with it") for action in STREAM_POLICY),
    allowed("Indexer", DECRYPT, "key", THROUGH_DYNAMODB),
    *(denied("changes by a role that nobody let in", who, RECORDS, "stream") for who in ("Exporter", "administrator")),
    denied("changes on a wire that can be tapped", "Indexer", RECORDS, "stream", PLAIN),
    *(not_allowed("another table's changes", "Indexer", action, "another stream") for action in STREAM_POLICY),
    not_allowed("the stream's policy", "Indexer", "dynamodb:PutResourcePolicy", "stream"),
    denied("items, from where only its stream is open to it", "Indexer", GET, "table"),
    not_allowed("items", "Indexer", GET, "table", OFFICE),
    not_allowed("all items", "Indexer", SCAN, "table", OFFICE),
    not_allowed("new items", "Indexer", DATA_KEY, "key", THROUGH_DYNAMODB),
    *(
        not_allowed(f"what is encrypted with the key, {how}", "Indexer", DECRYPT, key, context)
        for how, context in (("without a service", {}), ("through S3", THROUGH_S3))
        for key in ("key", OPEN_KEY)
    ),
    not_allowed("what other keys encrypt", "Indexer", DECRYPT, "another key", THROUGH_DYNAMODB),
)

WRITES = ("s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl")
EXPORTS = (
    allowed("Exporter", EXPORT, "table", OFFICE),
    allowed("Exporter", "dynamodb:DescribeExport", "export"),
    *(allowed("Exporter", action, "exported object") for action in WRITES),
    *(allowed("Exporter", action, "export key", THROUGH_S3) for action in (DECRYPT, DATA_KEY)),
    allowed("Exporter", DECRYPT, "key", THROUGH_DYNAMODB, ORDERS),
    allowed("Exporter", DESCRIBE, "key", THROUGH_DYNAMODB),
    denied("all items with stolen keys, from the internet", "Exporter", EXPORT, "table", INTERNET),
    denied("all items on a wire that can be tapped", "Exporter", EXPORT, "table", OFFICE, PLAIN),
    not_allowed("all items of another table", "Exporter", EXPORT, "another table"),
    not_allowed("where another table's exports are", "Exporter", "dynamodb:DescribeExport", "another export"),
    not_allowed("all items in another table", "Exporter", "dynamodb:RestoreTableToPointInTime", "table", OFFICE),
    *(not_allowed("items, one by one", "Exporter", action, "table", OFFICE) for action in (GET, SCAN, PUT)),
    *(not_allowed("files beside its own", "Exporter", action, "object in the export bucket") for action in WRITES),
    *(not_allowed("files elsewhere", "Exporter", action, "object in another bucket") for action in WRITES),
    not_allowed("what others exported", "Exporter", "s3:GetObject", "exported object"),
    not_allowed("an export's end", "Exporter", "s3:DeleteObject", "exported object"),
    *(
        not_allowed(f"the bucket's key, {how}", "Exporter", action, "export key", context)
        for action in (DECRYPT, DATA_KEY)
        for how, context in (("without a service", {}), ("through DynamoDB", THROUGH_DYNAMODB))
    ),
    not_allowed("another use of the bucket's key", "Exporter", "kms:ReEncryptFrom", "export key", THROUGH_S3),
    not_allowed("what another bucket's key encrypts", "Exporter", DECRYPT, "another key", THROUGH_S3),
    not_allowed("another table's items", "Exporter", DECRYPT, OPEN_KEY, THROUGH_DYNAMODB, ORDERS, {TABLE: "payments"}),
    not_allowed("items of no table", "Exporter", DECRYPT, OPEN_KEY, THROUGH_DYNAMODB, ORDERS, {TABLE: None}),
    not_allowed("items of no account", "Exporter", DECRYPT, OPEN_KEY, THROUGH_DYNAMODB, ORDERS, {ACCOUNT: None}),
    not_allowed(
        "another account's items", "Exporter", DECRYPT, OPEN_KEY, THROUGH_DYNAMODB, ORDERS, {ACCOUNT: "444455556666"}
    ),
    not_allowed("items without DynamoDB", "Exporter", DECRYPT, OPEN_KEY, ORDERS),
    not_allowed("items through another service", "Exporter", DECRYPT, OPEN_KEY, ORDERS, THROUGH_S3),
    not_allowed("new items", "Exporter", DATA_KEY, OPEN_KEY, THROUGH_DYNAMODB, ORDERS),
    not_allowed("what another table's key encrypts", "Exporter", DECRYPT, "another key", THROUGH_DYNAMODB, ORDERS),
    not_allowed("a look at the key without DynamoDB", "Exporter", DESCRIBE, OPEN_KEY),
    not_allowed("a look at the key through another service", "Exporter", DESCRIBE, OPEN_KEY, THROUGH_S3),
    not_allowed("a look at another key", "Exporter", DESCRIBE, "another key", THROUGH_DYNAMODB),
    not_allowed("grants of the key", "Exporter", "kms:CreateGrant", OPEN_KEY, THROUGH_DYNAMODB),
    not_allowed("grants of the bucket's key", "Exporter", "kms:CreateGrant", "export key", THROUGH_S3),
)

DESCRIPTIONS = (
    allowed("Client", "dynamodb:DescribeTable", "table"),
    denied("a description on a wire that can be tapped", "Client", "dynamodb:DescribeTable", "table", PLAIN),
    not_allowed("another table's description", "Client", "dynamodb:DescribeTable", "another table"),
    *(
        not_allowed("more than the description", "Client", f"dynamodb:{name}", "table", OFFICE)
        for name in ("GetItem", "UpdateTable", "DescribeTimeToLive", "GetResourcePolicy")
    ),
    not_allowed("the key", "Client", DECRYPT, OPEN_KEY, THROUGH_DYNAMODB, ORDERS),
)

ROWS = (*STREAM, *EXPORTS, *DESCRIPTIONS)
