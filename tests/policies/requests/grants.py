"""Items through grants (IAM-1 to IAM-3): configuration `narrow_grants`, whose roles are named for what they may do."""

from __future__ import annotations

from secure_ddb.access.actions import COPY_OF_ALL_ITEMS, PARTIQL, READ_DATA, SEARCH_VECTORS, WRITE_DATA
from tests.policies.requests.row import (
    PLAIN,
    Context,
    Row,
    allowed,
    attributes,
    denied,
    keys,
    not_allowed,
    returning,
    select,
)

GET, BATCH_GET, QUERY, SCAN = (f"dynamodb:{name}" for name in ("GetItem", "BatchGetItem", "Query", "Scan"))
PUT, UPDATE, DELETE = (f"dynamodb:{name}" for name in ("PutItem", "UpdateItem", "DeleteItem"))
BATCH_WRITE, CHECK, SELECT = (f"dynamodb:{name}" for name in ("BatchWriteItem", "ConditionCheckItem", "PartiQLSelect"))
SPECIFIC, ALL = select("SPECIFIC_ATTRIBUTES"), select("ALL_ATTRIBUTES")
ALICE: Context = {"aws:PrincipalTag/customer": "alice"}
ALICE_ON_THE_WEB: Context = {"www.amazon.com:user_id": "alice"}
IN_TRANSACTION: Context = {"dynamodb:EnclosingOperation": "TransactWriteItems"}
READ_IN_TRANSACTION: Context = {"dynamodb:EnclosingOperation": "TransactGetItems"}


def unlimited(reader: str, writer: str) -> tuple[Row, ...]:
    """Return what roles do that may read, and that may write, every item; both roles can be the same one."""
    rows = [
        *(allowed(reader, action, "table") for action in READ_DATA),
        *(allowed(reader, action, "index by-status") for action in (QUERY, SCAN)),
        *(allowed(writer, action, "table") for action in WRITE_DATA),
        *(allowed(writer, action, "table", IN_TRANSACTION) for action in (PUT, UPDATE, DELETE)),
        not_allowed("a statement that can be a scan", reader, SELECT, "table"),
        *(
            not_allowed("a search, which no condition on keys limits", role, action, "index by-status")
            for action in SEARCH_VECTORS
            for role in dict.fromkeys((reader, writer))
        ),
        not_allowed("a statement that writes", writer, "dynamodb:PartiQLUpdate", "table"),
        not_allowed("another table's items", reader, GET, "another table"),
        not_allowed("another table's items", writer, PUT, "another table"),
        not_allowed("an index that the grant does not name", reader, QUERY, "index by-guess"),
        not_allowed("a write that names an index", writer, UPDATE, "index by-status"),
        not_allowed("the table's settings", reader, "dynamodb:DescribeTable", "table"),
        not_allowed("the table's end", writer, "dynamodb:DeleteTable", "table"),
        not_allowed("a policy that lets others in", writer, "dynamodb:PutResourcePolicy", "table"),
        not_allowed("a copy of all items", reader, COPY_OF_ALL_ITEMS[0], "table"),
        not_allowed("the stream of changes", reader, "dynamodb:GetRecords", "stream"),
        denied("items on a wire that can be tapped", reader, GET, "table", PLAIN),
        denied("a write on a wire that can be changed", writer, PUT, "table", PLAIN),
    ]
    if reader != writer:
        rows += [not_allowed("a write by a reader", reader, action, "table") for action in WRITE_DATA]
        rows += [not_allowed("a read by a writer", writer, action, "table") for action in READ_DATA]
    return tuple(rows)


STATUS = attributes("customer", "order", "status")


