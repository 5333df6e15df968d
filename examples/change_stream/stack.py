"""A table, its changes in a Kinesis stream, and a function that reads them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk.aws_cloudwatch import CfnAlarm
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_iam import ManagedPolicy, PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_lambda import Architecture, CfnEventSourceMapping, Code, Function, Runtime
from aws_cdk.aws_logs import LogGroup, RetentionDays
from aws_cdk.aws_sqs import Queue, QueueEncryption

from examples.function_access import watch
from secure_ddb import ChangeStream, Ownership, SecureTable, Waiver

if TYPE_CHECKING:
    from constructs import Construct

HERE = Path(__file__).parent
_UNTIL = date(2027, 12, 31)
_IN_A_VPC = Waiver(
    reason="Lambda hands it the changes, and it calls nothing but CloudWatch Logs.",
    approved_by="SEC-164",
    expires=_UNTIL,
)
_FAILURES_OF_MAPPING = Waiver(
    reason="An event source mapping invokes it, which sends what fails to a queue of its own.",
    approved_by="SEC-164",
    expires=_UNTIL,
)
_ONE_FOR_EACH_SHARD = Waiver(
    reason="Lambda runs one invocation for each shard. A limit would make it lag behind.",
    approved_by="SEC-164",
    expires=_UNTIL,
)
_LAST_STOP = Waiver(
    reason="It is the queue for what failed, which nothing but people reads.", approved_by="SEC-164", expires=_UNTIL
)
_NO_TRACING = Waiver(
    reason="An event source mapping of Kinesis passes no trace on.", approved_by="SEC-164", expires=_UNTIL
)


class ChangeStreamStack(Stack):
    """The orders, their changes, and the function that follows them."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the table, the stream and the function."""
        super().__init__(scope, id, **stack_properties)
        orders = SecureTable(
            self,
            "Orders",
            partition_key=Attribute(name="pk", type=AttributeType.STRING),
            ownership=Ownership(
                owner="orders@example.com", cost_center="CC-1042", application="orders", environment="prod"
            ),
        )
        changes = ChangeStream(self, "OrdersChanges", table=orders, retention=Duration.days(3))
        policy = ManagedPolicy(self, "FollowerPolicy")
        changes.grant_read(policy)
        self._follow(policy, changes.stream.stream_arn, orders)

    def _follow(self, policy: ManagedPolicy, stream_arn: str, orders: SecureTable) -> None:
        log_group = LogGroup(
            self,
            "FollowerLog",
            encryption_key=orders.encryption_key,
            retention=RetentionDays.ONE_YEAR,
            removal_policy=RemovalPolicy.RETAIN,
        )
        # Only places in the stream get there, and no items.
        failures = Queue(
            self,
            "FollowerFailures",
            encryption=QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        policy.add_statements(
            PolicyStatement(actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[log_group.log_group_arn]),
            PolicyStatement(actions=["sqs:SendMessage"], resources=[failures.queue_arn]),
        )
        function = Function(
            self,
            "Follower",
            runtime=Runtime.PYTHON_3_14,
            architecture=Architecture.ARM_64,
            code=Code.from_asset(str(HERE / "service"), exclude=["**/__pycache__"]),
            handler="changes.handler",
            role=Role(
                self,
                "FollowerRole",
                assumed_by=ServicePrincipal("lambda.amazonaws.com"),
                managed_policies=[policy],
            ),
            log_group=log_group,
            memory_size=256,
            timeout=Duration.seconds(30),
        )
        mapping = CfnEventSourceMapping(
            self,
            "FollowerMapping",
            function_name=function.function_arn,
            event_source_arn=stream_arn,
            starting_position="TRIM_HORIZON",
            bisect_batch_on_function_error=True,
            function_response_types=["ReportBatchItemFailures"],
            maximum_retry_attempts=5,
            maximum_record_age_in_seconds=24 * 60 * 60,
            destination_config=CfnEventSourceMapping.DestinationConfigProperty(
                on_failure=CfnEventSourceMapping.OnFailureProperty(destination=failures.queue_arn)
            ),
        )
        watch(function, orders.alarm_topic.topic_arn)
        self._alarm_on(failures, orders.alarm_topic.topic_arn)
        # Lambda checks the role's permissions when the mapping is made.
        mapping.node.add_dependency(policy)
        for pack in ("HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321"):
            _IN_A_VPC.acknowledge(function, f"{pack}::{pack}-LambdaInsideVPC")
        for pack in ("HIPAA.Security", "NIST.800.53.R5"):
            _ONE_FOR_EACH_SHARD.acknowledge(function, f"{pack}::{pack}-LambdaConcurrency")
        for pack in ("HIPAA.Security", "NIST.800.53.R5", "Serverless"):
            _FAILURES_OF_MAPPING.acknowledge(function, f"{pack}::{pack}-LambdaDLQ")
        _LAST_STOP.acknowledge(failures, "AwsSolutions::AwsSolutions-SQS3", "Serverless::Serverless-SQSRedrivePolicy")
        _NO_TRACING.acknowledge(function, "Serverless::Serverless-LambdaTracing")

    def _alarm_on(self, failures: Queue, topic_arn: str) -> None:
        """Raise an alarm while the queue holds changes that were given up; the stream has them for three days."""
        CfnAlarm(
            self,
            "FollowerGaveUp",
            alarm_description="The follower has given changes up. The queue says where in the stream they are.",
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions=[CfnAlarm.DimensionProperty(name="QueueName", value=failures.queue_name)],
            statistic="Maximum",
            period=60,
            evaluation_periods=1,
            threshold=1,
            comparison_operator="GreaterThanOrEqualToThreshold",
            treat_missing_data="notBreaching",
            alarm_actions=[topic_arn],
        )
