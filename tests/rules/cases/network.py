"""Endpoints, and the subnets around them."""

from __future__ import annotations

from tests.rules.cases.making import ENDPOINT_STATEMENT, Cases, P
from tests.rules.handwritten.making import PARAMETER
from tests.rules.handwritten.network import entry

OWN = {"Fn::GetAtt": "Table.Arn"}
OTHERS = "arn:aws:dynamodb:eu-central-1:444455556666:table/orders"
UNKNOWN_ACCOUNT = {"Fn::Sub": "arn:aws:dynamodb:eu-central-1:${Parameter}:table/orders"}
ROUTE_TABLES = f"Endpoint/{P}/RouteTableIds"
ROUTE = f"ToInternet/{P}"
APP_ROUTES = {"Ref": "AppRouteTable"}
ADMITTED = f"OnPremisesGroup/{P}/SecurityGroupIngress"
ACL = f"AppZone/{P}/NetworkAclId"

CASES: dict[str, Cases] = {
    "NET4": Cases(
        broken=[
            (f"{ENDPOINT_STATEMENT}/Resource", OTHERS),
            (f"{ENDPOINT_STATEMENT}/Resource", [OWN, f"{OTHERS}/index/*"]),
        ],
        unknown=[
            (f"{ENDPOINT_STATEMENT}/Resource", [OWN, PARAMETER]),
            (f"{ENDPOINT_STATEMENT}/Resource", UNKNOWN_ACCOUNT),
        ],
    ),
    "NET5": Cases(
        broken=[
            (ROUTE_TABLES, None),
            (ROUTE_TABLES, []),
            (ROUTE_TABLES, [APP_ROUTES, {"Ref": "OperationsRouteTable"}]),
            (f"Management/{P}/RouteTableIds", [APP_ROUTES]),
        ],
        unknown=[(ROUTE_TABLES, PARAMETER), (ROUTE_TABLES, [APP_ROUTES, PARAMETER])],
    ),
    "NET10": Cases(
        broken=[
            (f"{ROUTE}/RouteTableId", APP_ROUTES),
            (f"{ROUTE}/RouteTableId", {"Fn::GetAtt": "OperationsRouteTable.RouteTableId"}),
            [
                (f"{ROUTE}/RouteTableId", APP_ROUTES),
                (f"{ROUTE}/GatewayId", {"Fn::GetAtt": "Internet.InternetGatewayId"}),
            ],
            [(f"{ROUTE}/RouteTableId", APP_ROUTES), (f"{ROUTE}/GatewayId", "igw-0123456789abcdef0")],
            [(f"{ROUTE}/RouteTableId", "rtb-0123456789abcdef0"), (ROUTE_TABLES, ["rtb-0123456789abcdef0"])],
            (f"AppSubnet/{P}/MapPublicIpOnLaunch", "true"),
        ],
        unknown=[
            [(f"{ROUTE}/RouteTableId", APP_ROUTES), (f"{ROUTE}/GatewayId", PARAMETER)],
            (ROUTE_TABLES, [APP_ROUTES, "rtb-0123456789abcdef0"]),
            (ROUTE_TABLES, PARAMETER),
            (f"AppSubnet/{P}/MapPublicIpOnLaunch", PARAMETER),
        ],
    ),
    "NET12": Cases(
        broken=[
            (f"OnPremises/{P}/SecurityGroupIds", None),
            (f"OnPremises/{P}/SecurityGroupIds", []),
            (f"{ADMITTED}/CidrIp", "0.0.0.0/0"),
            (f"{ADMITTED}/CidrIpv6", "::/0"),
            [(f"{ADMITTED}/CidrIp", "0.0.0.0/0"), (f"{ADMITTED}/ToPort", PARAMETER)],
            (f"{ADMITTED}/ToPort", 444),
            (f"{ADMITTED}/FromPort", 22),
            (f"{ADMITTED}/IpProtocol", -1),
            (f"{ADMITTED}/IpProtocol", "udp"),
            (f"FromList/{P}/FromPort", 0),
            [
                (f"FromList/{P}/SourcePrefixListId", None),
                (f"FromList/{P}/CidrIp", "0.0.0.0/0"),
            ],
        ],
        unknown=[
            (f"OnPremises/{P}/SecurityGroupIds", ["sg-0123456789abcdef0"]),
            (f"OnPremises/{P}/SecurityGroupIds", [PARAMETER]),
            (f"OnPremisesGroup/{P}/SecurityGroupIngress", PARAMETER),
            (f"{ADMITTED}/CidrIp", PARAMETER),
            (f"{ADMITTED}/ToPort", PARAMETER),
            (f"FromList/{P}/IpProtocol", PARAMETER),
        ],
    ),
    "NET13": Cases(
        broken=[
            (f"{ROUTE}/RouteTableId", APP_ROUTES),
            [(f"{ROUTE}/RouteTableId", APP_ROUTES), (f"{ROUTE}/GatewayId", "igw-0123456789abcdef0")],
            *(
                [(f"{ROUTE}/RouteTableId", APP_ROUTES), (f"{ROUTE}/GatewayId", None), (f"{ROUTE}/{target}", "x-1")]
                for target in ("NatGatewayId", "CarrierGatewayId")
            ),
            [
                (f"{ROUTE}/RouteTableId", APP_ROUTES),
                (f"{ROUTE}/DestinationCidrBlock", None),
                (f"{ROUTE}/DestinationIpv6CidrBlock", "::/0"),
                (f"{ROUTE}/GatewayId", None),
                (f"{ROUTE}/EgressOnlyInternetGatewayId", PARAMETER),
            ],
        ],
        unknown=[
            [(f"{ROUTE}/RouteTableId", APP_ROUTES), (f"{ROUTE}/GatewayId", PARAMETER)],
            [
                (f"{ROUTE}/RouteTableId", APP_ROUTES),
                (f"{ROUTE}/GatewayId", None),
                (f"{ROUTE}/NetworkInterfaceId", "eni-0123456789abcdef0"),
            ],
            [(f"{ROUTE}/RouteTableId", APP_ROUTES), (f"{ROUTE}/DestinationCidrBlock", PARAMETER)],
            (ROUTE_TABLES, [APP_ROUTES, "rtb-0123456789abcdef0"]),
            (ROUTE_TABLES, PARAMETER),
        ],
    ),
    "NET11": Cases(
        broken=[
            (f"AppZone/{P}", {}),
            ("AppZone/Type", "AWS::CloudFormation::WaitConditionHandle"),
            (ACL, {"Ref": "OperationsAcl"}),
            (f"AppZone/{P}/SubnetId", {"Ref": "OperationsSubnet"}),
            ("Everything", entry("AppAcl", Protocol=-1)),
            ("Everything", entry("AppAcl", Protocol="-1", CidrBlock=None, Ipv6CidrBlock="::/0", Egress="false")),
        ],
        unknown=[
            (ACL, PARAMETER),
            (ACL, "acl-0123456789abcdef0"),
            (f"AppIn/{P}/RuleAction", PARAMETER),
            (ROUTE_TABLES, ["rtb-0123456789abcdef0"]),
            (f"AppRoutes/{P}/SubnetId", PARAMETER),
        ],
    ),
}
