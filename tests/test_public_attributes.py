"""What tables, endpoints and lanes show of themselves, pinned: users of the library rely on it."""

from __future__ import annotations

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.aws_cloudwatch import CfnAlarm
from aws_cdk.aws_dynamodb import TableV2
from aws_cdk.aws_ec2 import CfnVPCEndpoint, Subnet, SubnetSelection, Vpc
from aws_cdk.aws_iam import Role, ServicePrincipal
from aws_cdk.aws_kms import Key
from constructs import Construct

from secure_ddb import (
    AlarmSettings,
    ArchiveSettings,
    AuditSettings,
    DynamoDbEndpoints,
    ExistingEndpoints,
    ImportedTable,
    Lane,
    SecureTable,
    TableControls,
)
from tests.orders import OWNERSHIP, PK

KEY_ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd"
# What a table shows, with an attribute that only the expected kind of value has.
TABLE_ATTRIBUTES = {
    "table": "table_stream_arn",
    "table_name": "encode",
    "table_arn": "encode",
    "encryption_key": "key_arn",
    "backup_vault": "backup_vault_arn",
    "backup_plan": "backup_plan_id",
    "audit_function": "function_arn",
    "audit_role_arn": "encode",
    "audit_log_group": "log_group_arn",
    "audit_failure_bucket": "bucket_arn",
    "audit_archive_bucket": "bucket_arn",
    "alarm_topic": "topic_arn",
    "alarms": "index",
    "health_alarm": "attr_arn",
    "index_names": "index",
    "endpoints": "index",
}
TABLE_METHODS = {
    "grant_read_data",
    "grant_write_data",
    "grant_read_write_data",
    "grant_control_plane",
    "grant_stream_read",
    "grant_describe",
}
EXPORT = "grant_export"
# What a table asks of everything that it can be given as its endpoints.
ENDPOINT_METHODS = {"check", "register"}
ENDPOINT_ATTRIBUTES = {"data_plane_endpoint", "control_plane_endpoint"}
LANE_ATTRIBUTES = {"name", "data_plane_endpoint", "data_plane_endpoint_ids"}


def own_names(kind: type[Construct]) -> set[str]:
    """Return the public names of a construct class that it does not have from CDK."""
    return {name for name in set(dir(kind)) - set(dir(Construct)) if not name.startswith("_")}


@pytest.fixture(scope="module")
def one_stack() -> Stack:
    return Stack(App(), "Test", env=Environment(account="111122223333", region="eu-central-1"))


@pytest.fixture(scope="module")
def table(one_stack: Stack) -> SecureTable:
    audit = AuditSettings(archive=ArchiveSettings())
    alarms = AlarmSettings(health=True)
    return SecureTable(one_stack, "Orders", partition_key=PK, ownership=OWNERSHIP, audit=audit, alarms=alarms)


@pytest.fixture(scope="module")
def endpoints(one_stack: Stack) -> DynamoDbEndpoints:
    vpc = Vpc.from_vpc_attributes(one_stack, "Vpc", vpc_id="vpc-1", availability_zones=["eu-central-1a"])
    application, operations = (
        SubnetSelection(
            subnets=[
                Subnet.from_subnet_attributes(one_stack, name, subnet_id=f"subnet-{name}", route_table_id=f"rtb-{name}")
            ]
        )
        for name in ("application", "operations")
    )
    return DynamoDbEndpoints(
        one_stack, "Endpoints", vpc=vpc, data_plane_subnets=[application], control_plane_subnets=[operations]
    )


@pytest.mark.parametrize(("name", "attribute"), TABLE_ATTRIBUTES.items())
def test_table_shows_what_it_made(table: SecureTable, name: str, attribute: str) -> None:
    assert hasattr(getattr(table, name), attribute)


def test_table_shows_its_alarms(table: SecureTable) -> None:
    assert table.alarms
    assert all(isinstance(alarm, CfnAlarm) for alarm in table.alarms)


