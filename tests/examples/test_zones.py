"""The reference VPC: zones that cannot reach each other, no way out, and a record of all traffic (NET-5)."""

from __future__ import annotations

from ipaddress import ip_network
from itertools import permutations

import pytest
from aws_cdk import App, Environment

from examples.network import ZONES
from examples.shared_network import SharedNetworkStack
from tests.cycles import cycle
from tests.examples.zones import TCP, acls, passes, rules, subnets
from tests.network.networks import ENDPOINT, arn, resources, route_tables, with_indexes
from tests.template import Template, text

# One of those that AWS publishes for DynamoDB.
DYNAMODB = "52.94.5.10"
EPHEMERAL = (1024, 32768, 65535)
OPEN_ZONES = pytest.mark.parametrize("zone", ["application", "operations"])
WAYS_OUT = {
    "AWS::EC2::EgressOnlyInternetGateway",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::NatGateway",
    "AWS::EC2::Route",
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::VPCPeeringConnection",
    "AWS::EC2::VPNGateway",
}


@pytest.fixture(scope="module")
def shared() -> Template:
    app = App()
    stack = SharedNetworkStack(app, "Shared", env=Environment(account="111122223333", region="eu-central-1"))
    return Template(app.synth().get_stack_by_name(stack.stack_name).template)


def test_each_zone_has_a_network_acl_of_its_own_and_no_subnet_the_vpc_s(shared: Template) -> None:
    by_zone = {zone: [acls(shared, subnet) for subnet in subnets(shared, zone)] for zone in ZONES}
    assert {zone: len(of_subnets) for zone, of_subnets in by_zone.items()} == {
        "application": 4,
        "operations": 2,
        "isolated": 2,
    }
    assert all(len(acl) == 1 for of_subnets in by_zone.values() for acl in of_subnets)
    assert len({acl for of_subnets in by_zone.values() for (acl,) in of_subnets}) == len(ZONES)
    assert len(shared.of_type("AWS::EC2::Subnet")) == sum(map(len, by_zone.values()))


def test_each_subnet_has_a_route_table_of_its_own(shared: Template) -> None:
    groups = [name for names in ZONES.values() for name in names]
    found = [route_table for group in groups for route_table in route_tables(shared, group)]
    assert len(found) == len(set(found)) == len(shared.of_type("AWS::EC2::RouteTable")) == 8


def test_nothing_passes_from_subnet_to_subnet(shared: Template) -> None:
    everywhere = {name: subnet["CidrBlock"] for zone in ZONES for name, subnet in subnets(shared, zone).items()}
    assert len(set(everywhere.values())) == 8
    for (name, _), (_, other) in permutations(everywhere.items(), 2):
        neighbour = str(ip_network(other)[10])
        for port in (0, 22, 443, *EPHEMERAL):
            for protocol in (TCP, 17):
                assert not passes(shared, name, neighbour, port, outbound=True, protocol=protocol)
                assert not passes(shared, name, neighbour, port, outbound=False, protocol=protocol)


@OPEN_ZONES
def test_https_leaves_and_answers_come_in(shared: Template, zone: str) -> None:
    for subnet in subnets(shared, zone):
        assert passes(shared, subnet, DYNAMODB, 443, outbound=True)
        assert all(passes(shared, subnet, DYNAMODB, port, outbound=False) for port in EPHEMERAL)


@OPEN_ZONES
def test_nothing_else_leaves_or_comes_in(shared: Template, zone: str) -> None:
    for subnet in subnets(shared, zone):
        for protocol, port in ((TCP, 80), (TCP, 442), (TCP, 444), (TCP, 8443), (17, 443)):
            assert not passes(shared, subnet, DYNAMODB, port, outbound=True, protocol=protocol)
        for protocol, port in ((TCP, 22), (TCP, 443), (TCP, 1023), (17, 5353)):
            assert not passes(shared, subnet, DYNAMODB, port, outbound=False, protocol=protocol)


def test_network_acl_of_the_isolated_zone_lets_nothing_pass(shared: Template) -> None:
    for subnet in subnets(shared, "isolated"):
        for outbound in (True, False):
            assert list(rules(shared, subnet, outbound=outbound)) == []


def test_no_way_leads_out_of_the_vpc(shared: Template) -> None:
    assert not {resource["Type"] for resource in shared.resources.values()} & WAYS_OUT
    public = [subnet["Properties"]["MapPublicIpOnLaunch"] for subnet in shared.of_type("AWS::EC2::Subnet").values()]
    assert set(public) == {False}


def test_no_endpoint_is_on_the_route_tables_of_the_isolated_zone(shared: Template) -> None:
    used = {
        text(route_table)
        for endpoint in shared.of_type(ENDPOINT).values()
        for route_table in endpoint["Properties"]["RouteTableIds"]
    }
    assert len(used) == 6
    assert not used & route_tables(shared, "isolated")


def test_all_traffic_of_the_vpc_is_recorded(shared: Template) -> None:
    flow_log = shared.properties("AWS::EC2::FlowLog")
    assert (flow_log["ResourceType"], flow_log["TrafficType"]) == ("VPC", "ALL")
    assert text(flow_log["ResourceId"]) == f"<{shared.named('AWS::EC2::VPC', 'Network')}>"
    assert text(flow_log["LogGroupName"]) == f"<{shared.named('AWS::Logs::LogGroup', 'NetworkFlowLog')}>"


def test_flow_log_is_encrypted_with_a_key_that_rotates(shared: Template) -> None:
    log_group = shared.properties("AWS::Logs::LogGroup", "NetworkFlowLog")
    assert text(log_group["KmsKeyId"]) == f"<{shared.named('AWS::KMS::Key', 'NetworkFlowLogKey')}.Arn>"
    key = shared.properties("AWS::KMS::Key", "NetworkFlowLogKey")
    assert key["EnableKeyRotation"] is True
    (logs,) = [s for s in key["KeyPolicy"]["Statement"] if "Service" in s["Principal"]]
    assert logs["Principal"] == {"Service": "logs.eu-central-1.amazonaws.com"}
    (pattern,) = logs["Condition"]["ArnLike"].values()
    assert text(pattern) == "arn:<AWS::Partition>:logs:eu-central-1:111122223333:log-group:*"


def test_flow_log_and_its_key_are_retained(shared: Template) -> None:
    assert shared.properties("AWS::Logs::LogGroup", "NetworkFlowLog")["RetentionInDays"] == 365
    for kind, name in (("AWS::Logs::LogGroup", "NetworkFlowLog"), ("AWS::KMS::Key", "NetworkFlowLogKey")):
        resource = shared.only(kind, name)
        assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"


def test_flow_log_s_role_writes_to_that_log_only(shared: Template) -> None:
    (statement,) = shared.properties("AWS::IAM::ManagedPolicy", "NetworkWriteFlowLog")["PolicyDocument"]["Statement"]
    assert text(statement["Resource"]) == f"<{shared.named('AWS::Logs::LogGroup', 'NetworkFlowLog')}.Arn>"
    assert not [action for action in statement["Action"] if "*" in action]


def test_lanes_of_the_example_reach_their_own_tables(shared: Template) -> None:
    sessions, payments, settlements = (arn(shared, name) for name in ("Sessions", "Payments", "Settlements"))
    assert resources(shared, "EndpointsDataPlaneweb") == with_indexes(payments, sessions)
    assert resources(shared, "EndpointsDataPlanebatch") == with_indexes(payments, settlements)
    assert resources(shared, "EndpointsControlPlane") == [payments, sessions, settlements]
    assert cycle(shared) == []
