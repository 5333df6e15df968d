"""A Lambda function of the token service: in the VPC, with a role, a policy, a log group and callers of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration, IgnoreMode, RemovalPolicy
from aws_cdk.aws_iam import Effect, ManagedPolicy, PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_lambda import Architecture, Code, Function, Runtime
from aws_cdk.aws_logs import LogGroup, RetentionDays
from constructs import Construct

from secure_ddb import Waiver

if TYPE_CHECKING:
    from aws_cdk.aws_ec2 import ISecurityGroup, IVpc, SubnetSelection
    from aws_cdk.aws_kms import IKey

HERE = Path(__file__).parent
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
_UNTIL = date(2027, 12, 31)
_ANY_NETWORK_INTERFACE = Waiver(
    reason=(
        "Lambda makes the function's network interfaces with its role, and AWS allows some of these actions on all "
        "resources only. The same policy denies all of them to the function's code."
    ),
    approved_by="SEC-162",
    expires=_UNTIL,
)
_NO_DEAD_LETTERS = Waiver(
    reason="The function is invoked synchronously, so its caller gets the error. A queue would stay empty.",
    approved_by="SEC-162",
    expires=_UNTIL,
)
_NO_TRACING = Waiver(
    reason="Tracing needs a permission on all resources, and the reference VPC has no endpoint for AWS X-Ray.",
    approved_by="SEC-162",
    expires=_UNTIL,
)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the functions have in common.

    Attributes:
        vpc: Where they run.
        security_group: What they reach.
        log_key: Encrypts their logs.
    """

    vpc: IVpc
    security_group: ISecurityGroup
    log_key: IKey


class TokenFunction(Construct):
    """A function of the token service.

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
        environment: dict[str, str],
        subnets: SubnetSelection,
        surroundings: Surroundings,
    ) -> None:
        """Make the function, which may log and be in the VPC, and nothing else yet."""
        super().__init__(scope, id)
        log_group = LogGroup(
            self,
            "Log",
            encryption_key=surroundings.log_key,
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
            code=Code.from_asset(str(HERE), exclude=["*", "!service", "!service/*.py"], ignore_mode=IgnoreMode.GLOB),
            handler=f"service.handlers.{handler}",
            environment=environment,
            role=role,
            log_group=log_group,
            vpc=surroundings.vpc,
            vpc_subnets=subnets,
            security_groups=[surroundings.security_group],
            memory_size=256,
            timeout=Duration.seconds(10),
            # An account has to keep 100 for functions without a number of their own.
            reserved_concurrent_executions=10,
        )
        _ANY_NETWORK_INTERFACE.acknowledge(self.policy, "AwsSolutions::AwsSolutions-IAM5[Resource::*]")
        _NO_DEAD_LETTERS.acknowledge(
            self.function,
            "HIPAA.Security::HIPAA.Security-LambdaDLQ",
            "NIST.800.53.R5::NIST.800.53.R5-LambdaDLQ",
            "Serverless::Serverless-LambdaDLQ",
        )
        _NO_TRACING.acknowledge(self.function, "Serverless::Serverless-LambdaTracing")

    def deny(self, sid: str, actions: list[str], table_arn: str, conditions: dict[str, Any] | None = None) -> None:
        """Deny actions of DynamoDB on a table, whatever its grants allow."""
        self.policy.add_statements(
            PolicyStatement(
                sid=sid,
                effect=Effect.DENY,
                actions=[f"dynamodb:{action}" for action in actions],
                resources=[table_arn],
                conditions=conditions,
            )
        )

    def may_be_invoked_by(self, policy: ManagedPolicy) -> None:
        """Let a caller's role invoke the function."""
        policy.add_statements(
            PolicyStatement(actions=["lambda:InvokeFunction"], resources=[self.function.function_arn])
        )


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
