"""All requests: groups by what they are about, each with the configuration that decides it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.policies.engine import Decision
from tests.policies.requests import (
    auditors,
    consumers,
    control_plane,
    endpoints,
    federated,
    grants,
    guardrails,
    imported_key,
    imported_table,
    key_use,
    keys,
    on_premises,
    other_accounts,
    people,
    perimeter,
    services,
    sharing,
    summary,
    threats,
)
from tests.policies.requests.row import Row, allowed


@dataclass(frozen=True)
class Group:
    """Requests about one thing, decided by the policies of one configuration."""

    name: str
    configuration: str
    rows: tuple[Row, ...]


# Where the engine is known to differ from AWS; see also the last tests of ../test_engine.py.
DIFFERENT_IN_AWS = (
    Row(
        who="root user",
        action="kms:PutKeyPolicy",
        on="key",
        expected=Decision.IMPLICITLY_DENIED,
        in_aws=Decision.ALLOWED,
        remark="AWS asks no identity policy of the root user; the engine does",
    ),
    allowed("root user with full access", "kms:PutKeyPolicy", "key", remark="how the engine takes the same request"),
    Row(
        who="root user",
        action="kms:Decrypt",
        on="key",
        expected=Decision.IMPLICITLY_DENIED,
        attack="items without DynamoDB, by whom no identity policy limits",
    ),
    Row(
        who="root user with full access",
        action="kms:Decrypt",
        on="key",
        expected=Decision.IMPLICITLY_DENIED,
        attack="items without DynamoDB, by whom no identity policy limits",
    ),
)

GROUPS = (
    Group("grants of items", "narrow_grants", grants.ROWS),
    Group("grants of the key", "narrow_grants", key_use.NARROW_ROWS),
    Group("grant of the control plane", "narrow_grants", control_plane.ROWS),
    Group("grants of the control plane to federated people", "federated_operators", federated.ROWS),
    Group(
        "grants of a table with a name",
        "everything",
        (
            *grants.unlimited("Reader", "Writer"),
            *grants.unlimited("Both", "Both"),
            *key_use.uses_key("Reader", "orders-prod", writes=False),
            *(row for role in ("Writer", "Both") for row in key_use.uses_key(role, "orders-prod", writes=True)),
        ),
    ),
    Group("endpoints", "everything", endpoints.ONE_LANE),
    Group("interface endpoints", "on_premises", on_premises.ROWS),
    Group("lanes", "separate_lanes", endpoints.LANES),
    Group("keys", "everything", keys.ROWS),
    Group("audit function that tables share", "sharing_tables", sharing.ROWS),
    Group("auditors", "audited", auditors.ROWS),
    Group("sign-in of people", "people", people.ROWS),
    Group("key with imported material", "imported_key", imported_key.ROWS),
    Group("where the engine differs", "everything", DIFFERENT_IN_AWS),
    Group("services", "everything", services.ROWS),
    Group("guardrails", "everything", guardrails.ROWS),
    Group("perimeter", "enforced", perimeter.ROWS),
    Group("consumers", "consumers", consumers.ROWS),
    Group("table of another app", "imported_table", imported_table.ROWS),
    Group("roles of another account", "cross_account", other_accounts.ROWS),
    *(
        Group(
            f"summary, {configuration}",
            configuration,
            tuple(row for line in summary.LINES if line.configuration == configuration for row in line.rows()),
        )
        for configuration in (
            "narrow_grants",
            "federated_operators",
            "audited",
            "everything",
            "enforced",
            "consumers",
            "cross_account",
        )
    ),
    *(Group(goal.group, "threatened", tuple(goal.rows())) for goal in threats.GOALS),
)