def reads_status(role: str) -> tuple[Row, ...]:
    """Return what a role does that may read the attribute `status` of every item."""
    return (
        allowed(role, GET, "table", STATUS, SPECIFIC),
        allowed(role, GET, "table", STATUS, SPECIFIC, READ_IN_TRANSACTION),
        allowed(role, BATCH_GET, "table", attributes("status"), SPECIFIC),
        allowed(role, QUERY, "table", STATUS, SPECIFIC),
        allowed(role, QUERY, "index by-status", STATUS, SPECIFIC),
        allowed(role, GET, "table", STATUS, remark="AWS says that it always sends Select; see docs/not-proven.md"),
        not_allowed("whole items, by naming no attributes", role, GET, "table", SPECIFIC),
        not_allowed("whole items, by naming no attributes", role, GET, "table"),
        not_allowed("whole items", role, GET, "table", STATUS, ALL),
        not_allowed("whole items of a query", role, QUERY, "table", STATUS, ALL),
        not_allowed("what the index holds", role, QUERY, "index by-status", STATUS, select("ALL_PROJECTED_ATTRIBUTES")),
        not_allowed("how many items there are", role, QUERY, "table", STATUS, select("COUNT")),
        not_allowed("one attribute more", role, GET, "table", attributes("status", "total"), SPECIFIC),
        not_allowed("one attribute more", role, BATCH_GET, "table", attributes("status", "total"), SPECIFIC),
        not_allowed("another attribute", role, GET, "table", attributes("total"), SPECIFIC),
        not_allowed("an index by another attribute", role, QUERY, "index by-total", STATUS, SPECIFIC),
        not_allowed("an index by another attribute", role, QUERY, "index by-shipped", STATUS, SPECIFIC),
        not_allowed("everybody's items in one call", role, SCAN, "table", STATUS, SPECIFIC),
        not_allowed("everybody's items by a statement", role, SELECT, "table", STATUS, SPECIFIC),
        not_allowed("the item, from a check that fails", role, CHECK, "table", STATUS),
        not_allowed("another table's items", role, GET, "another table", STATUS, SPECIFIC),
        denied("items on a wire that can be tapped", role, GET, "table", STATUS, SPECIFIC, PLAIN),
    )


def writes_status(role: str) -> tuple[Row, ...]:
    """Return what a role does that may update the attribute `status` of every item."""
    return (
        *(allowed(role, UPDATE, "table", STATUS, returning(what)) for what in ("NONE", "UPDATED_OLD", "UPDATED_NEW")),
        allowed(role, UPDATE, "table", STATUS),
        allowed(role, UPDATE, "table", STATUS, IN_TRANSACTION),
        not_allowed("the item as it was", role, UPDATE, "table", STATUS, returning("ALL_OLD")),
        not_allowed("the item as it is", role, UPDATE, "table", STATUS, returning("ALL_NEW")),
        not_allowed("one attribute more", role, UPDATE, "table", attributes("status", "total"), returning("NONE")),
        not_allowed("another attribute", role, UPDATE, "table", attributes("total"), returning("NONE")),
        not_allowed("any attribute, by naming none", role, UPDATE, "table", returning("NONE")),
        not_allowed("an item replaced as a whole", role, PUT, "table", STATUS, returning("NONE")),
        not_allowed("an item removed", role, DELETE, "table", STATUS, returning("NONE")),
        not_allowed("items replaced in a batch", role, BATCH_WRITE, "table", STATUS),
        not_allowed("a write by a statement", role, "dynamodb:PartiQLUpdate", "table", STATUS),
        not_allowed("another table's items", role, UPDATE, "another table", STATUS, returning("NONE")),
    )


