"""ENFORCE: what the table's policy denies. What comes of it together with other policies, tests/policies decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb import PerimeterSettings
from secure_ddb.access.actions import (
    BACK_UP,
    CONTROL_PLANE,
    COPY_OF_ALL_ITEMS,
    DATA_PLANE,
    READ_STREAM,
    STREAM_POLICY,
    TABLE_POLICY,
)
from secure_ddb.context import StackEnvironment
from secure_ddb.perimeter.policy import (
    LARGEST_POLICY,
    length_of,
    require_room,
    stream_statements,
    table_policy,
    table_statements,
)
from tests.template import as_list, statements, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.template import Template

ENVIRONMENT = StackEnvironment(partition="aws", region="eu-central-1", account="111122223333", stack_name="Test")


SERVICE_LINKED = "arn:<AWS::Partition>:iam::111122223333:role/aws-service-role/*"


def replica_of(found: Template) -> dict[str, Any]:
    replica: dict[str, Any]
    (replica,) = found.only("AWS::DynamoDB::GlobalTable")["Properties"]["Replicas"]
    return replica


@pytest.fixture
def enforced(template: Callable[[str], Template]) -> dict[str, dict[str, Any]]:
    return statements(replica_of(template("enforced"))["ResourcePolicy"]["PolicyDocument"])


@pytest.fixture
def stream(template: Callable[[str], Template]) -> dict[str, dict[str, Any]]:
    specification = replica_of(template("enforced"))["ReplicaStreamSpecification"]
    return statements(specification["ResourcePolicy"]["PolicyDocument"])


def exempt_roles(statement: dict[str, Any]) -> list[str]:
    return [text(arn) for arn in statement["Condition"]["ArnNotLike"]["aws:PrincipalArn"]]


def test_items_and_copies_of_them_are_denied_from_outside(enforced: dict[str, dict[str, Any]]) -> None:
    denied = set(enforced["DenyItemsFromOutsideTheNetwork"]["Action"])
    assert denied == {*DATA_PLANE, *COPY_OF_ALL_ITEMS}


def test_of_management_only_backups_are_denied_by_network(enforced: dict[str, dict[str, Any]]) -> None:
    by_network = [found for found in enforced.values() if "aws:SourceVpce" in str(found["Condition"])]
    denied = {action for found in by_network for action in as_list(found["Action"])}
    assert denied & set(CONTROL_PLANE) == set(BACK_UP)


def test_backups_are_made_from_anywhere_by_the_backup_role_too(
    enforced: dict[str, dict[str, Any]], template: Callable[[str], Template]
) -> None:
    roles = [template("enforced").named("AWS::IAM::Role", name) for name in ("BreakGlass", "OrdersBackupRole")]
    statement = enforced["DenyBackupsFromOutsideTheNetwork"]
    assert exempt_roles(statement) == [SERVICE_LINKED, *(f"<{role}.Arn>" for role in roles)]


def test_a_service_that_acts_for_its_caller_is_no_way_in(
    enforced: dict[str, dict[str, Any]], stream: dict[str, dict[str, Any]]
) -> None:
    assert "ViaAWSService" not in str([enforced, stream])


def test_the_stream_is_read_from_company_networks_and_by_exempt_roles_and_the_audit_function(
    stream: dict[str, dict[str, Any]], template: Callable[[str], Template]
) -> None:
    statement = stream["DenyStreamFromOutsideTheNetwork"]
    roles = [template("enforced").named("AWS::IAM::Role", name) for name in ("BreakGlass", "OrdersAuditRole")]
    assert exempt_roles(statement) == [SERVICE_LINKED, *(f"<{role}.Arn>" for role in roles)]
    assert statement["Condition"]["NotIpAddress"] == {"aws:SourceIp": ["203.0.113.0/24"]}
    # Requests to DynamoDB Streams never come through a gateway endpoint.
    assert "StringNotEquals" not in statement["Condition"]


@pytest.mark.parametrize("configuration", ["minimal", "everything", "observed", "enforced", "ephemeral"])
def test_each_stream_denies_requests_without_tls(configuration: str, template: Callable[[str], Template]) -> None:
    specification = replica_of(template(configuration))["ReplicaStreamSpecification"]
    found = statements(specification["ResourcePolicy"]["PolicyDocument"])
    assert found["DenyRequestsWithoutTls"]["Action"] == list(STREAM_POLICY)
    assert set(found) == {
        "DenyRequestsWithoutTls",
        *(["DenyStreamFromOutsideTheNetwork", "DenyPrincipalsFromOutside"] if configuration == "enforced" else []),
    }


def test_a_stream_policy_names_only_what_aws_lets_it_name() -> None:
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-iam-actions.html#rbac-ds-actions
    assert set(READ_STREAM) - set(STREAM_POLICY) == {"dynamodb:ListStreams"}
    # Refused there, and AWS refuses the whole table for one such name.
    assert not {"dynamodb:RestoreTableFromBackup", "dynamodb:StartAwsBackupJob", *READ_STREAM} & set(TABLE_POLICY)


def test_inside_are_endpoints_company_networks_and_exempt_roles(
    enforced: dict[str, dict[str, Any]], template: Callable[[str], Template]
) -> None:
    condition = enforced["DenyItemsFromOutsideTheNetwork"]["Condition"]
    assert condition["StringNotEquals"] == {"aws:SourceVpce": ["vpce-0123456789abcdef0"]}
    assert condition["NotIpAddress"] == {"aws:SourceIp": ["203.0.113.0/24"]}
    role = template("enforced").named("AWS::IAM::Role", "BreakGlass")
    assert exempt_roles(enforced["DenyItemsFromOutsideTheNetwork"]) == [SERVICE_LINKED, f"<{role}.Arn>"]


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
    settings = PerimeterSettings(corporate_cidrs=["203.0.113.0/24"])
    items, backups, outside = table_statements(settings, ENVIRONMENT, [])
    assert "StringNotEquals" not in {**items["Condition"], **backups["Condition"]}
    stream, _ = stream_statements(PerimeterSettings(), ENVIRONMENT)
    assert "NotIpAddress" not in stream["Condition"]
    assert list(outside["Condition"]["StringNotEquals"]) == ["aws:PrincipalAccount"]


def test_room_is_what_dynamodb_gives() -> None:
    base = length_of(str(table_policy()))
    require_room(table_policy())
    assert base < LARGEST_POLICY
    assert length_of("${Token[Role.Arn.12]}") == 150
