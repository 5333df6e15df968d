"""Interface endpoints let networks outside of AWS reach items, and count as inside of the perimeter (NET-6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.aws_ec2 import SubnetSelection, Vpc

from examples.on_premises import OnPremisesStack
from secure_ddb import InterfaceEndpoints, InvalidArgumentError
from secure_ddb.access.actions import DATA_PLANE, STREAM_POLICY
from secure_ddb.cloudformation.template import Template as RulesTemplate
from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.rule import Verdict
from tests.cycles import cycle
from tests.network.networks import (
    ENDPOINT,
    arn,
    endpoints,
    group,
    policy,
    resources,
    synthesized,
    table,
    vpc,
    with_indexes,
)
from tests.orders import INSIDE, OWNERSHIP
from tests.template import text

if TYPE_CHECKING:
    from aws_cdk.aws_ec2 import IVpc
    from constructs import Construct

    from secure_ddb.network.interface import TableEndpoints
    from tests.template import Template

OFFICES = ["10.20.0.0/16", "192.0.2.0/24"]
BOTH = pytest.mark.parametrize("name", ["OnPremisesDataPlane", "OnPremisesStreams"])


def on_premises(scope: Construct, of: IVpc, **arguments: Any) -> InterfaceEndpoints:
    given = {"subnets": group("operations"), "allowed_cidrs": OFFICES, "with_streams": True, **arguments}
    return InterfaceEndpoints(scope, "OnPremises", vpc=of, **given)


@pytest.fixture(scope="module")
def reached() -> Template:
    """Return the template of a table with a perimeter that applications and on-premises networks reach."""
    stack = Stack(App(), "Test", env=Environment(account="111122223333", region="eu-central-1"))
    of = vpc(stack)
    through: list[TableEndpoints] = [
        endpoints(stack, of, ownership=OWNERSHIP),
        on_premises(stack, of, ownership=OWNERSHIP),
    ]
    table(stack, "Orders", through, perimeter=INSIDE)
    return synthesized(stack)


@pytest.mark.parametrize(
    ("name", "service"), [("OnPremisesDataPlane", "dynamodb"), ("OnPremisesStreams", "dynamodb-streams")]
)
def test_endpoints_are_interfaces_in_the_chosen_subnets(reached: Template, name: str, service: str) -> None:
    endpoint = reached.properties(ENDPOINT, name)
    assert endpoint["VpcEndpointType"] == "Interface"
    assert endpoint["ServiceName"] == f"com.amazonaws.eu-central-1.{service}"
    chosen = [text(subnet).strip("<>") for subnet in endpoint["SubnetIds"]]
    assert chosen == sorted(name for name in reached.of_type("AWS::EC2::Subnet") if "operations" in name)
    assert len(chosen) == 2


@BOTH
def test_endpoints_have_no_private_dns_name(reached: Template, name: str) -> None:
    assert reached.properties(ENDPOINT, name)["PrivateDnsEnabled"] is False


@BOTH
def test_only_https_from_named_networks_comes_in(reached: Template, name: str) -> None:
    (group_id,) = reached.properties(ENDPOINT, name)["SecurityGroupIds"]
    security_group = reached.named("AWS::EC2::SecurityGroup", "OnPremisesSecurityGroup")
    assert text(group_id) == f"<{security_group}.GroupId>"
    rules = reached.properties("AWS::EC2::SecurityGroup", "OnPremisesSecurityGroup")["SecurityGroupIngress"]
    assert [(rule["CidrIp"], rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) for rule in rules] == [
        (block, "tcp", 443, 443) for block in OFFICES
    ]
    assert not reached.of_type("AWS::EC2::SecurityGroupIngress")


def test_nothing_is_sent_from_the_endpoints(reached: Template) -> None:
    (rule,) = reached.properties("AWS::EC2::SecurityGroup", "OnPremisesSecurityGroup")["SecurityGroupEgress"]
    # CDK's way to say none: without a rule AWS would allow all.
    assert rule["CidrIp"] == "255.255.255.255/32"


def test_registered_table_and_its_indexes_pass_for_items(reached: Template) -> None:
    assert policy(reached, "OnPremisesDataPlane")["Action"] == list(DATA_PLANE)
    assert resources(reached, "OnPremisesDataPlane") == with_indexes(arn(reached, "Orders"))


def test_its_streams_pass_for_reading(reached: Template) -> None:
    assert policy(reached, "OnPremisesStreams")["Action"] == list(STREAM_POLICY)
    assert resources(reached, "OnPremisesStreams") == [f"{arn(reached, 'Orders')}/stream/*"]


@BOTH
def test_only_principals_of_this_account_pass(reached: Template, name: str) -> None:
    assert policy(reached, name)["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}


@BOTH
def test_endpoints_carry_the_tags_of_their_owner(reached: Template, name: str) -> None:
    tags = {tag["Key"]: tag["Value"] for tag in reached.properties(ENDPOINT, name)["Tags"]}
    assert OWNERSHIP.tags().items() <= tags.items()


def test_items_are_inside_the_perimeter_by_the_gateway_and_by_the_interface(reached: Template) -> None:
    statements = reached.replica()["ResourcePolicy"]["PolicyDocument"]["Statement"]
    assert admitted(statements, "DenyItemsFromOutsideTheNetwork") == [
        reached.named(ENDPOINT, "EndpointsDataPlane"),
        reached.named(ENDPOINT, "OnPremisesDataPlane"),
    ]


def test_streams_are_inside_the_perimeter_by_their_own_interface_only(reached: Template) -> None:
    statements = reached.replica()["ReplicaStreamSpecification"]["ResourcePolicy"]["PolicyDocument"]["Statement"]
    assert admitted(statements, "DenyStreamFromOutsideTheNetwork") == [reached.named(ENDPOINT, "OnPremisesStreams")]


def admitted(statements: list[dict[str, Any]], sid: str) -> list[str]:
    """Return the logical ids of the endpoints that a denial leaves out."""
    (statement,) = [each for each in statements if each.get("Sid") == sid]
    return [each["Ref"] for each in statement["Condition"]["StringNotEquals"]["aws:SourceVpce"]]


def test_table_and_endpoints_do_not_wait_for_each_other(reached: Template) -> None:
    assert cycle(reached) == []


def test_without_streams_there_is_one_endpoint(stack: Stack) -> None:
    made = on_premises(stack, vpc(stack), with_streams=False)
    table(stack, "Orders", made, perimeter=INSIDE)
    template = synthesized(stack)
    assert made.stream_endpoint is None
    assert list(template.of_type(ENDPOINT)) == [template.named(ENDPOINT, "OnPremisesDataPlane")]
    statements = template.replica()["ReplicaStreamSpecification"]["ResourcePolicy"]["PolicyDocument"]["Statement"]
    assert not [each for each in statements if "StringNotEquals" in each["Condition"] and "Network" in each["Sid"]]


def test_nothing_passes_while_no_table_is_registered(stack: Stack) -> None:
    on_premises(stack, vpc(stack))
    template = synthesized(stack)
    for name in ("OnPremisesDataPlane", "OnPremisesStreams"):
        assert policy(template, name)["Effect"] == "Deny"


def test_principals_of_a_whole_organization_pass_if_it_is_named(stack: Stack) -> None:
    table(stack, "Orders", on_premises(stack, vpc(stack), organization_id="o-abcde12345"))
    assert policy(synthesized(stack), "OnPremisesDataPlane")["Condition"] == {
        "StringEquals": {"aws:PrincipalOrgID": "o-abcde12345"}
    }


def test_table_of_another_region_is_refused() -> None:
    app = App()
    here, there = (
        Stack(app, name, env=Environment(account="111122223333", region=region))
        for name, region in (("Here", "eu-central-1"), ("There", "us-east-1"))
    )
    with pytest.raises(InvalidArgumentError, match="endpoints is 'in us-east-1'; allowed: endpoints in eu-central-1"):
        table(
            here,
            "Orders",
            on_premises(
                there, Vpc(there, "Vpc", availability_zones=["us-east-1a"]), subnets=[SubnetSelection(one_per_az=True)]
            ),
        )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"allowed_cidrs": []}, r"allowed_cidrs is \[\]; allowed: at least one CIDR block"),
        ({"allowed_cidrs": "10.0.0.0/8"}, "allowed_cidrs.*a list of CIDR blocks"),
        (
            {"allowed_cidrs": ["0.0.0.0/0"]},
            r"allowed_cidrs\[0\] is '0\.0\.0\.0/0'; allowed: an IPv4 CIDR block of less",
        ),
        ({"allowed_cidrs": ["10.0.0.0/8", "10.0.0.1/8"]}, r"allowed_cidrs\[1\] is '10\.0\.0\.1/8'"),
        ({"allowed_cidrs": ["10.0.0.1"]}, r"allowed_cidrs\[0\] is '10\.0\.0\.1'"),
        ({"allowed_cidrs": ["fd00::/8"]}, r"allowed_cidrs\[0\] is 'fd00::/8'"),
        ({"subnets": []}, r"subnets is \[\]; allowed: at least one aws_ec2\.SubnetSelection"),
        (
            {"subnets": [*group("web"), *group("batch")]},
            r"subnets is 'Test/Vpc/batchSubnet1'; allowed: one subnet of each Availability Zone: Test/Vpc/webSubnet1",
        ),
        ({"with_streams": "yes"}, "with_streams is 'yes'; allowed: bool"),
        ({"organization_id": "acme"}, "organization_id is 'acme'"),
        ({"ownership": "payments"}, "ownership is 'payments'; allowed: Ownership"),
    ],
)
def test_other_values_are_refused(stack: Stack, arguments: dict[str, Any], expected: str) -> None:
    with pytest.raises(InvalidArgumentError, match=expected):
        on_premises(stack, vpc(stack), **arguments)


def test_rules_find_nothing_about_the_network_of_the_example() -> None:
    app = App()
    stack = OnPremisesStack(app, "OnPremises", env=Environment(account="111122223333", region="eu-central-1"))
    body = app.synth().get_stack_by_name(stack.stack_name).template
    template = RulesTemplate(
        name="OnPremises", stack_name="OnPremises", account="111122223333", region="eu-central-1", body=body
    )
    judged = judge(Assembly([template]))
    found: dict[str, set[Verdict]] = {rule.id: set() for rule, _ in judged if "-NET" in rule.id}
    for rule, each in judged:
        if rule.id in found:
            found[rule.id].add(each.verdict)
    assert {rule: verdicts - {Verdict.MET} for rule, verdicts in found.items()} == {rule: set() for rule in found}
    assert {"SecureDdb-NET1", "SecureDdb-NET8", "SecureDdb-NET12", "SecureDdb-NET13"} <= found.keys()
