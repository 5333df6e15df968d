"""A Lambda function of an application: in the VPC, with a role, a policy and a log group of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from aws_cdk import Duration, IgnoreMode, RemovalPolicy
from aws_cdk.aws_ec2 import Peer, Port, SecurityGroup
from aws_cdk.aws_iam import Effect, ManagedPolicy, PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_lambda import Architecture, Code, Function, Runtime
from aws_cdk.aws_logs import LogGroup, RetentionDays
from constructs import Construct

from examples.function_access import invoked_by, watch
from secure_ddb import Waiver

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from aws_cdk.aws_ec2 import ISecurityGroup, IVpc, SubnetSelection
    from aws_cdk.aws_kms import IKey

# Lambda makes the function's network interfaces with its role.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
_NETWORK_INTERFACES = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
]
_ANY_NETWORK_INTERFACE = (
    "Lambda makes the function's network interfaces with its role, and AWS allows some of these actions on all "
    "resources only. The same policy denies all of them to the function's code."
)
_NO_DEAD_LETTERS = "The function is invoked synchronously, so its caller gets the error. A queue would stay empty."
_NO_TRACING = "Tracing needs a permission on all resources, and the reference VPC has no endpoint for AWS X-Ray."


@dataclass(frozen=True, kw_only=True)
class FunctionSettings:
    """What the functions of an application have in common.

    Attributes:
        code: The folder of the application; its subfolder `service` is deployed.
        vpc: Where they run.
        security_group: What they reach.
        log_key: Encrypts their logs.
        alarm_topic_arn: Where alarms go when they fail or are too busy.
        approved_by: Who approved what cdk-nag finds in them.
    """

    code: Path
    vpc: IVpc
    security_group: ISecurityGroup
    log_key: IKey
    alarm_topic_arn: str
    approved_by: str

    def waiver(self, reason: str) -> Waiver:
        """Return a waiver of a finding."""
        return Waiver(reason=reason, approved_by=self.approved_by, expires=date(2027, 12, 31))


def https_to_endpoints(scope: Construct, vpc: IVpc, *, description: str) -> SecurityGroup:
    """Make a security group that lets HTTPS out; the only route out of the reference VPC's subnets is to DynamoDB."""
    group = SecurityGroup(scope, "Functions", vpc=vpc, description=description, allow_all_outbound=False)
    group.add_egress_rule(Peer.any_ipv4(), Port.tcp(443), "DynamoDB by its gateway endpoint")
    return group


class VpcFunction(Construct):
    """A function of an application.

    Attributes:
        policy: Its permissions; the tables' grants go there.
        function: The function.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        handler: str,
        environment: Mapping[str, str],
        subnets: SubnetSelection,
        settings: FunctionSettings,
    ) -> None:
        """Make the function, which may log and be in the VPC, and nothing else yet."""
        super().__init__(scope, id)
        log_group = LogGroup(
            self,
            "Log",
            encryption_key=settings.log_key,
            retention=RetentionDays.ONE_YEAR,
            removal_policy=RemovalPolicy.RETAIN,
        )
        self.policy = ManagedPolicy(self, "Policy", statements=_statements(log_group.log_group_arn))
        # The role comes after its policy, and the function after its role: Lambda refuses a function in a VPC as long
        # as the role may not make network interfaces.
        role = Role(self, "Role", assumed_by=ServicePrincipal("lambda.amazonaws.com"), managed_policies=[self.policy])
        self.function = Function(
            self,
            "Function",
            runtime=Runtime.PYTHON_3_14,
            architecture=Architecture.ARM_64,
            code=Code.from_asset(
                str(settings.code), exclude=["*", "!service", "!service/*.py"], ignore_mode=IgnoreMode.GLOB
            ),
            handler=f"service.handlers.{handler}",
            environment=dict(environment),
            role=role,
            log_group=log_group,
            vpc=settings.vpc,
            vpc_subnets=subnets,
            security_groups=[settings.security_group],
            memory_size=256,
            # API Gateway waits for 29 seconds.
            timeout=Duration.seconds(10),
            # An account has to keep 100 for functions without a number of their own.
            reserved_concurrent_executions=10,
        )
        watch(self.function, settings.alarm_topic_arn)
        settings.waiver(_ANY_NETWORK_INTERFACE).acknowledge(self.policy, "AwsSolutions::AwsSolutions-IAM5[Resource::*]")
        settings.waiver(_NO_DEAD_LETTERS).acknowledge(
            self.function,
            "HIPAA.Security::HIPAA.Security-LambdaDLQ",
            "NIST.800.53.R5::NIST.800.53.R5-LambdaDLQ",
            "Serverless::Serverless-LambdaDLQ",
        )
        settings.waiver(_NO_TRACING).acknowledge(self.function, "Serverless::Serverless-LambdaTracing")

    def invoked_by(self, role: Role, policy: ManagedPolicy) -> None:
        """Let a caller's role invoke the function by its policy, and deny the function to all others."""
        policy.add_statements(
            PolicyStatement(actions=["lambda:InvokeFunction"], resources=[self.function.function_arn])
        )
        invoked_by(self.function, role.role_arn)


def _statements(log_group_arn: str) -> list[PolicyStatement]:
    return [
        PolicyStatement(
            sid="WriteLog", actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[log_group_arn]
        ),
        PolicyStatement(sid="BeInVpc", actions=_NETWORK_INTERFACES, resources=["*"]),
        # Requests of code carry the ARN of the function that it runs in, those of Lambda itself do not.
        # https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
        PolicyStatement(
            sid="DenyNetworkInterfacesToCode",
            effect=Effect.DENY,
            actions=_NETWORK_INTERFACES,
            resources=["*"],
            conditions={"Null": {"lambda:SourceFunctionArn": "false"}},
        ),
    ]
