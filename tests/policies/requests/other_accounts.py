"""Roles of another account: configuration `cross_account`. Of their own account's policies only what they can be.

`reports` may read and `team/orders` may write; in their account both may do everything.
"""

from __future__ import annotations

from secure_ddb.access.actions import CONTROL_PLANE, COPY_OF_ALL_ITEMS, PARTIQL, READ_DATA, STREAM_POLICY, WRITE_DATA
from tests.policies.requests.key_use import ACCOUNT, DECRYPT, DESCRIBE, TABLE, THROUGH_DYNAMODB, THROUGH_S3, WRITING
from tests.policies.requests.keys import FOR_SERVICE
from tests.policies.requests.row import PLAIN, Context, allowed, denied, not_allowed

READER, WRITER, STRANGER = "reports", "orders of another account", "foreign administrator"
MEMBER: Context = {"aws:PrincipalOrgID": "o-abcde12345"}
OUTSIDER: Context = {"aws:PrincipalOrgID": "o-zzzzz99999"}
ORDERS: Context = {TABLE: "orders", ACCOUNT: "111122223333"}
GET, PUT, QUERY, SCAN = (f"dynamodb:{name}" for name in ("GetItem", "PutItem", "Query", "Scan"))
INDEX = "index by-status"

ITEMS = (
    *(allowed(READER, action, "table", MEMBER) for action in READ_DATA),
    *(allowed(READER, action, INDEX, MEMBER) for action in (QUERY, SCAN)),
    *(allowed(WRITER, action, "table", MEMBER) for action in WRITE_DATA),
    *(
        not_allowed(f"items by a role that left the organization, {how}", who, action, "table", context)
        for who, action in ((READER, GET), (WRITER, PUT))
        for how, context in (("for none", {}), ("for another", OUTSIDER))
    ),
    *(not_allowed("another role's items", STRANGER, action, "table", MEMBER) for action in (*READ_DATA, *WRITE_DATA)),
    not_allowed("another role's items", STRANGER, QUERY, INDEX, MEMBER),
    not_allowed("items without a policy of its own account", "powerless reports", GET, "table", MEMBER),
    *(not_allowed("a write by a reader", READER, action, "table", MEMBER) for action in WRITE_DATA),
    *(not_allowed("a read by a writer", WRITER, action, "table", MEMBER) for action in READ_DATA),
    *(not_allowed("an index that nobody named", who, QUERY, "index by-guess", MEMBER) for who in (READER, WRITER)),
    not_allowed("what a write names no index for", WRITER, PUT, INDEX, MEMBER),
    *(
        not_allowed("more than items", who, action, "table", MEMBER)
        for who in (READER, WRITER)
        for action in (*PARTIQL, *CONTROL_PLANE, *COPY_OF_ALL_ITEMS)
    ),
    *(
        not_allowed("the changes", who, action, "stream", MEMBER)
        for who in (READER, WRITER)
        for action in STREAM_POLICY
    ),
    *(
        denied("items on a wire that can be tapped", who, action, "table", MEMBER, PLAIN)
        for who, action in ((READER, GET), (WRITER, PUT))
    ),
    not_allowed("items without a permission, in the table's account", "nobody", GET, "table", MEMBER),
)

KEY = (
    allowed(READER, DECRYPT, "key", THROUGH_DYNAMODB, ORDERS, MEMBER),
    *(allowed(WRITER, action, "key", THROUGH_DYNAMODB, ORDERS, MEMBER) for action in (DECRYPT, *WRITING)),
    *(allowed(who, DESCRIBE, "key", THROUGH_DYNAMODB, MEMBER) for who in (READER, WRITER)),
    *(
        not_allowed("a write by a reader", READER, action, "key", THROUGH_DYNAMODB, ORDERS, MEMBER)
        for action in WRITING
    ),
    *(
        not_allowed("another role's items", STRANGER, action, "key", THROUGH_DYNAMODB, ORDERS, MEMBER)
        for action in (DECRYPT, *WRITING)
    ),
    not_allowed("another role's look at the key", STRANGER, DESCRIBE, "key", THROUGH_DYNAMODB, MEMBER),
    *(
        not_allowed(f"the key {how}", who, DECRYPT, "key", ORDERS, MEMBER, context)
        for who in (READER, WRITER)
        for how, context in (
            ("without a service", {}),
            ("through S3", THROUGH_S3),
            ("outside of the organization", {**THROUGH_DYNAMODB, "aws:PrincipalOrgID": None}),
            ("in another organization", {**THROUGH_DYNAMODB, **OUTSIDER}),
            ("for another table", {**THROUGH_DYNAMODB, TABLE: "payments"}),
            ("for no table", {**THROUGH_DYNAMODB, TABLE: None}),
            ("for another account's table", {**THROUGH_DYNAMODB, ACCOUNT: "444455556666"}),
            ("for no account's table", {**THROUGH_DYNAMODB, ACCOUNT: None}),
        )
    ),
    *(
        not_allowed(f"a look at the key {how}", READER, DESCRIBE, "key", context)
        for how, context in (
            ("without a service", MEMBER),
            ("through S3", {**THROUGH_S3, **MEMBER}),
            ("outside of the organization", THROUGH_DYNAMODB),
            ("in another organization", {**THROUGH_DYNAMODB, **OUTSIDER}),
        )
    ),
    *(
        not_allowed("the key for longer", who, "kms:CreateGrant", "key", THROUGH_DYNAMODB, MEMBER, context)
        for who in (READER, WRITER)
        for context in (FOR_SERVICE, {**FOR_SERVICE, **ORDERS})
    ),
    *(
        not_allowed("the key's policy", who, "kms:PutKeyPolicy", "key", *context)
        for who in (READER, WRITER, STRANGER)
        for context in ((MEMBER,), (MEMBER, THROUGH_DYNAMODB))
    ),
)

ROWS = (*ITEMS, *KEY)
