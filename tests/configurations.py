"""The configurations that the tests look at, each a function that fills an empty stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk.aws_backup import BackupVault
from aws_cdk.aws_dynamodb import (
    Attribute,
    AttributeType,
    Billing,
    Capacity,
    GlobalSecondaryIndexPropsV2,
    LocalSecondaryIndexProps,
    TableClass,
)
from aws_cdk.aws_ec2 import GatewayVpcEndpoint, SubnetConfiguration, SubnetSelection, SubnetType, Vpc
from aws_cdk.aws_iam import AccountPrincipal, ManagedPolicy, Role, ServicePrincipal
from aws_cdk.aws_kinesis import Stream
from aws_cdk.aws_kms import Key
from aws_cdk.aws_logs import RetentionDays
from aws_cdk.aws_sns import Topic

from secure_ddb import (
    AlarmSettings,
    ArchiveSettings,
    AuditSettings,
    BackupSettings,
    DataClassification,
    DynamoDbEndpoints,
    EncryptionSettings,
    ExistingEndpoints,
    Lifecycle,
    LoggedKeys,
    OrganizationTrail,
    PerimeterMode,
    PerimeterSettings,
    SharedResources,
    TableAlarm,
    TableDashboard,
    TableTrail,
    Threshold,
)
from tests.access.narrow_grants import narrow_grants
from tests.orders import INSIDE, OWNERSHIP, SK, WAIVER, orders

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack


def minimal(stack: Stack) -> None:
    orders(stack)


def everything(stack: Stack) -> None:
    """A table that uses every argument, behind endpoints, with grants."""
    vpc = Vpc(
        stack,
        "Vpc",
        availability_zones=["eu-central-1a", "eu-central-1b"],
        subnet_configuration=[
            SubnetConfiguration(name=name, subnet_type=SubnetType.PRIVATE_ISOLATED)
            for name in ("application", "operations")
        ],
    )
    table = orders(
        stack,
        sort_key=SK,
        classification=DataClassification.RESTRICTED,
        endpoints=DynamoDbEndpoints(
            stack,
            "Endpoints",
            vpc=vpc,
            data_plane_subnets=[SubnetSelection(subnet_group_name="application")],
            control_plane_subnets=[SubnetSelection(subnet_group_name="operations")],
            ownership=OWNERSHIP,
        ),
        perimeter=WAIVER,
        encryption=EncryptionSettings(rotation_period=Duration.days(90)),
        backup=BackupSettings(
            daily_retention=Duration.days(35),
            weekly_retention=Duration.days(90),
            monthly_retention=Duration.days(3650),
        ),
        audit=AuditSettings(
            log_retention=RetentionDays.TEN_YEARS,
            reads=TableTrail(),
            archive=ArchiveSettings(retention=Duration.days(3653)),
        ),
        alarms=AlarmSettings(latency=Duration.millis(25), iterator_age=Duration.minutes(30)),
        billing=Billing.provisioned(
            read_capacity=Capacity.fixed(10), write_capacity=Capacity.autoscaled(max_capacity=20)
        ),
        global_secondary_indexes=[GlobalSecondaryIndexPropsV2(index_name="by-status", partition_key=SK)],
        local_secondary_indexes=[
            LocalSecondaryIndexProps(index_name="by-date", sort_key=Attribute(name="date", type=AttributeType.NUMBER))
        ],
        time_to_live_attribute="expires",
        table_class=TableClass.STANDARD_INFREQUENT_ACCESS,
        table_name="orders-prod",
        kinesis_stream=Stream(stack, "Changes"),
    )
    for name, grant in (
        ("Reader", table.grant_read_data),
        ("Writer", table.grant_write_data),
        ("Both", table.grant_read_write_data),
    ):
        role = Role(stack, name, assumed_by=ServicePrincipal("lambda.amazonaws.com"))
        grant(ManagedPolicy(stack, f"{name}Policy", roles=[role]))


def bring_your_own(stack: Stack) -> None:
    """Everything that can exist already does, outside of the app."""
    orders(
        stack,
        encryption=EncryptionSettings(
            key=Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-central-1:111122223333:key/1234abcd")
        ),
        backup=BackupSettings(vault=BackupVault.from_backup_vault_name(stack, "Vault", "company-vault")),
        alarms=AlarmSettings(
            topic=Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-central-1:111122223333:company-alarms")
        ),
    )


def own_key(stack: Stack) -> None:
    """The key is another construct of the app, whose policy can be extended."""
    orders(stack, encryption=EncryptionSettings(key=Key(stack, "Key")))


def own_topic(stack: Stack) -> None:
    """The topic is another construct of the app, with a key of its own, and takes requests over TLS only."""
    topic = Topic(stack, "Alarms", master_key=Key(stack, "TopicKey", enable_key_rotation=True), enforce_ssl=True)
    orders(stack, alarms=AlarmSettings(topic=topic))


def waived(stack: Stack) -> None:
    """Everything that can be waived is."""
    orders(stack, backup=WAIVER, audit=WAIVER, alarms=WAIVER)


def ephemeral(stack: Stack) -> None:
    orders(
        stack,
        classification=DataClassification.INTERNAL,
        lifecycle=Lifecycle.ephemeral(reason="integration tests"),
    )


def restricted(stack: Stack) -> None:
    orders(
        stack,
        classification=DataClassification.RESTRICTED,
        perimeter=INSIDE,
    )


def enforced(stack: Stack) -> None:
    """Items are reached from one endpoint, from company networks, and by a break-glass role from everywhere."""
    endpoint = GatewayVpcEndpoint.from_gateway_vpc_endpoint_id(stack, "Endpoint", "vpce-0123456789abcdef0")
    table = orders(
        stack,
        endpoints=ExistingEndpoints(data_plane=endpoint),
        perimeter=PerimeterSettings(
            organization_id="o-abcde12345",
            exempt_roles=[Role(stack, "BreakGlass", assumed_by=AccountPrincipal("111122223333"))],
            corporate_cidrs=["203.0.113.0/24"],
        ),
    )
    application = Role(stack, "Application", assumed_by=ServicePrincipal("lambda.amazonaws.com"))
    table.grant_read_write_data(ManagedPolicy(stack, "UseOrders", roles=[application]))


def observed(stack: Stack) -> None:
    """Requests from outside of the perimeter are counted and not denied."""
    orders(
        stack,
        audit=AuditSettings(reads=TableTrail()),
        perimeter=PerimeterSettings(
            mode=PerimeterMode.OBSERVE,
            exempt_roles=[Role.from_role_arn(stack, "BreakGlass", "arn:aws:iam::111122223333:role/break-glass")],
            corporate_cidrs=["203.0.113.0/24"],
        ),
    )


def plain_keys(stack: Stack) -> None:
    """Item keys and one attribute are logged in clear."""
    orders(
        stack,
        classification=DataClassification.INTERNAL,
        audit=AuditSettings(keys=LoggedKeys.PLAIN, clear_attributes=["status"]),
    )


def own_trail(stack: Stack) -> None:
    """Reads are recorded by a trail of the table's own."""
    orders(stack, audit=AuditSettings(reads=TableTrail()))


