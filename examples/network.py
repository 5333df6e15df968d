"""A VPC in three zones without a way to the internet, whose traffic is recorded (NET-5, NET-7, NET-8).

Each zone has network ACLs and route tables of its own. The application zone has a group of subnets for each lane.
"""

from collections.abc import Iterator, Sequence

from aws_cdk import Acknowledgment, ArnFormat, RemovalPolicy, Stack, Validations
from aws_cdk.aws_ec2 import (
    AclCidr,
    AclTraffic,
    Action,
    CfnFlowLog,
    CfnNetworkAcl,
    CfnNetworkAclEntry,
    IpAddresses,
    ISubnet,
    NetworkAcl,
    SubnetConfiguration,
    SubnetSelection,
    SubnetType,
    TrafficDirection,
    Vpc,
)
from aws_cdk.aws_iam import ManagedPolicy, PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_kms import Key
from aws_cdk.aws_logs import LogGroup, RetentionDays
from constructs import Construct

from examples.company_gateway import TRANSIT_GATEWAY, CompanyGateway
from examples.zone_security_groups import SessionManager, ZoneSecurityGroups

ADDRESSES = "10.0.0.0/16"
# Zone to its groups of subnets.
ZONES = {"application": ["web", "batch"], "operations": ["operations"], "isolated": ["isolated"]}
# Rule number, direction, from or to where, what, and whether it passes; the first rule that matches decides.
# Nothing passes from subnet to subnet. HTTPS may leave, and because network ACLs know no connections, answers may come
# in at any port that a client may have chosen. They take addresses only, so that DynamoDB's prefix list cannot be
# named: where HTTPS gets to is up to the route tables, which know nothing but the gateway endpoint and, if there is
# one, the company's gateway. `_to_interfaces` has what reaches interface endpoints in the operations subnets.
# https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
Rule = tuple[int, TrafficDirection, AclCidr, AclTraffic, Action]
_HTTPS_OUT = [
    (100, TrafficDirection.EGRESS, AclCidr.ipv4(ADDRESSES), AclTraffic.all_traffic(), Action.DENY),
    (200, TrafficDirection.EGRESS, AclCidr.any_ipv4(), AclTraffic.tcp_port(443), Action.ALLOW),
    (100, TrafficDirection.INGRESS, AclCidr.ipv4(ADDRESSES), AclTraffic.all_traffic(), Action.DENY),
    (200, TrafficDirection.INGRESS, AclCidr.any_ipv4(), AclTraffic.tcp_port_range(1024, 65535), Action.ALLOW),
]
_EVERYTHING = [
    (100, direction, AclCidr.any_ipv4(), AclTraffic.all_traffic(), Action.ALLOW)
    for direction in (TrafficDirection.EGRESS, TrafficDirection.INGRESS)
]
# Only a transit gateway is in this one. What it hands on meets the network ACL of the subnet that it is for.
TRANSIT = "transit"
# A network ACL without rules lets nothing pass.
RULES = {"application": _HTTPS_OUT, "operations": _HTTPS_OUT, "isolated": [], TRANSIT: _EVERYTHING}


def _to_interfaces(number: int, cidr: AclCidr) -> Iterator[Rule]:
    """Yield the rules that let a network reach interface endpoints, including those in the next zone."""
    https, answers = AclTraffic.tcp_port(443), AclTraffic.tcp_port_range(1024, 65535)
    for direction in (TrafficDirection.INGRESS, TrafficDirection.EGRESS):
        yield number, direction, cidr, https, Action.ALLOW
        yield number + 1, direction, cidr, answers, Action.ALLOW


_WHY_ACLS = (
    "Zones have to be kept apart by more than security groups, which any deployment of an application can open. "
    "The rules are the same few in each zone, so that they stay simple to manage."
)


