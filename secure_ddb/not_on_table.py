"""What to do instead, for attributes of TableV2 that a `SecureTable` does not have."""

from __future__ import annotations

from aws_cdk.aws_dynamodb import TableV2

_INSTEAD = {
    "add_global_secondary_index": (
        "pass the index to SecureTable(global_secondary_indexes=[...]), because the alarms and grants that exist by "
        "then would not name it. CloudFormation adds one index per update"
    ),
    "add_local_secondary_index": (
        "pass the index to SecureTable(local_secondary_indexes=[...]), because the grants that exist by then would not "
        "name it. Adding one replaces the table"
    ),
    "add_replica": (
        "pass the Region to SecureTable(replicas=[...]), because a replica added later would have no key, backups and "
        "alarms"
    ),
    "grants": (
        "use its grant methods. Replicas in other accounts are not supported: another account would hold every item, "
        "and could not be held to any guarantee"
    ),
    "grant_full_access": "use grant_read_write_data for items, and grant_control_plane for the table",
}


def not_on_table(name: str) -> str:
    """Return why a table has no such attribute; empty, if TableV2 has none either."""
    if not hasattr(TableV2, name):
        return ""
    return f"SecureTable has no {name!r}; {_INSTEAD.get(name, 'its `table` has')}"
