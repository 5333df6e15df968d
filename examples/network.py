"""A VPC in three zones without a way to the internet, whose traffic is recorded (NET-5).

Each zone has network ACLs and route tables of its own. The application zone has a group of subnets for each lane.
"""

from aws_cdk import Acknowledgment, ArnFormat, RemovalPolicy, Stack, Validations
from aws_cdk.aws_ec2 import (
    AclCidr,
    AclTraffic,
    Action,
    CfnFlowLog,
    CfnNetworkAcl,
    CfnNetworkAclEntry,
    IpAddresses,
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

ADDRESSES = "10.0.0.0/16"
# Zone to its groups of subnets.
ZONES = {"application": ["web", "batch"], "operations": ["operations"], "isolated": ["isolated"]}
# Rule number, direction, from or to where, what, and whether it passes; the first rule that matches decides.
# Nothing passes from subnet to subnet. HTTPS may leave, and because network ACLs know no connections, answers may come
# in at any port that a client may have chosen. They take addresses only, so that DynamoDB's prefix list cannot be
# named: where HTTPS gets to is up to the route tables, which know nothing but the gateway endpoint. Whoever adds an
# interface endpoint has to let HTTPS pass to its subnets.
# https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
_HTTPS_OUT = [
    (100, TrafficDirection.EGRESS, AclCidr.ipv4(ADDRESSES), AclTraffic.all_traffic(), Action.DENY),
    (200, TrafficDirection.EGRESS, AclCidr.any_ipv4(), AclTraffic.tcp_port(443), Action.ALLOW),
    (100, TrafficDirection.INGRESS, AclCidr.ipv4(ADDRESSES), AclTraffic.all_traffic(), Action.DENY),
    (200, TrafficDirection.INGRESS, AclCidr.any_ipv4(), AclTraffic.tcp_port_range(1024, 65535), Action.ALLOW),
]
# A network ACL without rules lets nothing pass.
RULES = {"application": _HTTPS_OUT, "operations": _HTTPS_OUT, "isolated": []}
_WHY_ACLS = (
    "Zones have to be kept apart by more than security groups, which whoever deploys an application can open. "
    "The rules are the same few in each zone, so that they stay simple to manage."
)


class Network(Construct):
    """The VPC is `vpc`; its subnet groups are `web`, `batch`, `operations` and `isolated`."""

    def __init__(self, scope: Construct, id: str) -> None:
        """Make the VPC, separate its zones and record its traffic."""
        super().__init__(scope, id)
        region = Stack.of(self).region
        self.vpc = Vpc(
            self,
            "Vpc",
            ip_addresses=IpAddresses.cidr(ADDRESSES),
            # Named, because without a look-up in the account CDK does not know them.
            availability_zones=[f"{region}a", f"{region}b"],
            # Neither an internet gateway nor NAT; CDK gives each subnet a route table.
            subnet_configuration=[
                SubnetConfiguration(name=name, subnet_type=SubnetType.PRIVATE_ISOLATED, cidr_mask=24)
                for names in ZONES.values()
                for name in names
            ],
        )
        for zone in ZONES:
            self._separate(zone)
        self._record_traffic()

    def _separate(self, zone: str) -> None:
        groups = [self.vpc.select_subnets(subnet_group_name=name).subnets for name in ZONES[zone]]
        acl = NetworkAcl(
            self,
            f"{zone.capitalize()}Zone",
            vpc=self.vpc,
            subnet_selection=SubnetSelection(subnets=[subnet for subnets in groups for subnet in subnets]),
        )
        for number, direction, cidr, traffic, action in RULES[zone]:
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
                # A decision for good; what is to end some day is a `Waiver`.
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
