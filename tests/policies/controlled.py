"""Tables that are declared elsewhere, with controls in place of the SecureTable of a configuration."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aws_cdk.aws_dynamodb import GlobalSecondaryIndexPropsV2
from aws_cdk.aws_ec2 import GatewayVpcEndpoint, SubnetConfiguration, SubnetSelection, SubnetType, Vpc
from aws_cdk.aws_iam import AccountPrincipal, ManagedPolicy, Role, ServicePrincipal

from secure_ddb import DynamoDbEndpoints, ExistingEndpoints, PerimeterSettings
from tests.orders import OWNERSHIP, SK
from tests.policies.deployments import Deployment
from tests.policies.resolve import Deployed
from tests.synthesized import synthesized
from tests.table_controls.declared import STREAM_ARN, TABLE_ARN, controls, table_of_app, table_of_terraform
from tests.table_controls.offered import offered

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack
    from aws_cdk.aws_dynamodb import ITableV2

    from secure_ddb import TableControls
    from tests.policies.mutation import Case
    from tests.policies.requests.row import Row

BY_STATUS = [GlobalSecondaryIndexPropsV2(index_name="by-status", partition_key=SK)]


def with_endpoints(stack: Stack) -> None:
    """A table of the stack behind endpoints, as in `everything`."""
    vpc = Vpc(
        stack,
        "Vpc",
        availability_zones=["eu-central-1a", "eu-central-1b"],
        subnet_configuration=[
            SubnetConfiguration(name=name, subnet_type=SubnetType.PRIVATE_ISOLATED)
            for name in ("application", "operations")
        ],
    )
    endpoints = DynamoDbEndpoints(
        stack,
        "Endpoints",
        vpc=vpc,
        data_plane_subnets=[SubnetSelection(subnet_group_name="application")],
        control_plane_subnets=[SubnetSelection(subnet_group_name="operations")],
        ownership=OWNERSHIP,
    )
    table = table_of_app(stack, global_secondary_indexes=BY_STATUS)
    around = controls(stack, table, endpoints=endpoints, global_secondary_indexes=BY_STATUS)
    role = Role(stack, "Reader", assumed_by=ServicePrincipal("lambda.amazonaws.com"))
    around.grant_read_data(ManagedPolicy(stack, "ReaderPolicy", roles=[role]))


def _enforced(stack: Stack, table: ITableV2) -> TableControls:
    endpoint = GatewayVpcEndpoint.from_gateway_vpc_endpoint_id(stack, "Endpoint", "vpce-0123456789abcdef0")
    around = controls(
        stack,
        table,
        endpoints=ExistingEndpoints(data_plane=endpoint),
        perimeter=PerimeterSettings(
            organization_id="o-abcde12345",
            exempt_roles=[Role(stack, "BreakGlass", assumed_by=AccountPrincipal("111122223333"))],
            corporate_cidrs=["203.0.113.0/24"],
        ),
    )
    application = Role(stack, "Application", assumed_by=ServicePrincipal("lambda.amazonaws.com"))
    around.grant_read_write_data(ManagedPolicy(stack, "UseOrders", roles=[application]))
    return around


def enforced(stack: Stack) -> None:
    """A table of the stack inside a perimeter, as in the configuration of that name."""
    _enforced(stack, table_of_app(stack))


def enforced_elsewhere(stack: Stack) -> None:
    """A table of Terraform inside the same perimeter."""
    _enforced(stack, table_of_terraform(stack))


class Controlled(Deployment):
    """A configuration of this file, which rows about a SecureTable are decided in.

    Its service roles are those of the controls. Of a table of Terraform, the policies are those that its owner is
    offered.
    """

    def __init__(self, configuration: Callable[[Stack], None]) -> None:
        """Resolve the template."""
        template = synthesized(configuration)
        self.deployed = Deployed(template)
        self._offered = {}
        if not template.of_type("AWS::DynamoDB::GlobalTable"):
            self._offered = {TABLE_ARN: offered(template, "Table"), STREAM_ARN: offered(template, "Stream")}

    def case(self, row: Row) -> Case:
        """Return a row with the policies that it meets."""
        for role in ("AuditRole", "BackupRole"):
            if row.who.startswith(f"Orders{role}"):
                row = replace(row, who=row.who.replace("Orders", "OrdersControls", 1))
        case = super().case(row)
        if case.request.resource in self._offered:
            policies = replace(case.policies, resource=self._offered[case.request.resource])
            return replace(case, policies=policies)
        return case

    def resource(self, name: str) -> str:
        """Return a resource's ARN."""
        if self._offered and name in ("table", "stream"):
            return TABLE_ARN if name == "table" else STREAM_ARN
        return super().resource(name)
