"""The Lambda function behind the API: in the VPC, so that the table sees it come through the gateway endpoint."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import Duration, IgnoreMode, RemovalPolicy
from aws_cdk.aws_ec2 import Peer, Port, SecurityGroup
from aws_cdk.aws_iam import Effect, ManagedPolicy, PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_lambda import Architecture, Code, Function, Runtime
from aws_cdk.aws_logs import LogGroup, RetentionDays
from constructs import Construct

from secure_ddb import Waiver

if TYPE_CHECKING:
    from aws_cdk.aws_ec2 import IVpc, SubnetSelection
    from aws_cdk.aws_kms import IKey

    from secure_ddb import SecureTable

APPROVED_BY, UNTIL = "SEC-170", date(2027, 12, 31)
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
# All that the service does with the table.
_USED = ["dynamodb:GetItem", "dynamodb:PutItem"]
_ANY_NETWORK_INTERFACE = Waiver(
    reason=(
        "Lambda makes the function's network interfaces with its role, and AWS allows some of these actions on all "
        "resources only. The same policy denies all of them to the function's code."
    ),
    approved_by=APPROVED_BY,
    expires=UNTIL,
)
_NO_DEAD_LETTERS = Waiver(
    reason="API Gateway invokes the function synchronously, so the caller gets the error. A queue would stay empty.",
    approved_by=APPROVED_BY,
    expires=UNTIL,
)
_NO_TRACING = Waiver(
    reason="Tracing needs a permission on all resources, and the reference VPC has no endpoint for AWS X-Ray.",
    approved_by=APPROVED_BY,
    expires=UNTIL,
)


class ContactFunction(Construct):
    """Reads and writes contacts.

    Attributes:
        function: The function.
    """

    def __init__(
        self, scope: Construct, id: str, *, table: SecureTable, vpc: IVpc, subnets: SubnetSelection, log_key: IKey
    ) -> None:
        """Make the function and its role, which may use two actions on the table."""
        super().__init__(scope, id)
        log_group = LogGroup(
            self,
            "Log",
            encryption_key=log_key,
            retention=RetentionDays.ONE_YEAR,
            removal_policy=RemovalPolicy.RETAIN,
        )
        policy = ManagedPolicy(self, "Policy", statements=_statements(log_group.log_group_arn))
        table.grant_read_write_data(policy)
        policy.add_statements(
            PolicyStatement(
                sid="DenyWhatIsNeverNeeded",
                effect=Effect.DENY,
                not_actions=_USED,
                resources=[table.table_arn, f"{table.table_arn}/index/*"],
            )
        )
        group = SecurityGroup(self, "Group", vpc=vpc, description="Contacts: HTTPS out", allow_all_outbound=False)
        # The only route out of the subnets is that to DynamoDB.
        group.add_egress_rule(Peer.any_ipv4(), Port.tcp(443), "DynamoDB by its gateway endpoint")
        self.function = Function(
            self,
            "Function",
            runtime=Runtime.PYTHON_3_14,
            architecture=Architecture.ARM_64,
            code=Code.from_asset(
                str(Path(__file__).parent), exclude=["*", "!service", "!service/*.py"], ignore_mode=IgnoreMode.GLOB
            ),
            handler="service.handlers.handle",
            environment={"TABLE": table.table_name},
            role=Role(self, "Role", assumed_by=ServicePrincipal("lambda.amazonaws.com"), managed_policies=[policy]),
            log_group=log_group,
            vpc=vpc,
            vpc_subnets=subnets,
            security_groups=[group],
            memory_size=256,
            # API Gateway waits for 29 seconds.
            timeout=Duration.seconds(10),
            # An account has to keep 100 for functions without a number of their own.
            reserved_concurrent_executions=10,
        )
        _ANY_NETWORK_INTERFACE.acknowledge(policy, "AwsSolutions::AwsSolutions-IAM5[Resource::*]")
        _NO_DEAD_LETTERS.acknowledge(
            self.function,
            "HIPAA.Security::HIPAA.Security-LambdaDLQ",
            "NIST.800.53.R5::NIST.800.53.R5-LambdaDLQ",
            "Serverless::Serverless-LambdaDLQ",
        )
        _NO_TRACING.acknowledge(self.function, "Serverless::Serverless-LambdaTracing")


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
