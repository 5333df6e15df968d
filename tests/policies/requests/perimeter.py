"""What the table's own policy keeps outside (NET-4): configuration `enforced`.

Orders is reached from one endpoint, from company networks, and by the role BreakGlass from everywhere.
"""

from __future__ import annotations

from secure_ddb.actions import CONTROL_PLANE, COPY_OF_ALL_ITEMS, DATA_PLANE, TABLE_POLICY
from tests.policies.requests.row import PLAIN, Context, allowed, denied, not_allowed

GET, PUT, SCAN, POLICY = (f"dynamodb:{name}" for name in ("GetItem", "PutItem", "Scan", "PutResourcePolicy"))
EXPORT = "dynamodb:ExportTableToPointInTime"
ENDPOINT: Context = {"aws:SourceVpce": "vpce-0123456789abcdef0"}
ANOTHER_ENDPOINT: Context = {"aws:SourceVpce": "vpce-00000000000000000"}
OFFICE: Context = {"aws:SourceIp": "203.0.113.7"}
INTERNET: Context = {"aws:SourceIp": "198.51.100.7"}
BY_A_SERVICE: Context = {"aws:ViaAWSService": "true"}
UNSAID: Context = {"aws:PrincipalIsAWSService": None}
MEMBER: Context = {"aws:PrincipalOrgID": "o-abcde12345"}
OUTSIDER: Context = {"aws:PrincipalOrgID": "o-zzzzz99999"}
ITEMS = (*DATA_PLANE, *COPY_OF_ALL_ITEMS)

ROWS = (
    *(allowed("administrator", action, "table", ENDPOINT) for action in ITEMS),
    *(
        denied("items with stolen keys, from the internet", "administrator", action, "table", INTERNET)
        for action in ITEMS
    ),
    *(allowed("administrator", action, "table", INTERNET) for action in CONTROL_PLANE),
    allowed("Application", GET, "table", ENDPOINT),
    allowed("Application", PUT, "table", ENDPOINT),
    allowed("Application", GET, "table", OFFICE),
    allowed("administrator", SCAN, "table", OFFICE),
    allowed("administrator", EXPORT, "table", OFFICE),
    *(
        denied(attack, "Application", action, "table", network)
        for action in (GET, PUT, SCAN)
        for attack, network in (
            ("the application's session, taken elsewhere", INTERNET),
            ("the application's session, in another network", ANOTHER_ENDPOINT),
            ("a request that says nothing of its network", {}),
        )
    ),
    denied("an address next to the company's", "administrator", GET, "table", {"aws:SourceIp": "203.0.112.255"}),
    denied("a private address, by another endpoint", "administrator", GET, "table", ANOTHER_ENDPOINT),
    # Break glass: from everywhere, over TLS, and only with permissions of its own.
    *(allowed("BreakGlass with full access", action, "table", INTERNET) for action in (GET, PUT, EXPORT, POLICY)),
    denied("the exempt role without TLS", "BreakGlass with full access", GET, "table", INTERNET, PLAIN),
    not_allowed("the exempt role without a permission", "BreakGlass", GET, "table", INTERNET),
    denied("a role named like the exempt one", "impostor", GET, "table", INTERNET),
    # Roles that work for the table, from AWS's own network, and the deployment from wherever it runs.
    *(
        allowed("OrdersBackupRole", f"dynamodb:{name}", "table")
        for name in ("StartAwsBackupJob", "CreateBackup", "DescribeTable", "ListTagsOfResource")
    ),
    allowed("OrdersAuditRole", "dynamodb:GetRecords", "stream"),
    *(
        allowed("deployment", f"dynamodb:{name}", "table", INTERNET)
        for name in ("UpdateTable", "UpdateContinuousBackups", "PutResourcePolicy", "DeleteResourcePolicy")
    ),
    # What AWS does for the account.
    allowed("administrator", GET, "table", BY_A_SERVICE, remark="a service that works for its caller"),
    allowed("replication", GET, "table", remark="a role that only AWS can assume"),
    allowed("replication", PUT, "table"),
    denied("a role whose path only looks like AWS's", "replication impostor", GET, "table"),
    not_allowed("a service that nobody let in", "dynamodb.amazonaws.com", GET, "table"),
    not_allowed("a service that nobody let in", "dynamodb.amazonaws.com", POLICY, "table"),
    *(
        denied("a request that does not say whether a service makes it", who, GET, "table", network, UNSAID)
        for who, network in (("administrator", INTERNET), ("foreign administrator", ENDPOINT))
    ),
    denied(
        "a request that does not say whether it is on somebody's behalf",
        "administrator",
        GET,
        "table",
        INTERNET,
        {"aws:ViaAWSService": None},
    ),
    # Principals of elsewhere, even from the right network.
    *(
        denied(
            "another company's role, from the right network",
            "foreign administrator",
            action,
            "table",
            ENDPOINT,
            OUTSIDER,
        )
        for action in TABLE_POLICY
    ),
    denied("a role without an organization", "foreign administrator", GET, "table", ENDPOINT),
    denied("a role without an organization", "foreign administrator", POLICY, "table", INTERNET),
    not_allowed("a sister account's role that nobody let in", "foreign administrator", GET, "table", ENDPOINT, MEMBER),
    denied("a sister account's role, from outside", "foreign administrator", GET, "table", INTERNET, MEMBER),
    denied("a request without a signature", "unsigned", GET, "table", INTERNET),
    denied("a request without a signature, by the endpoint", "unsigned", GET, "table", ENDPOINT),
    # A mistaken organization locks out nobody of the account.
    allowed("administrator", POLICY, "table", INTERNET, OUTSIDER),
    allowed("administrator", GET, "table", ENDPOINT, OUTSIDER),
    *(
        denied("a request without TLS, from the right network", "administrator", action, "table", ENDPOINT, PLAIN)
        for action in TABLE_POLICY
    ),
)