class Network(Construct):
    """The VPC is `vpc`; its subnet groups are `web`, `batch`, `operations` and `isolated`.

    `security_groups` is None unless there is a `dynamodb_prefix_list`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        company_gateway: str = "",
        company_networks: Sequence[str] = (),
        dynamodb_prefix_list: str = "",
        with_session_manager: bool = False,
    ) -> None:
        """Make the VPC, separate its zones and record its traffic.

        Args:
            scope: Where to make it.
            id: Construct id.
            company_gateway: The default route of applications and operations, `tgw-...` or `vgw-...`; otherwise none.
            company_networks: Networks behind it that reach interface endpoints in the operations subnets.
            dynamodb_prefix_list: For the security groups, see `ZoneSecurityGroups`.
            with_session_manager: Whether operators reach instances in the operations subnets; needs the prefix list.
        """
        super().__init__(scope, id)
        region = Stack.of(self).region
        has_transit = company_gateway.startswith(TRANSIT_GATEWAY)
        # At the end, or the other subnets would get other addresses.
        self._zones = ZONES | ({TRANSIT: [TRANSIT]} if has_transit else {})
        self.vpc = Vpc(
            self,
            "Vpc",
            ip_addresses=IpAddresses.cidr(ADDRESSES),
            # Named, because without a look-up in the account CDK does not know them.
            availability_zones=[f"{region}a", f"{region}b"],
            # Neither an internet gateway nor NAT; CDK gives each subnet a route table.
            subnet_configuration=[
                SubnetConfiguration(name=name, subnet_type=SubnetType.PRIVATE_ISOLATED, cidr_mask=24)
                for names in self._zones.values()
                for name in names
            ],
        )
        self._neighbours = list(company_networks)
        if with_session_manager:
            self._neighbours += [subnet.ipv4_cidr_block for subnet in self._subnets("operations")]
        for zone in self._zones:
            self._separate(zone)
        self._record_traffic()
        if company_gateway:
            CompanyGateway(
                self,
                "CompanyGateway",
                gateway_id=company_gateway,
                vpc=self.vpc,
                attached_subnets=self._subnets(TRANSIT) if has_transit else [],
                routed_subnets=[*self._subnets("application"), *self._subnets("operations")],
            )
        self.security_groups: ZoneSecurityGroups | None = None
        if dynamodb_prefix_list:
            self.security_groups = ZoneSecurityGroups(
                self, "SecurityGroups", vpc=self.vpc, dynamodb_prefix_list=dynamodb_prefix_list
            )
        if with_session_manager:
            if self.security_groups is None:
                raise ValueError("with_session_manager is True; allowed: only with a dynamodb_prefix_list")
            SessionManager(
                self,
                "SessionManager",
                vpc=self.vpc,
                subnets=self._subnets("operations"),
                operations=self.security_groups.operations,
            )

    def _subnets(self, zone: str) -> list[ISubnet]:
        groups = [self.vpc.select_subnets(subnet_group_name=name).subnets for name in self._zones[zone]]
        return [subnet for subnets in groups for subnet in subnets]

    def _rules(self, zone: str) -> Iterator[Rule]:
        if zone == "operations":
            for position, block in enumerate(self._neighbours):
                yield from _to_interfaces(10 * (position + 1), AclCidr.ipv4(block))
        yield from RULES[zone]

    def _separate(self, zone: str) -> None:
        acl = NetworkAcl(
            self,
            f"{zone.capitalize()}Zone",
            vpc=self.vpc,
            subnet_selection=SubnetSelection(subnets=self._subnets(zone)),
        )
        for number, direction, cidr, traffic, action in self._rules(zone):
            acl.add_entry(
                f"{direction.name.capitalize()}{number}",
                rule_number=number,
                direction=direction,
                cidr=cidr,
                traffic=traffic,
                rule_action=action,
            )
        for resource in acl.node.find_all():
            if isinstance(resource, CfnNetworkAcl | CfnNetworkAclEntry):
                # A permanent decision; use a `Waiver` for one that expires.
                Validations.of(resource).acknowledge(
                    Acknowledgment(id="AwsSolutions::AwsSolutions-VPC3", reason=_WHY_ACLS)
                )

    def _record_traffic(self) -> None:
        stack = Stack.of(self)
        key = Key(self, "FlowLogKey", enable_key_rotation=True, removal_policy=RemovalPolicy.RETAIN)
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
        log_groups = stack.format_arn(
            service="logs", resource="log-group", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
        )
        encrypted_for = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}}
        key.grant_encrypt_decrypt(ServicePrincipal(f"logs.{stack.region}.amazonaws.com", conditions=encrypted_for))
        log_group = LogGroup(
            self,
            "FlowLog",
            encryption_key=key,
            retention=RetentionDays.ONE_YEAR,
            removal_policy=RemovalPolicy.RETAIN,
        )
        policy = ManagedPolicy(
            self,
            "WriteFlowLog",
            statements=[
                PolicyStatement(
                    actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                    resources=[log_group.log_group_arn],
                )
            ],
        )
        role = Role(
            self,
            "FlowLogRole",
            assumed_by=ServicePrincipal("vpc-flow-logs.amazonaws.com"),
            managed_policies=[policy],
        )
        CfnFlowLog(
            self,
            "Traffic",
            resource_id=self.vpc.vpc_id,
            resource_type="VPC",
            traffic_type="ALL",
            log_group_name=log_group.log_group_name,
            deliver_logs_permission_arn=role.role_arn,
        )
