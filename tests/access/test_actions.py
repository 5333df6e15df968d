"""Every DynamoDB action of AWS's current list is classified, so that no new one slips past a denial (IAM-2)."""

from __future__ import annotations

import pytest

from secure_ddb.access.actions import (
    CONTROL_PLANE,
    COPY_OF_ALL_ITEMS,
    DATA_PLANE,
    ON_INDEX,
    READ_ATTRIBUTES,
    READ_BY_KEY,
    READ_DATA,
    READ_STREAM,
    SEARCH_VECTORS,
    TABLE_POLICY,
    WRITE_ATTRIBUTES,
    WRITE_DATA,
)
from secure_ddb.rules.access import grant
from secure_ddb.rules.network.perimeter import ITEMS_OF_INDEX
from tests.policies.service_actions import Action, actions_of

# Actions that no list of ours names, by what they are about and why no list needs them.
ELSEWHERE: dict[str, dict[str, str]] = {
    "backup": {
        "DeleteBackup": "works on a backup, which a table's policy cannot name; the guardrails deny it",
        "DescribeBackup": "shows no item",
        "RestoreTableFromAwsBackup": "works on a recovery point and a new table; the guardrails deny it",
        "RestoreTableFromBackup": "works on a backup and a new table; the guardrails deny it",
        "StartAwsBackupJob": "AWS Backup's own, by the role of the plan",
    },
    "replication": {
        "AssociateTableReplica": "makes a replica in another account; the guardrails deny it",
        "CreateGlobalTable": "of global tables of 2017, which the tables here cannot be; the guardrails deny it",
        "CreateGlobalTableWitness": "AWS's own, as part of UpdateTable; the guardrails deny it",
        "CreateTableReplica": "AWS's own, as part of UpdateTable; the guardrails deny it",
        "DeleteGlobalTableWitness": "AWS's own, as part of UpdateTable; the guardrails deny it",
        "DeleteTableReplica": "AWS's own, as part of UpdateTable; the guardrails deny it",
        "DescribeGlobalTable": "of global tables of 2017",
        "DescribeGlobalTableSettings": "of global tables of 2017",
        "ReadDataForReplication": "DynamoDB's own, which the policy of the table would have to allow",
        "ReplicateSettings": "DynamoDB's own, which the policy of the table would have to allow",
        "UpdateGlobalTable": "of global tables of 2017; the guardrails deny it",
        "UpdateGlobalTableSettings": "of global tables of 2017; the guardrails deny it",
        "UpdateGlobalTableVersion": "of global tables of 2017; the guardrails deny it",
        "WriteDataForReplication": "DynamoDB's own, which the policy of the table would have to allow",
    },
    "another table or none": {
        "CreateTable": "makes a table that is not registered yet",
        "DescribeEndpoints": "AWS answers it without authorization",
        "DescribeExport": "works on an export and shows no item",
        "DescribeImport": "works on an import and shows no item",
        "DescribeLimits": "of the account",
        "DescribeReservedCapacity": "of the account",
        "DescribeReservedCapacityOfferings": "of the account",
        "GetAbacStatus": "of the account",
        "ImportTable": "makes a new table",
        "InjectError": "AWS Fault Injection Service's own, of the account",
        "PurchaseReservedCapacityOfferings": "of the account",
        "UpdateAbacStatus": "of the account; no policy of ours looks at a table's tags",
    },
}
LISTED = {*DATA_PLANE, *SEARCH_VECTORS, *COPY_OF_ALL_ITEMS, *CONTROL_PLANE, *READ_STREAM}
ELSEWHERE_NAMES = {f"dynamodb:{name}" for names in ELSEWHERE.values() for name in names}
EVERY = {action.name: action for action in actions_of("dynamodb")}
# They name tables at most, and show nothing of what is in one.
NAMES_ONLY = {name for name, action in EVERY.items() if action.levels == {"List"}}


def unclassified(actions: dict[str, Action]) -> list[str]:
    return sorted({name for name, action in actions.items() if action.levels != {"List"}} - LISTED - ELSEWHERE_NAMES)


def test_every_action_that_reads_or_writes_is_classified() -> None:
    assert len(EVERY) > 60
    assert unclassified(EVERY) == [], "put it into a list of secure_ddb/access/actions.py, or above with the reason"


def test_a_new_action_would_be_found() -> None:
    new = Action("dynamodb:ReadEverything", frozenset({"Read"}), frozenset({"table"}))
    assert unclassified({**EVERY, new.name: new}) == ["dynamodb:ReadEverything"]


def test_every_action_that_is_classified_exists_and_stands_once() -> None:
    assert sorted((LISTED | ELSEWHERE_NAMES) - set(EVERY)) == []
    assert sorted(LISTED & ELSEWHERE_NAMES) == []
    assert sorted(ELSEWHERE_NAMES & NAMES_ONLY) == []


@pytest.mark.parametrize("action", sorted({*DATA_PLANE, *SEARCH_VECTORS, *READ_STREAM}))
def test_what_reads_or_writes_items_is_no_management(action: str) -> None:
    assert "Permissions management" not in EVERY[action].levels
    assert action not in CONTROL_PLANE


def test_reading_and_writing_are_as_aws_has_them() -> None:
    assert all(EVERY[action].only_reads for action in (*READ_DATA, *SEARCH_VECTORS))
    assert not any(EVERY[action].only_reads for action in WRITE_DATA)


def test_a_search_of_vectors_is_never_granted_and_not_in_a_tables_policy() -> None:
    assert not {*DATA_PLANE, *READ_BY_KEY, *READ_ATTRIBUTES, *WRITE_ATTRIBUTES, *TABLE_POLICY} & set(SEARCH_VECTORS)


def test_a_tables_policy_names_no_action_that_works_on_no_table() -> None:
    assert [action for action in TABLE_POLICY if not EVERY[action].resources & {"table", "index"}] == []


def test_actions_on_indexes_are_as_aws_has_them() -> None:
    on_index = {name for name, action in EVERY.items() if "index" in action.resources}
    assert on_index & set(CONTROL_PLANE) == set(ON_INDEX)
    assert on_index & set(DATA_PLANE) == set(ITEMS_OF_INDEX)


def test_rule_of_leading_keys_knows_every_action_that_carries_none() -> None:
    reading = {action for action in (*DATA_PLANE, *SEARCH_VECTORS) if EVERY[action].only_reads}
    assert reading <= {*READ_BY_KEY, *grant._WITHOUT_KEYS}
