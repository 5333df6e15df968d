"""The policy for further Regions has what AWS demands of the role that adds a replica, and nothing at home."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase

import pytest

from tests.deployment.policies import LONGEST_POLICY
from tests.deployment.replica_policy import FURTHER_REGION, NAME, WITNESS, replica_document
from tests.template import as_list
from tests.test_lint_templates import Policy, policy_issues

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-security.html
TO_ADD = (
    *("CreateTable", "CreateTableReplica", "Query", "Scan", "UpdateItem", "PutItem", "GetItem"),
    *("DeleteItem", "BatchWriteItem"),
)
TO_REMOVE = ("DeleteTable", "DeleteTableReplica")
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
OF_KEY = ("CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo")


def is_allowed(action: str, arn: str) -> bool:
    return any(
        fnmatchcase(action, pattern) and fnmatchcase(arn, resource)
        for statement in replica_document()["Statement"]
        for pattern in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    )


@pytest.mark.parametrize("name", [*TO_ADD, *TO_REMOVE])
def test_replicas_can_be_added_and_removed_in_the_further_region_only(name: str) -> None:
    arn = "arn:aws:dynamodb:{}:111122223333:table/OrdersOrders1A2B3C4D"
    assert is_allowed(f"dynamodb:{name}", arn.format(FURTHER_REGION))
    assert not is_allowed(f"dynamodb:{name}", arn.format("eu-central-1"))
    assert not is_allowed(f"dynamodb:{name}", arn.format(FURTHER_REGION).replace("Orders", "Payments"))


def test_a_witness_can_be_made_in_each_region_that_takes_part() -> None:
    for region in (FURTHER_REGION, "eu-central-1", "eu-west-3"):
        assert all(is_allowed(each, f"arn:aws:dynamodb:{region}:111122223333:table/OrdersOrders") for each in WITNESS)


@pytest.mark.parametrize("name", OF_KEY)
def test_the_key_there_is_used_through_dynamodb_there(name: str) -> None:
    assert is_allowed(f"kms:{name}", f"arn:aws:kms:{FURTHER_REGION}:111122223333:key/0123abcd")
    (use,) = (each for each in replica_document()["Statement"] if each.get("Sid") == "UseKeyOfReplica")
    assert use["Condition"] == {"StringEquals": {"kms:ViaService": "dynamodb.eu-west-1.amazonaws.com"}}


def test_it_fits_into_a_managed_policy_and_has_no_misspelt_action() -> None:
    assert len(json.dumps(replica_document(), separators=(",", ":"))) <= LONGEST_POLICY
    # Of CloudFormation's schema, or newer than parliament 1.6.4.
    unknown = {"dynamodb:DisassociateTableReplica", *WITNESS}
    found = {(issue.rule, issue.detail) for issue in policy_issues(Policy(NAME, replica_document()))}
    assert found <= {("UNKNOWN_ACTION", f"Unknown action {action}") for action in unknown}
