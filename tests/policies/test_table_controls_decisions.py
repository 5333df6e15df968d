"""Around a table that is declared elsewhere, requests are decided as around that of a SecureTable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.policies.controlled import Controlled, enforced, enforced_elsewhere, with_endpoints
from tests.policies.engine import Decision, Policies, Request, decide
from tests.policies.requests import endpoints, perimeter, services
from tests.policies.requests.key_use import ACCOUNT, TABLE, THROUGH_DYNAMODB, THROUGH_S3
from tests.policies.requests.keys import FOR_SERVICE
from tests.policies.requests.row import Row, allowed, not_allowed

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

# Rows about a SecureTable: what they expect is what its own configuration was shown to decide.
TABLES = {
    "endpoints": (with_endpoints, endpoints.ONE_LANE),
    "TLS": (with_endpoints, services.TABLE),
    "perimeter": (enforced, perimeter.ROWS),
    "perimeter by offered policies": (enforced_elsewhere, perimeter.ROWS),
}
DECRYPT, GRANT = "kms:Decrypt", "kms:CreateGrant"
# What works around the table uses the table's key through DynamoDB, and no one else's key.
KEY_USE = (
    allowed("OrdersAuditRole", DECRYPT, "key", THROUGH_DYNAMODB),
    allowed("OrdersBackupRole", DECRYPT, "key", THROUGH_DYNAMODB),
    allowed("OrdersBackupRole", GRANT, "key", THROUGH_DYNAMODB, FOR_SERVICE),
    allowed("OrdersBackupRole", "kms:DescribeKey", "key"),
    allowed("Reader", DECRYPT, "key", THROUGH_DYNAMODB, {TABLE: "orders", ACCOUNT: "111122223333"}),
    not_allowed("items without DynamoDB", "OrdersAuditRole", DECRYPT, "key"),
    not_allowed("items by S3", "OrdersAuditRole", DECRYPT, "key", THROUGH_S3),
    not_allowed("items without DynamoDB", "OrdersBackupRole", DECRYPT, "key"),
    not_allowed("another key", "OrdersAuditRole", DECRYPT, "another key", THROUGH_DYNAMODB),
)


def decisions(configuration: Callable[[Stack], None], rows: tuple[Row, ...]) -> list[Decision]:
    deployment = Controlled(configuration)
    cases = [deployment.case(row) for row in rows]
    return decide([(case.policies, case.request) for case in cases])


def wrong(configuration: Callable[[Stack], None], rows: tuple[Row, ...]) -> list[str]:
    return [
        f"{row}: {decided} instead of {row.expected}"
        for row, decided in zip(rows, decisions(configuration, rows), strict=True)
        if decided is not row.expected
    ]


@pytest.mark.parametrize("name", TABLES)
def test_requests_are_decided_as_for_a_secure_table(name: str) -> None:
    configuration, rows = TABLES[name]
    assert len(rows) > 10
    assert wrong(configuration, rows) == []


def test_what_works_around_the_table_may_use_its_key_and_no_other() -> None:
    assert wrong(with_endpoints, KEY_USE) == []


def test_without_the_offered_policies_a_perimeter_denies_nothing() -> None:
    # What the evidence calls not verifiable makes a difference.
    request = Request(
        principal="arn:aws:iam::111122223333:role/administrator",
        action="dynamodb:GetItem",
        resource="arn:aws:dynamodb:eu-central-1:111122223333:table/orders",
        context=dict(perimeter.INTERNET),
    )
    everything = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    case = Controlled(enforced_elsewhere).case(_row_of(request))
    assert decide([(Policies(identity=(everything,)), request), (case.policies, request)]) == [
        Decision.ALLOWED,
        Decision.EXPLICITLY_DENIED,
    ]


def _row_of(request: Request) -> Row:
    return Row(
        who="administrator", action=request.action, on="table", expected=Decision.ALLOWED, context=request.context
    )
