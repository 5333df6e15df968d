"""From where it is reached: a subnet of applications and one of operations, each with an endpoint."""

from __future__ import annotations

from tests.rules.handwritten.alarms import alarm
from tests.rules.handwritten.making import TAGS, Body, allow


def endpoint(actions: list[str], route_tables: list[Body]) -> Body:
    return {
        "Type": "AWS::EC2::VPCEndpoint",
        "Properties": {
            "ServiceName": {"Fn::Join": [".", ["com.amazonaws", {"Ref": "AWS::Region"}, "dynamodb"]]},
            "RouteTableIds": route_tables,
            "VpcId": {"Ref": "Vpc"},
            "PolicyDocument": {
                "Statement": {
                    **allow(actions, {"Fn::GetAtt": "Table.Arn"}),
                    "Principal": "*",
                    "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}},
                }
            },
            # Without a classification: tables of several may be reached through it.
            "Tags": TAGS[:4],
        },
    }


def entry(acl: str, **properties: object) -> Body:
    return {
        "Type": "AWS::EC2::NetworkAclEntry",
        "Properties": {
            "NetworkAclId": {"Fn::GetAtt": f"{acl}.Id"},
            "RuleNumber": 100,
            "Protocol": "6",
            "RuleAction": "ALLOW",
            "CidrBlock": "0.0.0.0/0",
            "PortRange": {"From": 443, "To": 443},
            **properties,
        },
    }


def zone(name: str) -> Body:
    return {
        f"{name}Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {}},
        f"{name}RouteTable": {"Type": "AWS::EC2::RouteTable", "Properties": {}},
        f"{name}Routes": {
            "Type": "AWS::EC2::SubnetRouteTableAssociation",
            "Properties": {
                "SubnetId": {"Fn::GetAtt": f"{name}Subnet.SubnetId"},
                "RouteTableId": {"Ref": f"{name}RouteTable"},
            },
        },
        f"{name}Acl": {"Type": "AWS::EC2::NetworkAcl", "Properties": {}},
        f"{name}Zone": {
            "Type": "AWS::EC2::SubnetNetworkAclAssociation",
            "Properties": {"SubnetId": {"Ref": f"{name}Subnet"}, "NetworkAclId": {"Ref": f"{name}Acl"}},
        },
        f"{name}Out": entry(f"{name}Acl", Egress=True, Protocol=-1),
        f"{name}In": entry(f"{name}Acl"),
    }


NETWORK: Body = {
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
    "Traffic": {
        "Type": "AWS::EC2::FlowLog",
        "Properties": {
            "ResourceId": {"Ref": "Vpc"},
            "ResourceType": "VPC",
            "TrafficType": "ALL",
            "LogGroupName": {"Ref": "TrafficLog"},
        },
    },
    "TrafficLog": {"Type": "AWS::Logs::LogGroup", "Properties": {}},
    "Rejects": {
        "Type": "AWS::Logs::MetricFilter",
        "Properties": {
            "LogGroupName": {"Ref": "TrafficLog"},
            "FilterPattern": "[eni, source, target, action = REJECT]",
            "MetricTransformations": [{"MetricNamespace": "Network", "MetricName": "Rejects", "MetricValue": "1"}],
        },
    },
    "Rejected": alarm("Rejects", namespace="Network"),
    "Endpoint": endpoint(["dynamodb:GetItem", "dynamodb:Query"], [{"Fn::GetAtt": "AppRouteTable.RouteTableId"}]),
    "Management": endpoint(["dynamodb:UpdateTable", "dynamodb:DescribeTable"], [{"Ref": "OperationsRouteTable"}]),
    # From the company's own network.
    "OnPremises": {
        "Type": "AWS::EC2::VPCEndpoint",
        "Properties": {
            **endpoint(["dynamodb:GetItem"], [])["Properties"],
            "VpcEndpointType": "Interface",
            "RouteTableIds": {"Ref": "AWS::NoValue"},
            "SecurityGroupIds": [{"Fn::GetAtt": "OnPremisesGroup.GroupId"}],
        },
    },
    "OnPremisesGroup": {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {
            "GroupDescription": "HTTPS",
            "SecurityGroupIngress": {"IpProtocol": "6", "FromPort": "443", "ToPort": 443, "CidrIp": "10.20.0.0/16"},
        },
    },
    "FromList": {
        "Type": "AWS::EC2::SecurityGroupIngress",
        "Properties": {
            "GroupId": {"Ref": "OnPremisesGroup"},
            "IpProtocol": "tcp",
            "FromPort": 443,
            "ToPort": 443,
            "SourcePrefixListId": "pl-0123456789abcdef0",
        },
    },
    **zone("App"),
    **zone("Operations"),
    "Internet": {"Type": "AWS::EC2::InternetGateway", "Properties": {}},
    "Vpn": {"Type": "AWS::EC2::VPNGateway", "Properties": {}},
    # To the company's own network.
    "ToVpn": {
        "Type": "AWS::EC2::Route",
        "Properties": {
            "RouteTableId": {"Ref": "OperationsRouteTable"},
            "DestinationCidrBlock": "10.0.0.0/8",
            "GatewayId": {"Ref": "Vpn"},
        },
    },
    # Where no table is reached from.
    "PublicRouteTable": {"Type": "AWS::EC2::RouteTable", "Properties": {}},
    "ToInternet": {
        "Type": "AWS::EC2::Route",
        "Properties": {
            "RouteTableId": {"Ref": "PublicRouteTable"},
            "DestinationCidrBlock": "0.0.0.0/0",
            "GatewayId": {"Ref": "Internet"},
        },
    },
}