def reads_by_key(role: str, session: Context, own: str) -> tuple[Row, ...]:
    """Return what a role does that may read whole items of one partition key."""
    return (
        *(allowed(role, action, "table", session, keys(own)) for action in (GET, BATCH_GET, CHECK, QUERY)),
        *(allowed(role, QUERY, f"index {index}", session, keys(own)) for index in ("by-shipped", "by-total")),
        allowed(role, GET, "table", session, keys(own), ALL),
        allowed(role, GET, "table", session, keys(own), READ_IN_TRANSACTION),
        *(
            not_allowed("another tenant's items", role, action, "table", session, keys("mallory"))
            for action in (GET, BATCH_GET, CHECK, QUERY)
        ),
        not_allowed(
            "another tenant's item in a batch with an own one", role, BATCH_GET, "table", session, keys(own, "mallory")
        ),
        not_allowed(
            "a part of a transaction on another's item",
            role,
            GET,
            "table",
            session,
            keys("mallory"),
            READ_IN_TRANSACTION,
        ),
        *(
            not_allowed("another tenant's items by an index", role, QUERY, f"index {index}", session, keys("mallory"))
            for index in ("by-shipped", "by-total")
        ),
        not_allowed(
            "items of a status that is called like the tenant", role, QUERY, "index by-status", session, keys(own)
        ),
        not_allowed("any item, by naming no key: ForAllValues is true then", role, GET, "table", session),
        not_allowed("everybody's items in one call", role, SCAN, "table", session),
        *(not_allowed("items by a statement", role, action, "table", session, keys(own)) for action in PARTIQL),
        not_allowed("another table's items", role, GET, "another table", session, keys(own)),
        not_allowed("keys in other letters", role, GET, "table", session, keys(own.upper())),
        not_allowed("keys that begin alike", role, GET, "table", session, keys(f"{own}-2")),
        denied("items on a wire that can be tapped", role, GET, "table", session, keys(own), PLAIN),
    )


def writes_by_key(role: str, session: Context, own: str) -> tuple[Row, ...]:
    """Return what a role does that may write whole items of one partition key."""
    return (
        *(allowed(role, action, "table", session, keys(own)) for action in WRITE_DATA),
        allowed(role, PUT, "table", session, keys(own), IN_TRANSACTION),
        allowed(
            role,
            DELETE,
            "table",
            session,
            keys(own),
            returning("ALL_OLD"),
            remark="whoever may replace an item can read it so; only a limit to attributes prevents that",
        ),
        *(
            not_allowed("another tenant's items", role, action, "table", session, keys("mallory"))
            for action in WRITE_DATA
        ),
        not_allowed(
            "another tenant's item in a batch with an own one",
            role,
            BATCH_WRITE,
            "table",
            session,
            keys(own, "mallory"),
        ),
        not_allowed(
            "a part of a transaction on another's item", role, PUT, "table", session, keys("mallory"), IN_TRANSACTION
        ),
        not_allowed("any item, by naming no key: ForAllValues is true then", role, PUT, "table", session),
        not_allowed("a write by a statement", role, "dynamodb:PartiQLInsert", "table", session, keys(own)),
        not_allowed("another table's items", role, PUT, "another table", session, keys(own)),
    )


TOTAL = attributes("customer", "order", "total")


def reads_total_of_tenant(role: str) -> tuple[Row, ...]:
    """Return what a role does that may read the attribute `total` of the items of its tenant."""
    return (
        allowed(role, GET, "table", ALICE, keys("alice"), TOTAL, SPECIFIC),
        allowed(role, BATCH_GET, "table", ALICE, keys("alice"), TOTAL, SPECIFIC),
        allowed(role, QUERY, "index by-total", ALICE, keys("alice"), TOTAL, SPECIFIC),
        allowed(
            role,
            GET,
            "table",
            ALICE,
            keys("alice"),
            TOTAL,
            remark="AWS says that it always sends Select; see docs/not-proven.md",
        ),
        not_allowed("another tenant's item", role, GET, "table", ALICE, keys("bob"), TOTAL, SPECIFIC),
        not_allowed(
            "a foreign item in a batch", role, BATCH_GET, "table", ALICE, keys("alice", "bob"), TOTAL, SPECIFIC
        ),
        not_allowed("another attribute", role, GET, "table", ALICE, keys("alice"), attributes("status"), SPECIFIC),
        not_allowed(
            "one attribute more", role, GET, "table", ALICE, keys("alice"), attributes("total", "status"), SPECIFIC
        ),
        not_allowed(
            "another's item and attribute", role, GET, "table", ALICE, keys("bob"), attributes("status"), SPECIFIC
        ),
        not_allowed("any item, by naming no key", role, GET, "table", ALICE, TOTAL, SPECIFIC),
        not_allowed("whole items, by naming no attributes", role, GET, "table", ALICE, keys("alice"), SPECIFIC),
        not_allowed("everything, by naming nothing", role, GET, "table", ALICE, SPECIFIC),
        not_allowed("whole items", role, QUERY, "table", ALICE, keys("alice"), TOTAL, ALL),
        not_allowed("a session without the tag", role, GET, "table", keys("alice"), TOTAL, SPECIFIC),
        not_allowed(
            "an index by another attribute", role, QUERY, "index by-shipped", ALICE, keys("alice"), TOTAL, SPECIFIC
        ),
        not_allowed("an index by another key", role, QUERY, "index by-status", ALICE, keys("alice"), TOTAL, SPECIFIC),
        not_allowed("everybody's items in one call", role, SCAN, "table", ALICE, TOTAL, SPECIFIC),
        not_allowed("the item, from a check that fails", role, CHECK, "table", ALICE, keys("alice"), TOTAL),
        not_allowed("another table's items", role, GET, "another table", ALICE, keys("alice"), TOTAL, SPECIFIC),
    )


