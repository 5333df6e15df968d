"""Roles that use a table of another app: configuration `imported_table`, which has only their policies.

The table, `payments`, has an index `by-status`; its key leaves everything to the roles' policies.
"""

from __future__ import annotations

from secure_ddb.access.actions import READ_BY_KEY, READ_DATA, STREAM_POLICY, WRITE_DATA
from tests.policies.requests.key_use import ACCOUNT, DECRYPT, DESCRIBE, TABLE, THROUGH_DYNAMODB, THROUGH_S3, WRITING
from tests.policies.requests.row import Context, allowed, keys, not_allowed

PAYMENTS: Context = {TABLE: "payments", ACCOUNT: "111122223333"}
ITEMS_OF, INDEX, KEY, STREAM = "another table", "index of another table", "another key", "another stream"
ALICE: Context = {"aws:PrincipalTag/tenant": "alice"}
GET, QUERY, SCAN, PUT = (f"dynamodb:{name}" for name in ("GetItem", "Query", "Scan", "PutItem"))
THIRD, THIRD_INDEX = (f"arn:aws:dynamodb:eu-central-1:111122223333:table/{name}" for name in ("carts", "carts/index/a"))
THIRD_STREAM = f"{THIRD}/stream/2026-01-01T00:00:00.000"
THIRD_KEY = "arn:aws:kms:eu-central-1:111122223333:key/11111111-1111-4111-8111-111111111111 with the default policy"

ITEMS = (
    *(allowed("Reader", action, ITEMS_OF) for action in READ_DATA),
    *(allowed("Reader", action, INDEX) for action in (QUERY, SCAN)),
    *(allowed("Writer", action, ITEMS_OF) for action in WRITE_DATA),
    *(allowed("Tenant", action, ITEMS_OF, ALICE, keys("alice")) for action in READ_BY_KEY),
    *(not_allowed("a write by a reader", "Reader", action, ITEMS_OF) for action in WRITE_DATA),
    not_allowed("a write by a tenant that reads", "Tenant", PUT, ITEMS_OF, ALICE, keys("alice")),
    *(not_allowed("a read by a writer", "Writer", action, ITEMS_OF) for action in READ_DATA),
    *(not_allowed("another tenant's items", "Tenant", action, ITEMS_OF, ALICE, keys("bob")) for action in READ_BY_KEY),
    not_allowed("some items of another tenant", "Tenant", GET, ITEMS_OF, ALICE, keys("alice", "bob")),
    not_allowed("items without a tag", "Tenant", GET, ITEMS_OF, keys("alice")),
    not_allowed("items, by naming no key", "Tenant", GET, ITEMS_OF, ALICE),
    *(not_allowed("everybody's items", "Tenant", SCAN, on, ALICE) for on in (ITEMS_OF, INDEX)),
    not_allowed("an index by another key", "Tenant", QUERY, INDEX, ALICE, keys("alice")),
    *(
        not_allowed("a third table's items", who, action, on, ALICE, keys("alice"))
        for who, action in (("Reader", QUERY), ("Writer", PUT), ("Tenant", QUERY))
        for on in (THIRD, THIRD_INDEX)
    ),
    *(
        not_allowed("the table's settings", who, "dynamodb:UpdateTable", ITEMS_OF, ALICE)
        for who in ("Reader", "Writer", "Tenant")
    ),
)

USE: dict[str, tuple[str, ...]] = {"Reader": (DECRYPT,), "Writer": (DECRYPT, *WRITING), "Tenant": (DECRYPT,)}
KEYS = (
    *(allowed(who, action, KEY, THROUGH_DYNAMODB, PAYMENTS) for who, actions in USE.items() for action in actions),
    *(allowed(who, DESCRIBE, KEY, THROUGH_DYNAMODB) for who in USE),
    *(
        not_allowed("a write by a reader", who, action, KEY, THROUGH_DYNAMODB, PAYMENTS)
        for who in ("Reader", "Tenant")
        for action in WRITING
    ),
    *(
        not_allowed(f"what is encrypted {how}", who, DECRYPT, KEY, PAYMENTS, context)
        for who in USE
        for how, context in (
            ("without a service", {}),
            ("through S3", THROUGH_S3),
            ("for another table", {**THROUGH_DYNAMODB, TABLE: "carts"}),
            ("for no table", {**THROUGH_DYNAMODB, TABLE: None}),
            ("for another account's table", {**THROUGH_DYNAMODB, ACCOUNT: "444455556666"}),
            ("for no account's table", {**THROUGH_DYNAMODB, ACCOUNT: None}),
        )
    ),
    *(not_allowed("a look at the key", who, DESCRIBE, KEY, *context) for who in USE for context in ((), (THROUGH_S3,))),
    *(
        not_allowed("a third table's key", who, action, THIRD_KEY, THROUGH_DYNAMODB, context)
        for who in (*USE, "Indexer")
        for action, context in ((DECRYPT, PAYMENTS), (DESCRIBE, {}))
    ),
    *(
        not_allowed("grants of the key", who, "kms:CreateGrant", KEY, THROUGH_DYNAMODB, PAYMENTS)
        for who in (*USE, "Indexer")
    ),
)

STREAMS = (
    *(allowed("Indexer", action, STREAM) for action in STREAM_POLICY),
    allowed("Indexer", DECRYPT, KEY, THROUGH_DYNAMODB),
    *(not_allowed("a third table's changes", "Indexer", action, THIRD_STREAM) for action in STREAM_POLICY),
    *(not_allowed("the changes", who, action, STREAM) for who in USE for action in STREAM_POLICY),
    not_allowed("the stream's policy", "Indexer", "dynamodb:PutResourcePolicy", STREAM),
    *(not_allowed("what is encrypted", "Indexer", DECRYPT, KEY, *context) for context in ((), (THROUGH_S3,))),
    not_allowed("new items", "Indexer", "kms:GenerateDataKey", KEY, THROUGH_DYNAMODB),
    not_allowed("items", "Indexer", GET, ITEMS_OF),
)

ROWS = (*ITEMS, *KEYS, *STREAMS)
