"""A table in two Regions as if both were deployed: rows about a table of one Region are decided in each of them."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_cdk import App, Environment, Stack
from aws_cdk.aws_dynamodb import GlobalSecondaryIndexPropsV2
from aws_cdk.aws_ec2 import GatewayVpcEndpoint, SubnetConfiguration, SubnetSelection, SubnetType, Vpc
from aws_cdk.aws_iam import AccountPrincipal, ManagedPolicy, Role, ServicePrincipal

from secure_ddb import DynamoDbEndpoints, ExistingEndpoints, PerimeterSettings, ReplicaSettings, SecureTable
from tests.orders import OWNERSHIP, PK, SK
from tests.policies.deployments import Deployment
from tests.policies.resolve import PSEUDO_PARAMETERS, Deployed
from tests.template import Template

if TYPE_CHECKING:
    from secure_ddb.network.interface import TableEndpoints
    from tests.policies.engine import Request
    from tests.policies.mutation import Case
    from tests.policies.requests.row import Context, Row

ACCOUNT = "111122223333"
HERE, WEST = "eu-central-1", "eu-west-1"
# Each Region has an endpoint of its own. Rows speak of the first.
ENDPOINTS = {HERE: "vpce-0123456789abcdef0", WEST: "vpce-0fedcba9876543210"}
STREAM = f"arn:aws:dynamodb:{WEST}:{ACCOUNT}:table/orders/stream/2026-01-01T00:00:00.000"
BY_STATUS = [GlobalSecondaryIndexPropsV2(index_name="by-status", partition_key=SK)]

Body = dict[str, Any]


def _endpoints(stack: Stack) -> DynamoDbEndpoints:
    vpc = Vpc(
        stack,
        "Vpc",
        availability_zones=[f"{stack.region}a", f"{stack.region}b"],
        subnet_configuration=[
            SubnetConfiguration(name=name, subnet_type=SubnetType.PRIVATE_ISOLATED)
            for name in ("application", "operations")
        ],
    )
    return DynamoDbEndpoints(
        stack,
        "Endpoints",
        vpc=vpc,
        data_plane_subnets=[SubnetSelection(subnet_group_name="application")],
        control_plane_subnets=[SubnetSelection(subnet_group_name="operations")],
        ownership=OWNERSHIP,
    )


def _known(stack: Stack) -> ExistingEndpoints:
    endpoint = GatewayVpcEndpoint.from_gateway_vpc_endpoint_id(stack, "Endpoint", ENDPOINTS[stack.region])
    return ExistingEndpoints(data_plane=endpoint)


@cache
def _synthesized(*, enforced: bool) -> dict[str, dict[str, Body]]:
    """Return the stacks of each Region: Region to name of the stack to template."""
    app = App()
    network, table_stack = (Stack(app, name, env=Environment(account=ACCOUNT, region=HERE)) for name in ("Net", "Test"))
    west = Stack(app, "West", env=Environment(account=ACCOUNT, region=WEST))
    endpoints: dict[str, TableEndpoints] = {
        each.region: _known(each) if enforced else _endpoints(each) for each in (network, west)
    }
    exempt = Role(network, "BreakGlass", role_name="break-glass", assumed_by=AccountPrincipal(ACCOUNT))
    table = SecureTable(
        table_stack,
        "Orders",
        partition_key=PK,
        table_name="orders",
        ownership=OWNERSHIP,
        endpoints=endpoints[HERE],
        perimeter=PerimeterSettings(
            organization_id="o-abcde12345", exempt_roles=[exempt], corporate_cidrs=["203.0.113.0/24"]
        )
        if enforced
        else None,
        global_secondary_indexes=BY_STATUS,
        replicas=[ReplicaSettings(WEST, endpoints=endpoints[WEST], stream_arn=STREAM)],
    )
    for stack, granted in ((table_stack, table), (west, table.replica(WEST))):
        for name, grant in (("Application", granted.grant_read_write_data), ("Reader", granted.grant_read_data)):
            role = Role(stack, name, assumed_by=ServicePrincipal("lambda.amazonaws.com"))
            grant(ManagedPolicy(stack, f"{name}Policy", roles=[role]))
    found: dict[str, dict[str, Body]] = {HERE: {}, WEST: {}}
    for each in app.synth().stacks:
        found[each.environment.region][each.stack_name] = each.template
    return found


def _together(stacks: dict[str, Body]) -> Template:
    """Return the templates of one Region as one, in which what others export is what they export."""
    exported = {
        output["Export"]["Name"]: output["Value"]
        for body in stacks.values()
        for output in body.get("Outputs", {}).values()
        if "Export" in output
    }

    def resolved(value: Any) -> Any:
        if isinstance(value, dict):
            name = value.get("Fn::ImportValue")
            return exported[name] if name else {key: resolved(inner) for key, inner in value.items()}
        return [resolved(each) for each in value] if isinstance(value, list) else value

    resources: Body = {}
    for body in stacks.values():
        assert resources.keys().isdisjoint(body.get("Resources", {}))
        resources |= resolved(body.get("Resources", {}))
    return Template({"Resources": resources})


class InRegion(Deployment):
    """The table as requests meet it that are routed to one of its Regions."""

    def __init__(self, region: str, *, enforced: bool) -> None:
        """Resolve the templates of the Region, and the table's."""
        stacks = _synthesized(enforced=enforced)
        self.region = region
        self._table = Deployed(_together(stacks[HERE]))
        self.deployed = self._table
        if region != HERE:
            self.deployed = Deployed(_together(stacks[region]), {**PSEUDO_PARAMETERS, "AWS::Region": region})
            self._unique = next(
                name.partition("AuditRole")[0]
                for name in self.deployed.template.of_type("AWS::IAM::Role")
                if "AuditRole" in name
            )

    def case(self, row: Row) -> Case:
        """Return a row as it is asked of this Region, with the policies that it meets there."""
        context = json.loads(json.dumps(row.context).replace(ENDPOINTS[HERE], ENDPOINTS[self.region]))
        case = super().case(replace(row, context=context))
        if row.on.endswith(" that is open") or self.region == HERE:
            return case
        return replace(case, policies=replace(case.policies, resource=self._policy(case.request)))

    def _policy(self, request: Request) -> Any:
        """Return the policy of the resource: a replica's are in the table's template."""
        (table,) = (
            self._table.property(name, "Replicas")
            for name in self._table.template.of_type("AWS::DynamoDB::GlobalTable")
        )
        (replica,) = (each for each in table if each["Region"] == self.region)
        arn = self.resource("table")
        if request.resource == STREAM:
            return replica["ReplicaStreamSpecification"]["ResourcePolicy"]["PolicyDocument"]
        if request.resource == arn or request.resource.startswith(f"{arn}/index/"):
            return replica["ResourcePolicy"]["PolicyDocument"]
        return self.deployed.resource_policy(request.resource)

    def principal(self, name: str) -> str | None:
        """Return a principal's ARN; the exempt role is one of the account."""
        if name == "BreakGlass":
            return self._table.arn("AWS::IAM::Role", "BreakGlass")
        if self.region != HERE and name.startswith("Orders"):
            name = name.replace("Orders", self._unique, 1)
        return super().principal(name)

    def resource(self, name: str) -> str:
        """Return a resource's ARN in this Region."""
        if self.region == HERE:
            return super().resource(name)
        name = name.removesuffix(" that is open")
        if name == "table":
            return f"arn:aws:dynamodb:{self.region}:{ACCOUNT}:table/orders"
        if name == "stream":
            return STREAM
        if name == "key":
            return self.deployed.arn("AWS::KMS::Key", f"{self._unique}Key")
        return super().resource(name)


def context_of(region: str, service: str) -> Context:
    """Return what AWS KMS sees when a service of a Region uses a key for its caller."""
    return {"kms:ViaService": f"{service}.{region}.amazonaws.com"}
