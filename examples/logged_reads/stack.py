"""A table of orders, and a function that logs for which user it has read which of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_iam import ManagedPolicy, PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_lambda import Architecture, Code, Function, LayerVersion, Runtime
from aws_cdk.aws_logs import LogGroup, RetentionDays

from examples.function_access import invoked_by, watch
from secure_ddb import ApplicationReads, Ownership, SecureTable, Waiver

if TYPE_CHECKING:
    from constructs import Construct

HERE = Path(__file__).parent
_IN_A_VPC = Waiver(
    reason="It calls DynamoDB, CloudWatch Logs, AWS KMS and AWS STS only, with a role that may do nothing else.",
    approved_by="SEC-163",
    expires=date(2027, 12, 31),
)
_SYNCHRONOUS = Waiver(
    reason="The function is invoked synchronously, so its caller gets the error. A queue would stay empty.",
    approved_by="SEC-163",
    expires=date(2027, 12, 31),
)
_NO_TRACING = Waiver(
    reason="Tracing needs a permission on all resources, and the lines about reads have the ids of requests.",
    approved_by="SEC-163",
    expires=date(2027, 12, 31),
)


class LoggedReadsStack(Stack):
    """The orders, and the function that shows them."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the table, the log of its reads, and the function."""
        super().__init__(scope, id, **stack_properties)
        self.orders = SecureTable(
            self,
            "Orders",
            partition_key=Attribute(name="pk", type=AttributeType.STRING),
            sort_key=Attribute(name="sk", type=AttributeType.STRING),
            ownership=Ownership(
                owner="orders@example.com", cost_center="CC-1042", application="orders", environment="prod"
            ),
        )
        policy, function = self._function()
        self.orders.grant_read_data(policy)
        watch(function, self.orders.alarm_topic.topic_arn)
        invoked_by(function, self._caller(function).role_arn)
        self.reads = ApplicationReads(self, "OrdersReads", table=self.orders)
        self.reads.log_from(function)

    def _caller(self, function: Function) -> Role:
        """Make the role of who may invoke the function."""
        invoke = PolicyStatement(actions=["lambda:InvokeFunction"], resources=[function.function_arn])
        policy = ManagedPolicy(self, "CallerPolicy", statements=[invoke])
        by_task = ServicePrincipal("ecs-tasks.amazonaws.com")
        return Role(self, "CallerRole", assumed_by=by_task, managed_policies=[policy])

    def _function(self) -> tuple[ManagedPolicy, Function]:
        """Make the function, which may write its own log and nothing else yet, and return its policy with it."""
        log_group = LogGroup(
            self,
            "ShowOrdersLog",
            encryption_key=self.orders.encryption_key,
            retention=RetentionDays.ONE_YEAR,
            removal_policy=RemovalPolicy.RETAIN,
        )
        write = PolicyStatement(
            actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[log_group.log_group_arn]
        )
        policy = ManagedPolicy(self, "ShowOrdersPolicy", statements=[write])
        layer = LayerVersion(
            self,
            "ReadsLayer",
            code=Code.from_asset(ApplicationReads.LAYER_FOLDER, exclude=["**/__pycache__"]),
            compatible_runtimes=[Runtime.PYTHON_3_14],
            description="secure_ddb_reads, which logs what is read",
        )
        function = Function(
            self,
            "ShowOrders",
            runtime=Runtime.PYTHON_3_14,
            architecture=Architecture.ARM_64,
            code=Code.from_asset(str(HERE / "service"), exclude=["**/__pycache__"]),
            handler="orders.handler",
            environment={"TABLE": self.orders.table_name},
            role=Role(
                self,
                "ShowOrdersRole",
                assumed_by=ServicePrincipal("lambda.amazonaws.com"),
                managed_policies=[policy],
            ),
            layers=[layer],
            log_group=log_group,
            memory_size=256,
            timeout=Duration.seconds(30),
            # An account has to keep 100 for functions without a number of their own.
            reserved_concurrent_executions=10,
        )
        for pack in ("HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321"):
            _IN_A_VPC.acknowledge(function, f"{pack}::{pack}-LambdaInsideVPC")
        for pack in ("HIPAA.Security", "NIST.800.53.R5", "Serverless"):
            _SYNCHRONOUS.acknowledge(function, f"{pack}::{pack}-LambdaDLQ")
        _NO_TRACING.acknowledge(function, "Serverless::Serverless-LambdaTracing")
        return policy, function
