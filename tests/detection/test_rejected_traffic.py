"""Traffic to DynamoDB that security groups and network ACLs reject raises an alarm, for VPCs that are named."""

from __future__ import annotations

import re
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.aws_ec2 import SubnetConfiguration, SubnetSelection, SubnetType, Vpc

from secure_ddb import DetectionSettings, InterfaceEndpoints, InvalidArgumentError, SharedResources, WatchedNetwork
from tests.orders import OWNERSHIP
from tests.template import Template

ENVIRONMENT = Environment(account="111122223333", region="eu-central-1")
# Lines of the format below, as https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-records-examples.html
# has them in the default format. Whether they count is what the filters say.
LINES = {
    "eni-1 10.0.1.5 52.94.5.10 443 REJECT DYNAMODB 1772442843": True,
    "eni-1 10.0.1.5 52.94.5.10 443 ACCEPT DYNAMODB 1772442843": False,
    "eni-1 10.0.1.5 52.219.170.1 443 REJECT S3 1772442843": False,
    "eni-1 203.0.113.7 10.0.1.5 22 REJECT - 1772442843": False,
    "eni-9 10.20.0.7 10.0.3.4 443 REJECT - 1772442843": True,
    "eni-8 10.20.0.7 10.0.3.4 443 REJECT - 1772442843": False,
    "eni-9 10.20.0.7 10.0.3.4 22 REJECT - 1772442843": False,
}


def vpc(scope: Stack, name: str = "Vpc") -> Vpc:
    isolated = SubnetConfiguration(name="operations", subnet_type=SubnetType.PRIVATE_ISOLATED)
    return Vpc(scope, name, max_azs=2, subnet_configuration=[isolated])


def watching(*, interfaces: bool = False) -> Template:
    stack = Stack(App(), "Test", env=ENVIRONMENT)
    network = vpc(stack)
    endpoints = [
        InterfaceEndpoints(
            stack,
            "OnPremises",
            vpc=network,
            subnets=[SubnetSelection(subnet_group_name="operations")],
            allowed_cidrs=["10.20.0.0/16"],
        )
    ]
    watched = WatchedNetwork(vpc=network, interface_endpoints=endpoints if interfaces else [])
    SharedResources(stack, "Shared", ownership=OWNERSHIP, detection=DetectionSettings(networks=[watched]))
    return Template(stack.node.root.synth().get_stack_by_name("Test").template)  # type: ignore[attr-defined]


def filters(template: Template) -> list[str]:
    found = [each["Properties"]["FilterPattern"] for each in template.of_type("AWS::Logs::MetricFilter").values()]
    return [each if isinstance(each, str) else written(each) for each in found]


def written(value: Any) -> str:
    """Write a pattern as the deployment does, for an endpoint with the network interface eni-9."""
    match value:
        case {"Fn::Join": [str(delimiter), list(parts)]}:
            return delimiter.join(map(written, parts))
        case {"Fn::Join": [str(), {"Fn::GetAtt": [str(), "NetworkInterfaceIds"]}]}:
            return "eni-9"
        case _:
            return str(value)


def counts(pattern: str, line: str) -> bool:
    """Read a pattern of fields that are separated by spaces: comparisons by `=` with `||`, or a name."""
    fields = pattern.removeprefix("[").removesuffix("]").split(", ")
    values = line.split(" ")
    assert len(fields) == len(values)
    return all(
        "=" not in field or any(re.fullmatch(rf"\w+ = {value}", each) for each in field.split(" || "))
        for field, value in zip(fields, values, strict=True)
    )


@pytest.mark.parametrize("line", LINES)
def test_only_rejected_traffic_to_dynamodb_counts(line: str) -> None:
    assert any(counts(pattern, line) for pattern in filters(watching(interfaces=True))) is LINES[line]


def test_without_interface_endpoints_the_service_of_the_address_decides() -> None:
    assert filters(watching()) == ["[f0, f1, f2, f3, action = REJECT, service = DYNAMODB, f6]"]


def test_flow_log_records_what_is_rejected_only() -> None:
    template = watching()
    flow_log = template.only("AWS::EC2::FlowLog")["Properties"]
    assert (flow_log["TrafficType"], flow_log["ResourceType"]) == ("REJECT", "VPC")
    group = template.named("AWS::Logs::LogGroup", "SharedRejectedTraffic")
    assert flow_log["LogGroupName"] == {"Ref": group}
    assert flow_log["LogFormat"].split(" ")[-2] == "${pkt-dst-aws-service}"
    assert "KmsKeyId" in template.properties("AWS::Logs::LogGroup", "SharedRejectedTraffic")


def test_alarm_counts_what_the_filters_find() -> None:
    template = watching(interfaces=True)
    alarm = template.alarms()["SharedRejectedTraffic"]
    transformations = [
        each["Properties"]["MetricTransformations"][0] for each in template.of_type("AWS::Logs::MetricFilter").values()
    ]
    assert {(each["MetricNamespace"], each["MetricName"]) for each in transformations} == {
        (alarm["Namespace"], alarm["MetricName"])
    }
    assert alarm["AlarmActions"] == [{"Ref": template.named("AWS::SNS::Topic", "Shared")}]
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 3600


def test_nothing_is_made_unless_a_network_is_named() -> None:
    stack = Stack(App(), "Test", env=ENVIRONMENT)
    SharedResources(stack, "Shared", ownership=OWNERSHIP)
    template = Template(stack.node.root.synth().get_stack_by_name("Test").template)  # type: ignore[attr-defined]
    assert not template.of_type("AWS::EC2::FlowLog")
    assert "SharedRejectedTraffic" not in template.alarms()


def test_flow_logs_of_other_accounts_cannot_use_the_role() -> None:
    role = watching().properties("AWS::IAM::Role", "SharedRejectedTraffic")
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "111122223333"}


@pytest.mark.parametrize("networks", ["vpc", [None], 3])
def test_other_networks_are_refused(networks: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r"detection\.networks"):
        DetectionSettings(networks=networks)


def test_each_vpc_is_named_once() -> None:
    network = vpc(Stack(App(), "Test", env=ENVIRONMENT))
    with pytest.raises(InvalidArgumentError, match="each VPC once"):
        DetectionSettings(networks=[WatchedNetwork(vpc=network), WatchedNetwork(vpc=network)])


@pytest.mark.parametrize("given", ["endpoints", [None]])
def test_other_endpoints_are_refused(given: Any) -> None:
    network = vpc(Stack(App(), "Test", env=ENVIRONMENT))
    with pytest.raises(InvalidArgumentError, match="interface_endpoints"):
        WatchedNetwork(vpc=network, interface_endpoints=given)