def ephemeral_trail(stack: Stack) -> None:
    """Reads of a table that goes away with its stack, and the trail with it."""
    orders(
        stack,
        classification=DataClassification.INTERNAL,
        lifecycle=Lifecycle.ephemeral(reason="integration tests"),
        audit=AuditSettings(reads=TableTrail(retention=Duration.days(90))),
    )


def organization_trail(stack: Stack) -> None:
    """Somebody states that a trail of the organization records reads."""
    orders(
        stack,
        audit=AuditSettings(
            reads=OrganizationTrail(
                trail="arn:aws:cloudtrail:eu-central-1:111122223333:trail/organization", stated_by="SEC-142"
            )
        ),
    )


def archived(stack: Stack) -> None:
    """The audit log is archived although the classification does not demand it."""
    orders(
        stack,
        audit=AuditSettings(archive=ArchiveSettings(retention=Duration.days(365))),
    )


def laned_endpoints(stack: Stack) -> DynamoDbEndpoints:
    """Return endpoints in an existing VPC, with the lanes `web` and `batch`, for one organization."""
    groups = {"web": "0a", "batch": "0b", "operations": "0c"}
    vpc = Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["eu-central-1a"],
        isolated_subnet_ids=[f"subnet-{number}23456789abcdef0" for number in groups.values()],
        isolated_subnet_names=list(groups),
        isolated_subnet_route_table_ids=[f"rtb-{number}23456789abcdef0" for number in groups.values()],
    )
    web, batch, operations = ([SubnetSelection(subnet_group_name=name)] for name in groups)
    return DynamoDbEndpoints(
        stack,
        "Endpoints",
        vpc=vpc,
        lanes={"web": web, "batch": batch},
        control_plane_subnets=operations,
        organization_id="o-abcde12345",
        ownership=OWNERSHIP,
    )


def two_lanes(stack: Stack) -> None:
    """Two tiers of an existing VPC use the table, and somebody behind an existing endpoint."""
    endpoints = laned_endpoints(stack)
    elsewhere = GatewayVpcEndpoint.from_gateway_vpc_endpoint_id(stack, "Elsewhere", "vpce-0123456789abcdef0")
    orders(
        stack,
        endpoints=[endpoints.lane("web"), endpoints.lane("batch"), ExistingEndpoints(data_plane=elsewhere)],
    )


def sharing(stack: Stack) -> None:
    """A table that shares what can be shared."""
    orders(stack, shared_resources=SharedResources(stack, "Shared", ownership=OWNERSHIP))


def monitored(stack: Stack) -> None:
    """A table with every alarm that can be asked for, one of the usual ones waived, and a dashboard."""
    table = orders(
        stack,
        billing=Billing.on_demand(max_write_request_units=50),
        alarms=AlarmSettings(
            bulk_latency=Duration.seconds(1),
            unusual_reads=3,
            unused_days=7,
            health=True,
            thresholds={TableAlarm.THROTTLES: Threshold.count(5)},
            waived={TableAlarm.AUDIT_UNREAD_WRITES: WAIVER},
        ),
    )
    TableDashboard(stack, "Dashboard", tables=[table], ownership=OWNERSHIP)


CONFIGURATIONS: dict[str, Callable[[Stack], None]] = {
    function.__name__: function
    for function in (
        minimal,
        everything,
        bring_your_own,
        own_key,
        own_topic,
        waived,
        ephemeral,
        restricted,
        plain_keys,
        own_trail,
        ephemeral_trail,
        organization_trail,
        archived,
        narrow_grants,
        two_lanes,
        enforced,
        observed,
        sharing,
        monitored,
    )
}
