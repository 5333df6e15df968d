"""Managing the table through `grant_control_plane` (IAM-4): configuration `narrow_grants`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.access.actions import CONTROL_PLANE, COPY_OF_ALL_ITEMS, DATA_PLANE, ON_INDEX, STREAM_POLICY
from tests.policies.requests.key_use import NARROW_TABLE
from tests.policies.requests.row import MFA, NO_MFA, PLAIN, allowed, denied, not_allowed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.policies.requests.row import Context, Row

# Whatever else its policies allow, the denials of the grant hold.
ADMINISTRATOR = "Operator with full access"
INDEXES = ("index by-shipped", "index by-status")
KINESIS = "dynamodb:EnableKinesisStreamingDestination"
INSIGHTS = "dynamodb:UpdateContributorInsights"
MANAGED = tuple(action for action in CONTROL_PLANE if action not in {KINESIS, INSIGHTS})
REPLICA = f"arn:aws:dynamodb:eu-west-1:111122223333:table/{NARROW_TABLE}"
# Routes to items and copies of them, beside the actions for items: what is asked for, and of what.
ROUTES = (
    *((action, "stream") for action in STREAM_POLICY),
    *(
        ("dynamodb:" + name, "table")
        for name in (
            "EnableKinesisStreamingDestination",
            "RestoreTableFromAwsBackup",
            "RestoreTableFromBackup",
            "CreateTableReplica",
            "AssociateTableReplica",
            "CreateGlobalTable",
            "UpdateGlobalTable",
            "UpdateGlobalTableSettings",
            "UpdateGlobalTableVersion",
            "CreateGlobalTableWitness",
            "ReadDataForReplication",
            "WriteDataForReplication",
            "ReplicateSettings",
            "SearchVectors",
            "ImportTable",
        )
    ),
    ("dynamodb:SearchVectors", "index by-status"),
    ("dynamodb:RestoreTableFromBackup", "backup"),
    ("dynamodb:CreateTableReplica", REPLICA),
    ("dynamodb:GetItem", REPLICA),
    ("dynamodb:Query", f"{REPLICA}/index/by-status"),
    ("dynamodb:GetRecords", f"{REPLICA}/stream/2026-01-01T00:00:00.000"),
)
# What other policies may allow with MFA, and only with it.
OTHERWISE = (
    *(
        (f"dynamodb:{name}", "table")
        for name in ("CreateTable", "DeleteTableReplica", "ListExports", "StartAwsBackupJob")
    ),
    *((f"dynamodb:{name}", "backup") for name in ("DeleteBackup", "DescribeBackup")),
    ("dynamodb:DescribeExport", f"{REPLICA}/export/01600000000000-1234abcd"),
    *((f"dynamodb:{name}ResourcePolicy", "stream") for name in ("Delete", "Get", "Put")),
    *((f"dynamodb:{name}", REPLICA) for name in ("DeleteTable", "DeleteTableReplica", "PutResourcePolicy")),
)


def further_routes(who: str, session: Context, others: dict[str, Context]) -> Iterator[Row]:
    """Yield what stays denied to a role that manages the table and to which other policies allow everything."""
    for action, on in ROUTES:
        yield denied("items by another route, by who manages the table", who, action, on, session)
    for action, on in OTHERWISE:
        yield allowed(who, action, on, session, remark="by another policy")
        for name, other in others.items():
            yield denied(f"what only managing sessions may, by {name}", who, action, on, other)


ROWS = (
    *further_routes(ADMINISTRATOR, MFA, {"a session without MFA": NO_MFA, "a session that could not have MFA": {}}),
    denied("a stream of changes that others can read", "Operator", KINESIS, "table", MFA),
    *(allowed("Operator", action, "table", MFA) for action in MANAGED),
    *(denied("keys of items in CloudWatch", "Operator", INSIGHTS, on, MFA) for on in ("table", *INDEXES)),
    *(allowed("Operator", ON_INDEX[0], index, MFA) for index in INDEXES),
    not_allowed("a local index, which has no insights", "Operator", ON_INDEX[0], "index by-total", MFA),
    *(denied("management without MFA", ADMINISTRATOR, action, "table", NO_MFA) for action in CONTROL_PLANE),
    *(
        denied("management by a session that could not have MFA", who, action, "table")
        for who in ("Operator", ADMINISTRATOR)
        for action in ("dynamodb:PutResourcePolicy", "dynamodb:DeleteTable", "dynamodb:DescribeTable")
    ),
    *(
        denied("management without MFA", "Operator", action, "table", NO_MFA)
        for action in ("dynamodb:PutResourcePolicy", "dynamodb:DeleteTable", "dynamodb:DescribeTable")
    ),
    *(
        denied("an index's insights without MFA", who, ON_INDEX[1], "index by-status", NO_MFA)
        for who in ("Operator", ADMINISTRATOR)
    ),
    *(
        denied("items or a copy of them, by who manages the table", ADMINISTRATOR, action, "table", MFA)
        for action in (*DATA_PLANE, *COPY_OF_ALL_ITEMS)
    ),
    *(
        denied("items by an index", ADMINISTRATOR, action, "index by-status", MFA)
        for action in ("dynamodb:Query", "dynamodb:Scan")
    ),
    *(
        denied("items, by who manages the table", "Operator", action, "table", MFA)
        for action in ("dynamodb:GetItem", "dynamodb:PutItem", *COPY_OF_ALL_ITEMS)
    ),
    denied("management on a wire that can be tapped", "Operator", "dynamodb:UpdateTable", "table", MFA, PLAIN),
    not_allowed("another table", "Operator", "dynamodb:DeleteTable", "another table", MFA),
    not_allowed("another table's insights", "Operator", ON_INDEX[0], "index of another table", MFA),
    not_allowed("another action on an index", "Operator", "dynamodb:DescribeTable", "index by-status", MFA),
    not_allowed("a new table", "Operator", "dynamodb:CreateTable", "table", MFA),
    denied("the stream of changes", "Operator", "dynamodb:GetRecords", "stream", MFA),
    denied("all items, in a new table", "Operator", "dynamodb:RestoreTableFromBackup", "backup", MFA),
    allowed(ADMINISTRATOR, "dynamodb:GetRecords", "another stream", MFA),
    allowed(ADMINISTRATOR, "dynamodb:RestoreTableFromBackup", "backup of another table", MFA),
    not_allowed("a backup's end", "Operator", "dynamodb:DeleteBackup", "backup", MFA),
    allowed(
        ADMINISTRATOR,
        "dynamodb:DescribeTable",
        "another table",
        remark="the grant speaks of its own table only",
    ),
    allowed(ADMINISTRATOR, "dynamodb:GetItem", "another table"),
)
