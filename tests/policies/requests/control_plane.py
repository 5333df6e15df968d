"""Managing the table through `grant_control_plane` (IAM-4): configuration `narrow_grants`."""

from __future__ import annotations

from secure_ddb.actions import CONTROL_PLANE, COPY_OF_ALL_ITEMS, DATA_PLANE, ON_INDEX, SEARCH_VECTORS
from tests.policies.requests.row import MFA, NO_MFA, PLAIN, allowed, denied, not_allowed

# Whatever else its policies allow, the denials of the grant hold.
ADMINISTRATOR = "Operator with full access"
INDEXES = ("index by-shipped", "index by-status")

ROWS = (
    *(allowed("Operator", action, "table", MFA) for action in CONTROL_PLANE),
    *(allowed("Operator", action, index, MFA) for action in ON_INDEX for index in INDEXES),
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
        for action in (*DATA_PLANE, *SEARCH_VECTORS, *COPY_OF_ALL_ITEMS)
    ),
    *(
        denied("items by an index", ADMINISTRATOR, action, "index by-status", MFA)
        for action in ("dynamodb:Query", *SEARCH_VECTORS)
    ),
    *(
        denied("items, by who manages the table", "Operator", action, "table", MFA)
        for action in ("dynamodb:GetItem", "dynamodb:PutItem", *COPY_OF_ALL_ITEMS)
    ),
    denied("management on a wire that can be tapped", "Operator", "dynamodb:UpdateTable", "table", MFA, PLAIN),
    not_allowed("another table", "Operator", "dynamodb:DeleteTable", "another table", MFA),
    not_allowed("another table's insights", "Operator", ON_INDEX[1], "index of another table", MFA),
    not_allowed("another action on an index", "Operator", "dynamodb:DescribeTable", "index by-status", MFA),
    not_allowed("a new table", "Operator", "dynamodb:CreateTable", "table", MFA),
    not_allowed("the stream of changes", "Operator", "dynamodb:GetRecords", "stream", MFA),
    not_allowed("a backup's end", "Operator", "dynamodb:DeleteBackup", "backup", MFA),
    allowed(
        ADMINISTRATOR,
        "dynamodb:DescribeTable",
        "another table",
        remark="the grant speaks of its own table only",
    ),
    allowed(ADMINISTRATOR, "dynamodb:GetItem", "another table"),
)
