"""The reference VPC with the company's gateway (NET-7), security groups and Session Manager (NET-8)."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.aws_ec2 import SubnetSelection

from examples.network import Network
from secure_ddb import DynamoDbEndpoints
from secure_ddb.cloudformation.template import Template as RulesTemplate
from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict
from tests.cycles import cycle
from tests.examples.zones import passes, subnets
from tests.network.networks import ENDPOINT, route_tables
from tests.orders import OWNERSHIP
from tests.template import Template, text

TRANSIT, VIRTUAL_PRIVATE = "tgw-0123456789abcdef0", "vgw-0123456789abcdef0"
PREFIX_LIST = "pl-0123456789abcdef0"
ROUTE, GROUP = "AWS::EC2::Route", "AWS::EC2::SecurityGroup"
OFFICE, STRANGER = "10.20.0.7", "10.30.0.7"
EVERYTHING: dict[str, Any] = {
    "company_gateway": TRANSIT,
    "company_networks": ["10.20.0.0/16"],
    "dynamodb_prefix_list": PREFIX_LIST,
    "with_session_manager": True,
}


def network(**arguments: Any) -> Template:
    """Return the template of the reference VPC, with gateway endpoints for DynamoDB."""
    app = App()
    stack = Stack(app, "Test", env=Environment(account="111122223333", region="eu-central-1"))
    made = Network(stack, "Network", **arguments)
    web, operations = ([SubnetSelection(subnet_group_name=name)] for name in ("web", "operations"))
    DynamoDbEndpoints(
        stack,
        "Endpoints",
        vpc=made.vpc,
        data_plane_subnets=web,
        control_plane_subnets=operations,
        ownership=OWNERSHIP,
    )
    return Template(app.synth().get_stack_by_name("Test").template)


@pytest.fixture(scope="module")
def whole() -> Template:
    return network(**EVERYTHING)


@pytest.mark.parametrize(("gateway", "target"), [(TRANSIT, "TransitGatewayId"), (VIRTUAL_PRIVATE, "GatewayId")])
def test_default_route_of_applications_and_operations_leads_to_the_gateway(gateway: str, target: str) -> None:
    template = network(company_gateway=gateway)
    routes = [route["Properties"] for route in template.of_type(ROUTE).values()]
    assert {(route["DestinationCidrBlock"], route[target]) for route in routes} == {("0.0.0.0/0", gateway)}
    chosen = {table for group in ("web", "batch", "operations") for table in route_tables(template, group)}
    assert {text(route["RouteTableId"]) for route in routes} == chosen
    assert len(routes) == len(chosen) == 6


@pytest.mark.parametrize(
    ("gateway", "kind"),
    [(TRANSIT, "AWS::EC2::TransitGatewayAttachment"), (VIRTUAL_PRIVATE, "AWS::EC2::VPCGatewayAttachment")],
)
def test_routes_wait_until_the_vpc_is_attached(gateway: str, kind: str) -> None:
    template = network(company_gateway=gateway)
    attachment = template.named(kind, "NetworkCompanyGateway")
    assert {tuple(route["DependsOn"]) for route in template.of_type(ROUTE).values()} == {(attachment,)}


def test_transit_gateway_has_subnets_of_its_own_and_the_others_keep_their_addresses(whole: Template) -> None:
    attached = whole.properties("AWS::EC2::TransitGatewayAttachment")["SubnetIds"]
    named = {name for name in whole.of_type("AWS::EC2::Subnet") if "transit" in name}
    assert {text(subnet).strip("<>") for subnet in attached} == named
    assert len(named) == 2
    before = {name: subnet["Properties"]["CidrBlock"] for name, subnet in network().of_type("AWS::EC2::Subnet").items()}
    after = {name: subnet["Properties"]["CidrBlock"] for name, subnet in whole.of_type("AWS::EC2::Subnet").items()}
    assert before.items() <= after.items()


def test_without_a_gateway_there_is_no_route() -> None:
    assert network().of_type(ROUTE) == {}


@pytest.mark.parametrize("gateway", ["", TRANSIT, VIRTUAL_PRIVATE])
def test_rule_on_default_routes_is_met(gateway: str) -> None:
    template = network(company_gateway=gateway)
    read = RulesTemplate(
        name="Test", stack_name="Test", account="111122223333", region="eu-central-1", body=template.body
    )
    judged = judge(Assembly([read]))
    found = [each for rule, each in judged if rule.id == "SecureDdb-NET13"]
    detail = "its default routes lead to the company's gateway" if gateway else "its route tables have no default route"
    assert [(each.verdict, each.detail) for each in found] == 2 * [(Verdict.MET, detail)]


def test_other_gateways_are_refused() -> None:
    with pytest.raises(ValueError, match=r"gateway_id is 'igw-1'; allowed: tgw-\.\.\. or vgw-\.\.\."):
        network(company_gateway="igw-1")


def test_company_networks_reach_the_operations_subnets_by_https_only(whole: Template) -> None:
    for subnet in subnets(whole, "operations"):
        assert passes(whole, subnet, OFFICE, 443, outbound=False)
        assert passes(whole, subnet, OFFICE, 50_000, outbound=True)
        assert not passes(whole, subnet, OFFICE, 22, outbound=False)
        assert not passes(whole, subnet, STRANGER, 443, outbound=False)
        assert not passes(whole, subnet, STRANGER, 50_000, outbound=True)


def test_company_networks_reach_no_application_subnet(whole: Template) -> None:
    for subnet in subnets(whole, "application"):
        assert not passes(whole, subnet, OFFICE, 443, outbound=False)


def test_operations_subnets_reach_each_other_s_endpoints(whole: Template) -> None:
    zone = subnets(whole, "operations")
    for subnet in zone:
        for other in zone.values():
            neighbour = other["CidrBlock"].replace("0/24", "10")
            for outbound in (True, False):
                assert passes(whole, subnet, neighbour, 443, outbound=outbound)
                assert not passes(whole, subnet, neighbour, 22, outbound=outbound)
        for other in subnets(whole, "application").values():
            assert not passes(whole, subnet, other["CidrBlock"].replace("0/24", "10"), 443, outbound=False)


def test_no_security_group_keeps_the_default_that_lets_everything_out(whole: Template) -> None:
    groups = whole.of_type(GROUP)
    assert len(groups) == 3
    for each in groups.values():
        (rule,) = each["Properties"]["SecurityGroupEgress"]
        assert "DestinationPrefixListId" in rule or rule["CidrIp"] == "255.255.255.255/32"


@pytest.mark.parametrize("name", ["Application", "Operations"])
def test_security_groups_of_the_zones_let_nothing_in(whole: Template, name: str) -> None:
    made = whole.named(GROUP, f"NetworkSecurityGroups{name}")
    assert "SecurityGroupIngress" not in whole.properties(GROUP, made)
    admitting = whole.of_type("AWS::EC2::SecurityGroupIngress").values()
    assert made not in [text(each["Properties"]["GroupId"]).strip("<>").partition(".")[0] for each in admitting]


def test_application_reaches_dynamodb_only(whole: Template) -> None:
    (rule,) = whole.properties(GROUP, "NetworkSecurityGroupsApplication")["SecurityGroupEgress"]
    assert rule["DestinationPrefixListId"] == PREFIX_LIST
    assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 443, 443)
    leaving = whole.of_type("AWS::EC2::SecurityGroupEgress").values()
    application = whole.named(GROUP, "NetworkSecurityGroupsApplication")
    assert application not in [text(each["Properties"]["GroupId"]).strip("<>").partition(".")[0] for each in leaving]


def test_operators_reach_dynamodb_and_session_manager(whole: Template) -> None:
    (rule,) = whole.properties(GROUP, "NetworkSecurityGroupsOperations")["SecurityGroupEgress"]
    assert rule["DestinationPrefixListId"] == PREFIX_LIST
    (further,) = (each["Properties"] for each in whole.of_type("AWS::EC2::SecurityGroupEgress").values())
    assert (further["IpProtocol"], further["FromPort"], further["ToPort"]) == ("tcp", 443, 443)
    endpoints = whole.named(GROUP, "NetworkSessionManagerEndpoints")
    assert text(further["DestinationSecurityGroupId"]) == f"<{endpoints}.GroupId>"


def test_only_operators_reach_the_endpoints_of_session_manager(whole: Template) -> None:
    (rule,) = (each["Properties"] for each in whole.of_type("AWS::EC2::SecurityGroupIngress").values())
    operations = whole.named(GROUP, "NetworkSecurityGroupsOperations")
    assert text(rule["SourceSecurityGroupId"]) == f"<{operations}.GroupId>"
    assert (rule["FromPort"], rule["ToPort"]) == (443, 443)


def test_endpoints_of_session_manager_are_in_the_operations_subnets_and_for_this_account(whole: Template) -> None:
    found = [
        each["Properties"] for name, each in whole.of_type(ENDPOINT).items() if name.startswith("NetworkSessionManager")
    ]
    assert {each["ServiceName"] for each in found} == {
        f"com.amazonaws.eu-central-1.{name}" for name in ("ssm", "ssmmessages")
    }
    for each in found:
        assert {text(subnet).strip("<>") for subnet in each["SubnetIds"]} == set(subnets(whole, "operations"))
        (statement,) = each["PolicyDocument"]["Statement"]
        assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}


def test_session_manager_needs_security_groups() -> None:
    with pytest.raises(ValueError, match="with_session_manager is True; allowed: only with a dynamodb_prefix_list"):
        network(with_session_manager=True)


def test_nothing_waits_for_itself(whole: Template) -> None:
    assert cycle(whole) == []
