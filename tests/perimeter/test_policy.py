"""ENFORCE: what the table's policy denies. What comes of it together with other policies, tests/policies decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb import PerimeterSettings
from secure_ddb.actions import CONTROL_PLANE, COPY_OF_ALL_ITEMS, DATA_PLANE, TABLE_POLICY
from secure_ddb.context import StackEnvironment
from secure_ddb.perimeter.policy import LARGEST_POLICY, length_of, perimeter_statements, require_room, table_policy
from tests.template import as_list, statements, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.template import Template

ENVIRONMENT = StackEnvironment(partition="aws", region="eu-central-1", account="111122223333", stack_name="Test")


@pytest.fixture
def enforced(template: Callable[[str], Template]) -> dict[str, dict[str, Any]]:
    (replica,) = template("enforced").only("AWS::DynamoDB::GlobalTable")["Properties"]["Replicas"]
    return statements(replica["ResourcePolicy"]["PolicyDocument"])


def test_items_and_copies_of_them_are_denied_from_outside(enforced: dict[str, dict[str, Any]]) -> None:
    denied = set(enforced["DenyItemsFromOutsideTheNetwork"]["Action"])
    assert denied == {*DATA_PLANE, *COPY_OF_ALL_ITEMS}


def test_management_is_never_denied_by_network(enforced: dict[str, dict[str, Any]]) -> None:
    by_network = [found for found in enforced.values() if "aws:SourceVpce" in str(found["Condition"])]
    assert by_network
    assert not [found for found in by_network if set(CONTROL_PLANE) & set(found["Action"])]


def test_inside_are_endpoints_company_networks_and_exempt_roles(
    enforced: dict[str, dict[str, Any]], template: Callable[[str], Template]
) -> None:
    condition = enforced["DenyItemsFromOutsideTheNetwork"]["Condition"]
    assert condition["StringNotEquals"] == {"aws:SourceVpce": ["vpce-0123456789abcdef0"]}
    assert condition["NotIpAddress"] == {"aws:SourceIp": ["203.0.113.0/24"]}
    role = template("enforced").named("AWS::IAM::Role", "BreakGlass")
    assert [text(arn) for arn in condition["ArnNotLike"]["aws:PrincipalArn"]] == [
        "arn:<AWS::Partition>:iam::111122223333:role/aws-service-role/*",
        f"<{role}.Arn>",
    ]


def test_the_accounts_own_principals_are_locked_out_of_nothing_by_a_mistaken_organization(
    enforced: dict[str, dict[str, Any]],
) -> None:
    found = enforced["DenyPrincipalsFromOutside"]
    assert set(as_list(found["Action"])) == set(TABLE_POLICY)
    assert found["Condition"]["StringNotEquals"] == {
        "aws:PrincipalAccount": "111122223333",
        "aws:PrincipalOrgID": "o-abcde12345",
    }


def test_requests_without_tls_are_denied_as_ever(enforced: dict[str, dict[str, Any]]) -> None:
    assert next(iter(enforced)) == "DenyRequestsWithoutTls"


def test_a_list_that_is_empty_is_no_condition() -> None:
    # An empty list of endpoints would match no request, or every one.
    network, outside = perimeter_statements(PerimeterSettings(corporate_cidrs=["203.0.113.0/24"]), ENVIRONMENT, [])
    assert "StringNotEquals" not in network["Condition"]
    assert list(outside["Condition"]["StringNotEquals"]) == ["aws:PrincipalAccount"]


def test_room_is_what_dynamodb_gives() -> None:
    base = length_of(str(table_policy()))
    require_room(table_policy())
    assert base < LARGEST_POLICY
    assert length_of("${Token[Role.Arn.12]}") == 150