def writes_total_of_tenant(role: str) -> tuple[Row, ...]:
    """Return what a role does that may update the attribute `total` of the items of its tenant."""
    none = returning("NONE")
    return (
        allowed(role, UPDATE, "table", ALICE, keys("alice"), TOTAL, none),
        allowed(role, UPDATE, "table", ALICE, keys("alice"), TOTAL),
        not_allowed("another tenant's item", role, UPDATE, "table", ALICE, keys("bob"), TOTAL, none),
        not_allowed(
            "another's item beside an own one", role, UPDATE, "table", ALICE, keys("alice", "bob"), TOTAL, none
        ),
        not_allowed("another attribute", role, UPDATE, "table", ALICE, keys("alice"), attributes("status"), none),
        not_allowed(
            "one attribute more", role, UPDATE, "table", ALICE, keys("alice"), attributes("total", "status"), none
        ),
        not_allowed(
            "another's item and attribute", role, UPDATE, "table", ALICE, keys("bob"), attributes("status"), none
        ),
        not_allowed("any item, by naming no key", role, UPDATE, "table", ALICE, TOTAL, none),
        not_allowed("any attribute, by naming none", role, UPDATE, "table", ALICE, keys("alice"), none),
        not_allowed("everything, by naming nothing", role, UPDATE, "table", ALICE, none),
        not_allowed("the item as it was", role, UPDATE, "table", ALICE, keys("alice"), TOTAL, returning("ALL_OLD")),
        not_allowed("a session without the tag", role, UPDATE, "table", keys("alice"), TOTAL, none),
        not_allowed("an item replaced as a whole", role, PUT, "table", ALICE, keys("alice"), TOTAL, none),
        not_allowed("an item removed", role, DELETE, "table", ALICE, keys("alice"), TOTAL, none),
        not_allowed("another table's items", role, UPDATE, "another table", ALICE, keys("alice"), TOTAL, none),
    )


WITH_OPEN: Context = {"aws:PrincipalTag/status": "open"}
OF_STATUS = attributes("customer", "order", "status", "total")


