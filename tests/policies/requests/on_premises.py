"""What passes interface endpoints (NET-6): configuration `on_premises`.

Orders has a perimeter, and is reached from an interface endpoint for items, and from another one for its stream.
"""

from __future__ import annotations

from secure_ddb.access.actions import CONTROL_PLANE, COPY_OF_ALL_ITEMS, DATA_PLANE, STREAM_POLICY
from tests.policies.requests.endpoints import OPEN
from tests.policies.requests.perimeter import INTERNET
from tests.policies.requests.row import PLAIN, Context, allowed, denied, not_allowed

ITEMS, STREAMS, GATEWAY = "OnPremisesDataPlane", "OnPremisesStreams", "EndpointsDataPlane"
GET, PUT, QUERY, RECORDS = (f"dynamodb:{name}" for name in ("GetItem", "PutItem", "Query", "GetRecords"))
NO_ACCOUNT: Context = {"aws:PrincipalAccount": None}

ROWS = (
    *(allowed("administrator", action, "table", through=ITEMS) for action in DATA_PLANE),
    allowed("administrator", QUERY, "index by-status", through=ITEMS),
    allowed("administrator", GET, "table", through=GATEWAY),
    allowed("Reader", GET, "table", through=ITEMS),
    *(allowed("administrator", action, "stream", through=STREAMS) for action in STREAM_POLICY),
    not_allowed("more than the grant, from the office", "Reader", PUT, "table", through=ITEMS),
    *(
        not_allowed("management from the office", "administrator", action, "table", through=ITEMS)
        for action in CONTROL_PLANE
    ),
    *(
        not_allowed("a copy of all items", "administrator", action, "table", through=ITEMS)
        for action in COPY_OF_ALL_ITEMS
    ),
    not_allowed("another table's items", "administrator", GET, "another table", through=ITEMS),
    not_allowed("another table's items", "administrator", GET, "another table", through=STREAMS),
    not_allowed("the stream's policy", "administrator", "dynamodb:PutResourcePolicy", "stream", through=STREAMS),
    not_allowed("another table's changes", "administrator", RECORDS, "another stream", through=STREAMS),
    denied("changes by the endpoint for items", "administrator", RECORDS, "stream", through=ITEMS),
    denied("changes by the gateway endpoint", "administrator", RECORDS, "stream", through=GATEWAY),
    denied("items by the endpoint for streams", "administrator", GET, "table", through=STREAMS),
    denied("items with stolen keys, from the internet", "administrator", GET, "table", INTERNET),
    denied("changes with stolen keys, from the internet", "administrator", RECORDS, "stream", INTERNET),
    *(
        not_allowed(attack, who, action, on, context, through=endpoint)
        for endpoint, action, on in ((ITEMS, GET, OPEN), (STREAMS, RECORDS, "stream that is open"))
        for attack, who, context in (
            ("a way out of the company, with keys of another account", "foreign administrator", {}),
            ("a request that says no account", "administrator", NO_ACCOUNT),
        )
    ),
    denied("items without TLS, from the office", "administrator", GET, "table", PLAIN, through=ITEMS),
    denied("changes without TLS, from the office", "administrator", RECORDS, "stream", PLAIN, through=STREAMS),
)