@pytest.mark.parametrize("name", sorted(TABLE_METHODS))
def test_table_grants_work(table: SecureTable, name: str) -> None:
    role = Role(table, f"Role-{name}", assumed_by=ServicePrincipal("lambda.amazonaws.com"))
    assert getattr(table, name)(role).success


def test_table_shows_nothing_else(table: SecureTable) -> None:
    on_instance = {name for name in vars(table) if not name.startswith("_")}
    methods = {"from_attributes", "grant_audit", "replica", EXPORT} | TABLE_METHODS
    assert own_names(SecureTable) | on_instance == methods | set(TABLE_ATTRIBUTES)


def test_controls_show_what_a_table_shows_and_what_its_owner_needs(one_stack: Stack) -> None:
    imported = TableV2.from_table_attributes(
        one_stack,
        "Imported",
        table_arn="arn:aws:dynamodb:eu-central-1:111122223333:table/invoices",
        table_stream_arn="arn:aws:dynamodb:eu-central-1:111122223333:table/invoices/stream/2026-01-01T00:00:00.000",
        encryption_key=Key.from_key_arn(one_stack, "KeyOfInvoices", KEY_ARN),
    )
    audit = AuditSettings(archive=ArchiveSettings())
    alarms = AlarmSettings(health=True)
    controls = TableControls(
        one_stack, "Controls", table=imported, partition_key=PK, ownership=OWNERSHIP, audit=audit, alarms=alarms
    )
    for name, attribute in TABLE_ATTRIBUTES.items():
        assert hasattr(getattr(controls, name), attribute), name
    on_instance = {name for name in vars(controls) if not name.startswith("_")}
    methods = {"grant_audit", EXPORT} | TABLE_METHODS
    policies = {"table_policy", "stream_policy", "key_policy"}
    assert own_names(TableControls) | on_instance == methods | set(TABLE_ATTRIBUTES) | policies


def test_imported_table_shows_its_grants_and_what_it_was_given_only(one_stack: Stack) -> None:
    key = Key.from_key_arn(one_stack, "Key", KEY_ARN)
    imported = SecureTable.from_attributes(
        one_stack, "Payments", table_name="payments", partition_key=PK, encryption_key=key
    )
    on_instance = {name for name in vars(imported) if not name.startswith("_")}
    given = {"table", "table_name", "table_arn", "encryption_key"}
    assert own_names(ImportedTable) | on_instance == TABLE_METHODS | {EXPORT} | given


def test_endpoints_show_both_endpoints_their_lanes_and_their_registration_only(endpoints: DynamoDbEndpoints) -> None:
    on_instance = {name for name in vars(endpoints) if not name.startswith("_")}
    shown = {"lane", "data_plane_endpoint_ids"} | ENDPOINT_METHODS | ENDPOINT_ATTRIBUTES
    assert own_names(DynamoDbEndpoints) | on_instance == shown
    assert all(isinstance(getattr(endpoints, name), CfnVPCEndpoint) for name in ENDPOINT_ATTRIBUTES)


def test_lanes_show_their_endpoint_and_their_registration_only(one_stack: Stack) -> None:
    application, operations = (
        SubnetSelection(
            subnets=[Subnet.from_subnet_attributes(one_stack, name, subnet_id=name, route_table_id=f"rtb-{name}")]
        )
        for name in ("web", "admin")
    )
    vpc = Vpc.from_vpc_attributes(one_stack, "Lanes", vpc_id="vpc-2", availability_zones=["eu-central-1a"])
    lanes = DynamoDbEndpoints(
        one_stack, "Shared", vpc=vpc, lanes={"web": [application]}, control_plane_subnets=[operations]
    )
    lane = lanes.lane("web")
    assert isinstance(lane, Lane)
    assert {name for name in dir(lane) if not name.startswith("_")} == ENDPOINT_METHODS | LANE_ATTRIBUTES


def test_existing_endpoints_show_what_every_table_asks_for() -> None:
    names = {name for name in dir(ExistingEndpoints) if not name.startswith("_")}
    assert names == {"data_plane_endpoint_ids"} | ENDPOINT_METHODS
