"""Requests are decided alike in each Region of a table, and nothing keeps DynamoDB from replicating."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from tests.acceptance.managed_policies import actions_of
from tests.policies.engine import Decision, decide
from tests.policies.replicated import ENDPOINTS, HERE, WEST, InRegion, context_of
from tests.policies.requests import endpoints, perimeter, services
from tests.policies.requests.key_use import ACCOUNT, TABLE
from tests.policies.requests.keys import FOR_SERVICE
from tests.policies.requests.row import PLAIN, Context, Row, allowed, denied, not_allowed

REGIONS = (HERE, WEST)
REPLICATION = "replication"
GET = "dynamodb:GetItem"
VPCE = "aws:SourceVpce"

# What DynamoDB itself does in each Region, with the service-linked role.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-security.html
OF_REPLICATION = sorted(
    each for each in actions_of("DynamoDBReplicationServiceRolePolicy") if each.startswith("dynamodb:")
)
ON_STREAM = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
ON_ACCOUNT = ("dynamodb:DescribeLimits",)
REPLICATING = tuple(
    allowed(REPLICATION, action, "stream" if action in ON_STREAM else "table", *network)
    for action in OF_REPLICATION
    if action not in ON_ACCOUNT
    for network in ((), ({"aws:SourceIp": "198.51.100.7"},))
)


def key_use(region: str, other: str) -> tuple[Row, ...]:
    """Return rows on the key of a Region, which works for services of that Region only."""
    here, there = context_of(region, "dynamodb"), context_of(other, "dynamodb")
    items: Context = {TABLE: "orders", ACCOUNT: "111122223333"}
    return (
        *(allowed(who, "kms:Decrypt", "key", here) for who in ("OrdersAuditRole", "OrdersBackupRole")),
        allowed("Reader", "kms:Decrypt", "key", here, items),
        allowed("OrdersBackupRole", "kms:CreateGrant", "key", here, FOR_SERVICE),
        # Replication works with grants that DynamoDB takes from whoever adds the replica.
        allowed("deployment", "kms:CreateGrant", "key", here, FOR_SERVICE),
        allowed("deployment", "kms:DescribeKey", "key"),
        not_allowed("items without DynamoDB", "Reader", "kms:Decrypt", "key"),
        not_allowed("items without DynamoDB", "OrdersAuditRole", "kms:Decrypt", "key"),
        not_allowed("items by the DynamoDB of another Region", "administrator", "kms:Decrypt", "key", there),
        not_allowed("items by the DynamoDB of another Region", "Reader", "kms:Decrypt", "key", there, items),
    )


@cache
def deployment(region: str, *, enforced: bool) -> InRegion:
    return InRegion(region, enforced=enforced)


def decisions(region: str, rows: tuple[Row, ...], *, enforced: bool) -> list[Decision]:
    cases = [deployment(region, enforced=enforced).case(row) for row in rows]
    return decide([(case.policies, case.request) for case in cases])


def wrong(region: str, rows: tuple[Row, ...], *, enforced: bool) -> list[str]:
    return [
        f"{row}: {decided} instead of {row.expected}"
        for row, decided in zip(rows, decisions(region, rows, enforced=enforced), strict=True)
        if decided is not row.expected
    ]


@pytest.mark.parametrize("region", REGIONS)
def test_the_perimeter_decides_alike_in_each_region(region: str) -> None:
    assert wrong(region, perimeter.ROWS, enforced=True) == []


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("rows", [endpoints.ONE_LANE, services.TABLE], ids=["endpoints", "TLS"])
def test_endpoints_and_tables_decide_alike_in_each_region(region: str, rows: tuple[Row, ...]) -> None:
    assert len(rows) > 10
    assert wrong(region, rows, enforced=False) == []


@pytest.mark.parametrize("region", REGIONS)
def test_the_key_of_each_region_decides_alike(region: str) -> None:
    (other,) = {*REGIONS} - {region}
    assert wrong(region, key_use(region, other), enforced=False) == []
    assert wrong(region, key_use(region, other), enforced=True) == []


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("enforced", [False, True])
def test_nothing_keeps_dynamodb_from_replicating(region: str, enforced: bool) -> None:  # noqa: FBT001
    assert len(OF_REPLICATION) > 10
    assert wrong(region, REPLICATING, enforced=enforced) == []


@pytest.mark.parametrize("region", REGIONS)
def test_the_endpoint_of_another_region_is_outside(region: str) -> None:
    """A request that is routed to another Region comes through an endpoint there, or from outside of the perimeter."""
    (other,) = {*REGIONS} - {region}
    rows = (
        allowed("Application", GET, "table", {VPCE: ENDPOINTS[HERE]}),
        allowed("administrator", GET, "table", {"aws:SourceIp": "203.0.113.7"}),
        denied(
            "items over an endpoint of another VPC", "administrator", GET, "table", {VPCE: "vpce-00000000000000000"}
        ),
        denied("items without TLS", "Application", GET, "table", {VPCE: ENDPOINTS[HERE]}, PLAIN),
    )
    assert wrong(region, rows, enforced=True) == []
    case = deployment(region, enforced=True).case(rows[0])
    assert case.request.context[VPCE] == ENDPOINTS[region]
    elsewhere = {**case.request.context, VPCE: ENDPOINTS[other]}
    assert decide([(case.policies, replace(case.request, context=elsewhere))]) == [Decision.EXPLICITLY_DENIED]
