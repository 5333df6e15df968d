"""What the table's own policy keeps outside (NET-4): configuration `enforced`.

Orders is reached from one endpoint, from company networks, and by the role BreakGlass from everywhere.
"""

from __future__ import annotations

from secure_ddb.access.actions import (
    BACK_UP,
    CONTROL_PLANE,
    COPY_OF_ALL_ITEMS,
    DATA_PLANE,
    STREAM_POLICY,
    TABLE_POLICY,
)
from tests.policies.requests.row import PLAIN, Context, allowed, denied, not_allowed

GET, PUT, SCAN, POLICY = (f"dynamodb:{name}" for name in ("GetItem", "PutItem", "Scan", "PutResourcePolicy"))
EXPORT = "dynamodb:ExportTableToPointInTime"
SOURCE_VPCE = "aws:SourceVpce"
ENDPOINT: Context = {SOURCE_VPCE: "vpce-0123456789abcdef0"}
ANOTHER_ENDPOINT: Context = {SOURCE_VPCE: "vpce-00000000000000000"}
OFFICE: Context = {"aws:SourceIp": "203.0.113.7"}
INTERNET: Context = {"aws:SourceIp": "198.51.100.7"}
BY_A_SERVICE: Context = {"aws:ViaAWSService": "true"}
UNSAID: Context = {"aws:PrincipalIsAWSService": None}
MEMBER: Context = {"aws:PrincipalOrgID": "o-abcde12345"}
OUTSIDER: Context = {"aws:PrincipalOrgID": "o-zzzzz99999"}
ITEMS = (*DATA_PLANE, *COPY_OF_ALL_ITEMS)
RECORDS = "dynamodb:GetRecords"
STREAM = (
    *(allowed("OrdersAuditRole", action, "stream", remark="Lambda polls with it") for action in STREAM_POLICY),
    *(allowed("administrator", action, "stream", OFFICE) for action in STREAM_POLICY),
    allowed("BreakGlass with full access", RECORDS, "stream", INTERNET),
    allowed("replication", RECORDS, "stream", remark="a role that only AWS can assume"),
    *(
        denied("changes with stolen keys, from the internet", "administrator", action, "stream", INTERNET)
        for action in STREAM_POLICY
    ),
    denied("changes, where a request says nothing of its network", "administrator", RECORDS, "stream"),
    denied("changes by an endpoint, which the stream has none of", "administrator", RECORDS, "stream", ENDPOINT),
    denied("changes by a service, on somebody's behalf", "administrator", RECORDS, "stream", BY_A_SERVICE),
    denied("changes by a role for items, whatever allows them", "Application with full access", RECORDS, "stream"),
    denied("changes by the backup role, whatever allows them", "OrdersBackupRole with full access", RECORDS, "stream"),
    denied("changes by a role whose path only looks like AWS's", "replication impostor", RECORDS, "stream"),
    denied("changes by a role named like the exempt one", "impostor", RECORDS, "stream", INTERNET),
    not_allowed("changes by the exempt role without a permission", "BreakGlass", RECORDS, "stream", INTERNET),
    not_allowed("changes by a service that nobody let in", "dynamodb.amazonaws.com", RECORDS, "stream"),
    *(
        denied("changes by a request that does not say whether a service makes it", who, RECORDS, "stream", *said)
        for who, said in (("administrator", (INTERNET, UNSAID)), ("foreign administrator", (OFFICE, UNSAID)))
    ),
    *(
        denied("changes by another company's role", "foreign administrator", action, "stream", OFFICE, OUTSIDER)
        for action in STREAM_POLICY
    ),
    denied("changes by a role without an organization", "foreign administrator", RECORDS, "stream", OFFICE),
    not_allowed("changes by a sister account's role", "foreign administrator", RECORDS, "stream", OFFICE, MEMBER),
    denied("changes without a signature", "unsigned", RECORDS, "stream", OFFICE),
    allowed("administrator", RECORDS, "stream", OFFICE, OUTSIDER),
    *(
        denied("changes without TLS, from the right network", "administrator", action, "stream", OFFICE, PLAIN)
        for action in STREAM_POLICY
    ),
    denied("changes without TLS", "OrdersAuditRole", RECORDS, "stream", PLAIN),
)
BACKUPS = (
    *(allowed("administrator", action, "table", network) for action in BACK_UP for network in (ENDPOINT, OFFICE)),
    *(
        denied(attack, "administrator", action, "table", *said)
        for action in BACK_UP
        for attack, said in (
            ("a copy to restore, from the internet", (INTERNET,)),
            ("a copy to restore, by a service on somebody's behalf", (BY_A_SERVICE,)),
            ("a copy to restore, by another endpoint", (ANOTHER_ENDPOINT,)),
            ("a copy to restore, without saying whether a service asks", (INTERNET, UNSAID)),
        )
    ),
    allowed("replication", BACK_UP[0], "table"),
    not_allowed("a copy by a service that nobody let in", "dynamodb.amazonaws.com", BACK_UP[0], "table"),
    allowed("BreakGlass with full access", BACK_UP[0], "table", INTERNET),
    denied("a copy by a role that is not the backup role", "Application with full access", BACK_UP[0], "table"),
    denied("items by the backup role, whatever allows them", "OrdersBackupRole with full access", SCAN, "table"),
    denied("items by the audit role, whatever allows them", "OrdersAuditRole with full access", SCAN, "table"),
)

ROWS = (
    *STREAM,
    *BACKUPS,
    *(allowed("administrator", action, "table", ENDPOINT) for action in ITEMS),
    *(
        denied("items with stolen keys, from the internet", "administrator", action, "table", INTERNET)
        for action in ITEMS
    ),
    *(allowed("administrator", action, "table", INTERNET) for action in CONTROL_PLANE if action not in BACK_UP),
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
    *(
        allowed("deployment", f"dynamodb:{name}", "table", INTERNET)
        for name in ("UpdateTable", "UpdateContinuousBackups", "PutResourcePolicy", "DeleteResourcePolicy")
    ),
    # What AWS does for the account.
    *(
        denied("items by a service, on somebody's behalf", "administrator", action, "table", BY_A_SERVICE)
        for action in (GET, SCAN, EXPORT)
    ),
    allowed("replication", GET, "table", remark="a role that only AWS can assume"),
    allowed("replication", PUT, "table"),
    denied("a role whose path only looks like AWS's", "replication impostor", GET, "table"),
    not_allowed("a service that nobody let in", "dynamodb.amazonaws.com", GET, "table"),
    not_allowed("a service that nobody let in", "dynamodb.amazonaws.com", POLICY, "table"),
    *(
        denied("a request that does not say whether a service makes it", who, GET, "table", network, UNSAID)
        for who, network in (("administrator", INTERNET), ("foreign administrator", ENDPOINT))
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
