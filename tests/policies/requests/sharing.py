"""The role of an audit function that tables share: configuration `sharing_tables`, in which a third table does not."""

from __future__ import annotations

from secure_ddb.access.actions import STREAM_POLICY
from tests.policies.requests.key_use import DECRYPT, SOURCE_FUNCTION, THROUGH_DYNAMODB, THROUGH_S3
from tests.policies.requests.keys import DATA_KEY, EC2, MAC
from tests.policies.requests.row import PLAIN, Context, Row, allowed, denied, not_allowed
from tests.policies.requests.services import GET_OBJECT, MAKE_LOG_STREAM, PUT_OBJECT, STREAM_RECORDS, WRITE_LOG

ROLE = "SharedAuditRole"
IN_CODE: Context = {SOURCE_FUNCTION: "SharedAuditFunction"}
IN_OTHER_CODE: Context = {SOURCE_FUNCTION: "arn:aws:lambda:eu-central-1:111122223333:function:payments"}

ROWS: tuple[Row, ...] = (
    # Both tables, and each by its own key.
    *(allowed(ROLE, action, stream) for action in STREAM_POLICY for stream in ("stream", "stream of Invoices")),
    *(allowed(ROLE, DECRYPT, key, THROUGH_DYNAMODB) for key in ("key", "key of Invoices")),
    *(
        not_allowed("changes of a table that does not share", ROLE, action, "stream of Alone")
        for action in STREAM_POLICY
    ),
    not_allowed("changes of a table that does not share", ROLE, DECRYPT, "key of Alone", THROUGH_DYNAMODB),
    not_allowed("what the stream's policy says", ROLE, "dynamodb:PutResourcePolicy", "stream of Invoices"),
    not_allowed("another stream", ROLE, STREAM_RECORDS, "another stream"),
    *(not_allowed("items", ROLE, "dynamodb:GetItem", table) for table in ("table", "table Invoices")),
    # A table's key serves for nothing else.
    *(
        not_allowed("the key for another service", ROLE, DECRYPT, key, through)
        for key in ("key", "key of Invoices")
        for through in (THROUGH_S3, EC2)
    ),
    *(not_allowed("the key for no service", ROLE, DECRYPT, key) for key in ("key", "key of Invoices")),
    not_allowed("new items with the table's key", ROLE, DATA_KEY, "key", THROUGH_DYNAMODB),
    denied("changes on a wire that can be tapped", ROLE, STREAM_RECORDS, "stream of Invoices", PLAIN),
    # What only Lambda's poller does with the role, and what only the function does.
    *(
        denied("records that code reads by itself", ROLE, action, "stream of Invoices", code)
        for action in STREAM_POLICY
        for code in (IN_CODE, IN_OTHER_CODE)
    ),
    *(allowed(ROLE, action, "shared audit log", IN_CODE) for action in (MAKE_LOG_STREAM, WRITE_LOG)),
    allowed(ROLE, MAC, "shared digest key", IN_CODE),
    allowed(ROLE, PUT_OBJECT, "file in the shared failure bucket"),
    allowed(ROLE, GET_OBJECT, "file in the shared failure bucket", IN_CODE),
    *(
        denied(attack, ROLE, action, on, code)
        for attack, action, on in (
            ("forged lines", WRITE_LOG, "shared audit log"),
            ("failed changes with all values", GET_OBJECT, "file in the shared failure bucket"),
            ("digests of item keys", MAC, "shared digest key"),
        )
        for code in (IN_OTHER_CODE, {})
    ),
    # A table that shares nothing has a role of its own, which reads no other stream.
    allowed("AloneAuditRole", STREAM_RECORDS, "stream of Alone"),
    *(
        not_allowed("changes of other tables", "AloneAuditRole", STREAM_RECORDS, stream)
        for stream in ("stream", "stream of Invoices")
    ),
    not_allowed("changes of other tables", "AloneAuditRole", DECRYPT, "key", THROUGH_DYNAMODB),
    # Each table has a role of its own for its backups.
    allowed("OrdersBackupRole", "dynamodb:StartAwsBackupJob", "table"),
    allowed("InvoicesBackupRole", "dynamodb:StartAwsBackupJob", "table Invoices"),
    not_allowed("all items of another table", "OrdersBackupRole", "dynamodb:StartAwsBackupJob", "table Invoices"),
)
