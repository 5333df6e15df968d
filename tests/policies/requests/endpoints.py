"""What passes gateway endpoints (NET-1 to NET-3): configurations `everything` and `deployments.separate_lanes`."""

from __future__ import annotations

from secure_ddb.access.actions import CONTROL_PLANE, COPY_OF_ALL_ITEMS, DATA_PLANE, SEARCH_VECTORS
from tests.policies.requests.row import MFA, PLAIN, Context, allowed, denied, not_allowed

DATA, CONTROL = "EndpointsDataPlane", "EndpointsControlPlane"
WEB, BATCH = "EndpointsDataPlaneweb", "EndpointsDataPlanebatch"
GET, PUT, QUERY, DELETE_TABLE, UPDATE_TABLE = (
    f"dynamodb:{name}" for name in ("GetItem", "PutItem", "Query", "DeleteTable", "UpdateTable")
)
# "table that is open": somebody let the world in by the table's policy, and only the endpoint is left.
OPEN = "table that is open"
NO_ACCOUNT: Context = {"aws:PrincipalAccount": None}

ONE_LANE = (
    *(allowed("administrator", action, "table", through=DATA) for action in DATA_PLANE),
    *(allowed("administrator", action, "table", through=CONTROL) for action in CONTROL_PLANE),
    allowed("administrator", QUERY, "index by-status", through=DATA),
    *(
        not_allowed("management from the application subnets", "administrator", action, "table", through=DATA)
        for action in CONTROL_PLANE
    ),
    *(
        not_allowed("items from the operations subnets", "administrator", action, "table", through=CONTROL)
        for action in DATA_PLANE
    ),
    *(
        not_allowed("a copy of all items", "administrator", action, "table", through=endpoint)
        for action in COPY_OF_ALL_ITEMS
        for endpoint in (DATA, CONTROL)
    ),
    *(
        not_allowed("a search, which no condition on keys limits", "administrator", action, on, through=DATA)
        for action in SEARCH_VECTORS
        for on in ("table", "index by-status")
    ),
    not_allowed("another table's items", "administrator", GET, "another table", through=DATA),
    not_allowed("another table's end", "administrator", DELETE_TABLE, "another table", through=CONTROL),
    *(
        not_allowed(attack, who, action, OPEN, context, through=endpoint)
        for endpoint, action in ((DATA, GET), (CONTROL, DELETE_TABLE))
        for attack, who, context in (
            ("a way out of the company, with keys of another account", "foreign administrator", {}),
            ("a request that says no account", "administrator", NO_ACCOUNT),
        )
    ),
    not_allowed("more than the grant, from the right network", "Reader", PUT, "table", through=DATA),
    allowed("Reader", GET, "table", through=DATA),
    denied("items without TLS, from the right network", "Reader", GET, "table", PLAIN, through=DATA),
)

MEMBER: Context = {"aws:PrincipalOrgID": "o-abcde12345"}
OUTSIDER: Context = {"aws:PrincipalOrgID": "o-zzzzz99999"}
# Orders has the lane `web`, Invoices the lane `batch`; roles are named for the tier that they work in.
LANES = (
    allowed("Web", GET, "table", MEMBER, through=WEB),
    allowed("Web", PUT, "table", MEMBER, through=WEB),
    allowed("Batch", GET, "table Invoices", MEMBER, through=BATCH),
    allowed("administrator", GET, "table", MEMBER, through=WEB),
    allowed("administrator", QUERY, "index by-status", MEMBER, through=WEB),
    allowed("administrator", GET, "table Invoices", MEMBER, through=BATCH),
    allowed("administrator", UPDATE_TABLE, "table", MEMBER, through=CONTROL),
    allowed("administrator", UPDATE_TABLE, "table Invoices", MEMBER, through=CONTROL),
    allowed("Operator", UPDATE_TABLE, "table", MEMBER, MFA, through=CONTROL),
    not_allowed("the other tier's table", "Web", GET, "table Invoices", MEMBER, through=WEB),
    not_allowed("the other tier's table by its lane", "Web", GET, "table Invoices", MEMBER, through=BATCH),
    not_allowed("the own table by the other tier's lane", "Web", GET, "table", MEMBER, through=BATCH),
    not_allowed("the other tier's table", "administrator", GET, "table Invoices", MEMBER, through=WEB),
    not_allowed("the other tier's table", "administrator", GET, "table", MEMBER, through=BATCH),
    not_allowed("the other tier's index", "administrator", QUERY, "index by-status", MEMBER, through=BATCH),
    not_allowed("items from the operations subnets", "Web", GET, "table", MEMBER, through=CONTROL),
    *(
        not_allowed("management from a tier's subnets", "administrator", action, table, MEMBER, through=lane)
        for lane, table in ((WEB, "table"), (BATCH, "table Invoices"))
        for action in (UPDATE_TABLE, DELETE_TABLE, "dynamodb:PutResourcePolicy", *COPY_OF_ALL_ITEMS)
    ),
    not_allowed("management from a tier's subnets", "Operator", UPDATE_TABLE, "table", MEMBER, MFA, through=WEB),
    denied(
        "management without MFA, from the right network", "Operator", UPDATE_TABLE, "table", MEMBER, through=CONTROL
    ),
    denied("items without TLS, by the right lane", "Web", GET, "table", MEMBER, PLAIN, through=WEB),
    not_allowed("a table that is not registered", "administrator", GET, "another table", MEMBER, through=WEB),
    not_allowed("a table that is not registered", "administrator", GET, "another table", MEMBER, through=BATCH),
    not_allowed(
        "a table that is not registered", "administrator", DELETE_TABLE, "another table", MEMBER, through=CONTROL
    ),
    *(
        row
        for endpoint, action, table in (
            (WEB, GET, "table"),
            (BATCH, GET, "table Invoices"),
            (CONTROL, UPDATE_TABLE, "table"),
        )
        for row in (
            not_allowed(
                "a principal of another organization", "administrator", action, table, OUTSIDER, through=endpoint
            ),
            not_allowed("a principal without an organization", "administrator", action, table, through=endpoint),
        )
    ),
    # The grants of a table are for its own account, so a sister account's role needs more than the way in.
    allowed("foreign administrator", GET, OPEN, MEMBER, through=WEB),
    not_allowed(
        "a sister account's role that nobody let in", "foreign administrator", GET, "table", MEMBER, through=WEB
    ),
    not_allowed(
        "another company's role at a table that is open", "foreign administrator", GET, OPEN, OUTSIDER, through=WEB
    ),
    # Web has a permissions boundary: even full access would not let it change the table.
    denied("what the boundary keeps", "Web with full access", DELETE_TABLE, "table", MEMBER, through=CONTROL),
    denied("what the boundary keeps", "Web with full access", "kms:PutKeyPolicy", "key"),
    allowed("Web with full access", "dynamodb:DescribeTable", "table", MEMBER, through=CONTROL),
)
