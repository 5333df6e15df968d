"""Restore tests cost a fee and a restore for each test, and what is not known is said to be."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.cost.estimate import estimate
from secure_ddb.cost.prices import load_prices
from tests.cost.costing import app, of, prices, table


def resources(schedule: object, selected: object) -> dict[str, Any]:
    return {
        "Table": table(TableName="orders"),
        "Tests": of("AWS::Backup::RestoreTestingPlan", RestoreTestingPlanName="tests", ScheduleExpression=schedule),
        "Selection": of(
            "AWS::Backup::RestoreTestingSelection",
            RestoreTestingPlanName={"Ref": "Tests"},
            ProtectedResourceType="DynamoDB",
            ProtectedResourceArns=[selected],
        ),
    }


def lines(schedule: object = "cron(0 7 2 * ? *)", selected: object = "*", **known: float) -> dict[str, Any]:
    found = estimate(app(resources(schedule, selected)), prices(**known) if known else load_prices())
    (cost,) = found.tables
    return {line.price_name: line for line in (*cost.monthly, *cost.per_gb)}


def test_each_test_is_a_fee_and_a_restore_of_the_whole_table() -> None:
    found = lines(restore_test=1.5, backup_restore=0.15)
    assert found["restore_test"].cost == pytest.approx(1.5)
    assert found["backup_restore"].cost == pytest.approx(0.15)
    assert estimate(app(resources("rate(1 day)", "*")), load_prices()).not_estimated == {}
    weekly = lines("cron(0 7 ? * SUN *)", restore_test=1.5, backup_restore=0.15)
    assert weekly["restore_test"].quantity == pytest.approx(365 / 12 / 7)


def test_prices_of_both_are_not_known() -> None:
    found = lines()
    assert (found["restore_test"].cost, found["backup_restore"].cost) == (None, None)


@pytest.mark.parametrize(("schedule", "selected"), [({"Ref": "When"}, "*"), ("rate(1 day)", {"Fn::ImportValue": "x"})])
def test_tests_that_only_the_deployment_knows_have_no_quantity(schedule: object, selected: object) -> None:
    assert lines(schedule, selected)["restore_test"].quantity is None


def test_tests_of_other_tables_cost_this_one_nothing() -> None:
    assert "restore_test" not in lines(selected="arn:aws:dynamodb:*:*:table/others")


def test_a_plan_that_restores_no_table_is_not_estimated() -> None:
    body = resources("rate(1 day)", "arn:aws:dynamodb:*:*:table/others")
    assert estimate(app(body), load_prices()).not_estimated == {"AWS::Backup::RestoreTestingPlan": 1}
