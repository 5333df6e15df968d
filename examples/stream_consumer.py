"""A function that reads the stream of a table, in addition to the audit function."""

from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType
from aws_cdk.aws_lambda import Code, Function, Runtime, StartingPosition
from aws_cdk.aws_lambda_event_sources import DynamoEventSource, SqsDlq
from aws_cdk.aws_sqs import Queue, QueueEncryption
from constructs import Construct

from secure_ddb import Ownership, SecureTable


class StreamConsumerStack(Stack):
    """One table, and a function that follows its changes."""

    def __init__(self, scope: Construct, id: str, **stack_properties: Any) -> None:
        """Make the table, the function and what it needs."""
        super().__init__(scope, id, **stack_properties)
        orders = SecureTable(
            self,
            "Orders",
            partition_key=Attribute(name="order", type=AttributeType.STRING),
            ownership=Ownership(
                owner="payments@example.com", cost_center="CC-1042", application="orders", environment="prod"
            ),
        )
        indexer = Function(
            self,
            "Indexer",
            runtime=Runtime.PYTHON_3_13,
            handler="index.handler",
            code=Code.from_inline("def handler(event, context):\n    return {'batchItemFailures': []}\n"),
        )
        failures = Queue(
            self,
            "IndexerFailures",
            encryption=QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        indexer.add_event_source(
            DynamoEventSource(
                orders.table,
                starting_position=StartingPosition.TRIM_HORIZON,
                bisect_batch_on_error=True,
                report_batch_item_failures=True,
                retry_attempts=5,
                max_record_age=Duration.hours(12),
                on_failure=SqsDlq(failures),
            )
        )
