"""A table costs a small and constant number of messages to CDK's Node process, which is what a synth waits for."""

from __future__ import annotations

import pytest
from aws_cdk import App, Environment, Stack

from benchmarks.jsii_calls import counted_calls
from secure_ddb import SecureTable
from tests.orders import OWNERSHIP, PK

# 60, three for the HMAC key of the audit trail, one because system errors of 14 operations take two alarms, four to
# notice backups that fail or do not happen, eight to answer the findings of cdk-nag on wildcards, three for the
# stream's policy and the event source that waits for the permissions of its role, nine for the function's version and
# alias, and for the policy that binds the role to the function, and two alarms: on changes that a filter drops, and on
# writes that the audit function's mapping does not read. One less since the table's ARN is fetched once.
MOST_CALLS = 89
TABLES = 5


@pytest.fixture(scope="module")
def calls() -> list[int]:
    """Return what each of several tables in one stack costs."""
    stack = Stack(App(), "Test", env=Environment(account="111122223333", region="eu-central-1"))
    costs = []
    for number in range(TABLES):
        with counted_calls() as count:
            SecureTable(stack, f"Orders{number}", partition_key=PK, ownership=OWNERSHIP)
        costs.append(count.total)
    return costs


def test_each_further_table_costs_the_same(calls: list[int]) -> None:
    # The first one also makes what all tables of a stack share.
    assert len(set(calls[1:])) == 1, calls
    assert calls[0] >= calls[1] > 0


def test_further_table_costs_few_calls(calls: list[int]) -> None:
    assert max(calls[1:]) <= MOST_CALLS, calls


def test_calls_are_no_longer_counted_afterwards() -> None:
    with counted_calls() as count:
        pass
    App()
    assert count.total == 0