def queries_by_status(role: str, wanted: tuple[Context, ...]) -> tuple[Row, ...]:
    """Return what a role does that may query the index `by-status` for the status of its session."""
    own = (WITH_OPEN, keys("open"), *wanted)
    return (
        allowed(role, QUERY, "index by-status", *own),
        not_allowed("items of another status", role, QUERY, "index by-status", WITH_OPEN, keys("shipped"), *wanted),
        not_allowed(
            "items of another status beside its own",
            role,
            QUERY,
            "index by-status",
            WITH_OPEN,
            keys("open", "shipped"),
            *wanted,
        ),
        not_allowed("items of any status, by naming none", role, QUERY, "index by-status", WITH_OPEN, *wanted),
        not_allowed("a session without the tag", role, QUERY, "index by-status", keys("open"), *wanted),
        not_allowed("all of the index in one call", role, SCAN, "index by-status", WITH_OPEN, *wanted),
        not_allowed("the index by a statement", role, SELECT, "index by-status", *own),
        not_allowed("items of a customer who is called like the status", role, QUERY, "table", *own),
        not_allowed("an item of a customer who is called like the status", role, GET, "table", *own),
        *(not_allowed("another index", role, QUERY, f"index {name}", *own) for name in ("by-shipped", "by-total")),
        not_allowed("another table's index", role, QUERY, "index of another table", *own),
        not_allowed("a write", role, PUT, "table", WITH_OPEN, keys("open")),
        denied("items on a wire that can be tapped", role, QUERY, "index by-status", *own, PLAIN),
    )


OPEN_ORDERS = (
    *queries_by_status("OpenOrdersReader", (ALL,)),
    *queries_by_status("OpenOrdersTotalReader", (OF_STATUS, SPECIFIC)),
    *(
        not_allowed(attack, "OpenOrdersTotalReader", QUERY, "index by-status", WITH_OPEN, keys("open"), *wanted)
        for attack, wanted in (
            ("one attribute more", (attributes("total", "shipped"), SPECIFIC)),
            ("whole items, by naming no attributes", (SPECIFIC,)),
            ("whole items", (OF_STATUS, ALL)),
        )
    ),
)


# What a tag or claim can be made to say, or not say.
SESSIONS = (
    not_allowed("a session without the tag", "TenantReader", GET, "table", keys("alice")),
    not_allowed("the name of the variable", "TenantReader", GET, "table", keys("${aws:PrincipalTag/customer}")),
    not_allowed(
        "all tenants by a tag *", "TenantReader", GET, "table", {"aws:PrincipalTag/customer": "*"}, keys("alice")
    ),
    not_allowed(
        "a tag of another name", "TenantReader", GET, "table", {"aws:PrincipalTag/client": "alice"}, keys("alice")
    ),
    not_allowed("a user that did not sign in by the web", "UserWriter", PUT, "table", keys("alice")),
    not_allowed(
        "a claim of another provider", "UserWriter", PUT, "table", {"graph.facebook.com:id": "alice"}, keys("alice")
    ),
    allowed("NamedEditor", BATCH_GET, "table", keys("alice", "bob")),
    allowed("NamedEditor", BATCH_WRITE, "table", keys("alice", "bob")),
    not_allowed("a name that is not on the list", "NamedEditor", BATCH_WRITE, "table", keys("alice", "bob", "carol")),
)

ROWS = (
    *unlimited("AllReader", "AllWriter"),
    *(row for role in ("StatusReader", "StatusEditor") for row in reads_status(role)),
    *(row for role in ("StatusWriter", "StatusEditor") for row in writes_status(role)),
    not_allowed("a write by a reader", "StatusReader", UPDATE, "table", STATUS, returning("NONE")),
    not_allowed("a read by a writer", "StatusWriter", GET, "table", STATUS, SPECIFIC),
    *reads_by_key("TenantReader", ALICE, "alice"),
    *reads_by_key("NamedEditor", {}, "alice"),
    *writes_by_key("UserWriter", ALICE_ON_THE_WEB, "alice"),
    *writes_by_key("NamedEditor", {}, "bob"),
    not_allowed("a write by a reader", "TenantReader", PUT, "table", ALICE, keys("alice")),
    not_allowed("a read by a writer", "UserWriter", GET, "table", ALICE_ON_THE_WEB, keys("alice")),
    *(row for role in ("TenantTotalReader", "TenantTotalEditor") for row in reads_total_of_tenant(role)),
    *(row for role in ("TenantTotalWriter", "TenantTotalEditor") for row in writes_total_of_tenant(role)),
    *OPEN_ORDERS,
    *SESSIONS,
)
