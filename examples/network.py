"""A VPC without a way to the internet: application, operations and isolated subnets, and flow logs."""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk.aws_ec2 import CfnFlowLog, IpAddresses, SubnetConfiguration, SubnetType, Vpc
from aws_cdk.aws_iam import ManagedPolicy, PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_kms import Key
from aws_cdk.aws_logs import LogGroup, RetentionDays
from constructs import Construct


class Network(Construct):
    """The VPC is `vpc`; its subnet groups are `application`, `operations` and `isolated`."""

    def __init__(self, scope: Construct, id: str) -> None:
        """Make the VPC and record its traffic."""
        super().__init__(scope, id)
        region = Stack.of(self).region
        self.vpc = Vpc(
            self,
            "Vpc",
            ip_addresses=IpAddresses.cidr("10.0.0.0/16"),
            # Named, because without a look-up in the account CDK does not know them.
            availability_zones=[f"{region}a", f"{region}b"],
            subnet_configuration=[
                SubnetConfiguration(name=name, subnet_type=SubnetType.PRIVATE_ISOLATED, cidr_mask=24)
                for name in ("application", "operations", "isolated")
            ],
        )
        self._record_traffic()

    def _record_traffic(self) -> None:
        key = Key(self, "FlowLogKey", enable_key_rotation=True, removal_policy=RemovalPolicy.RETAIN)
        key.grant_encrypt_decrypt(ServicePrincipal(f"logs.{Stack.of(self).region}.amazonaws.com"))
        log_group = LogGroup(self, "FlowLog", encryption_key=key, retention=RetentionDays.ONE_YEAR)
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
