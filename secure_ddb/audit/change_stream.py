"""`ChangeStream`: a table's changes in an encrypted Kinesis stream, in addition to the table's own stream (AUD-7)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Duration, Stack
from aws_cdk.aws_kinesis import CfnStream, IStream, Stream
from constructs import Construct

from secure_ddb.access.granted_table import made_here
from secure_ddb.access.grantees import add_statements
from secure_ddb.audit.change_stream_measures import change_stream_measures
from secure_ddb.durations import in_milliseconds
from secure_ddb.encryption.encryption import DEFAULT_ENCRYPTION, Encryption, EncryptionSettings
from secure_ddb.errors import reject, require_interface, require_made, require_type
from secure_ddb.library_construct import state_construct
from secure_ddb.monitoring.alarms import raise_alarms
from secure_ddb.part import Part
from secure_ddb.table import SecureTable
from secure_ddb.table_evidence import TableEvidence
from secure_ddb.tags.tag_conflicts import tag_table
from secure_ddb.waivers.accepted_findings import CHANGE_STREAM_FINDINGS
from secure_ddb.waivers.waiver import acknowledge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_dynamodb import CfnGlobalTable
    from aws_cdk.aws_iam import Grant, IGrantable
    from aws_cdk.aws_sns import ITopic

    from secure_ddb.encryption.table_key import KeyPolicy

# https://docs.aws.amazon.com/kinesis/latest/APIReference/API_IncreaseStreamRetentionPeriod.html
_RETENTION_HOURS = range(24, 8761)
_HOUR = 60 * 60 * 1000
# The actions with which AWS Lambda, the Kinesis Client Library and Firehose read a stream, without fan-out.
# Lambda asks for ListStreams, which AWS lists without a resource; CDK grants it on the stream as well.
# https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
READ_CHANGES = (
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:ListShards",
    "kinesis:ListStreams",
)


class ChangeStream(Construct):
    """A Kinesis stream with every change of a table, for more readers than its own stream takes. docs/kinesis.md.

    Attributes:
        stream: The stream, seen as an imported one: CDK adds no permissions of its own.
        alarms: They fire when changes are missing in the stream, late, or not read in time.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        table: SecureTable,
        retention: Duration | None = None,
        shards: int | None = None,
        encryption: EncryptionSettings = DEFAULT_ENCRYPTION,
        alarm_topic: ITopic | None = None,
    ) -> None:
        """Make the stream with its key and its alarms, and let DynamoDB write the table's changes to it.

        Args:
            scope: Where to make it, in the table's stack.
            id: Construct id.
            table: The table, without a `kinesis_stream`.
            retention: How long a change is kept, 24 hours to 365 days in whole hours; 7 days, unless given.
            shards: For provisioned capacity, how many shards. On demand, unless given.
            encryption: Its key. Unless given, one of its own, so that the table's decides nothing about the changes.
            alarm_topic: Where the alarms go; the table's topic, unless given.

        Raises:
            InvalidArgumentError: An argument is invalid; the message names it and the allowed values.
            NotCreatedError: No topic is given, and the table has no alarms.

        Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds.html
        """
        require_type("table", table, SecureTable, "a SecureTable of this app")
        made = made_here(table)
        if made.table.arguments.kinesis_stream is not None:
            reject("table", table, "one without kinesis_stream: a table sends its changes to one stream")
        if Stack.of(scope) != Stack.of(table):
            reject("scope", scope, "one in the table's stack, because the table names the stream")
        hours = _retention_hours(retention)
        if shards is not None:
            require_type("shards", shards, int)
            if shards < 1:
                reject("shards", shards, "1 or more, or None for a stream on demand")
        if alarm_topic is not None:
            require_interface("alarm_topic", alarm_topic, "topic_arn", "an aws_sns.ITopic")
        topic_arn = (alarm_topic or table.alarm_topic).topic_arn
        context = require_made(made.audit, "table").context
        # It has its own evidence, because choices about its key do not apply to the table's.
        context = replace(context, scope=self, outer_scope=scope, evidence=TableEvidence())
        encryption_part = Encryption(context, encryption)

        super().__init__(scope, id)
        state_construct(self)

        self._environment = context.environment
        self._key = encryption_part.provide_key([_KeyUse()])
        resource = CfnStream(
            self,
            "Stream",
            retention_period_hours=hours,
            shard_count=shards,
            stream_mode_details=CfnStream.StreamModeDetailsProperty(
                stream_mode="ON_DEMAND" if shards is None else "PROVISIONED"
            ),
            stream_encryption=CfnStream.StreamEncryptionProperty(encryption_type="KMS", key_id=self._key.arn),
        )
        acknowledge(resource, CHANGE_STREAM_FINDINGS)
        resource.apply_removal_policy(context.lifecycle.removal_policy)
        self.stream: IStream = Stream.from_stream_attributes(
            self, "Changes", stream_arn=resource.attr_arn, encryption_key=self._key.key
        )
        table_resource = cast("CfnGlobalTable", made.table.resource.node.default_child)
        table_resource.add_property_override(
            "Replicas.0.KinesisStreamSpecification",
            # By the microsecond, so that the changes of an item can be put in order.
            {"StreamArn": resource.attr_arn, "ApproximateCreationDateTimePrecision": "MICROSECOND"},
        )
        made.accept_change_stream(self.node.path)
        measures = change_stream_measures(table.table_name, resource.ref, hours * _HOUR)
        self.alarms = raise_alarms(context, measures, topic_arn)
        tag_table(context)

    def grant_read(self, grantee: IGrantable) -> Grant:
        """Let a role read the stream, which holds each item as it was before and after a change, and use its key.

        Args:
            grantee: As in `SecureTable.grant_read_data`. A perimeter of the table does not bind it.

        Raises:
            InvalidArgumentError: The grantee is none of these.
        """
        return add_statements(
            grantee,
            self._environment,
            change_stream_statements(self.stream.stream_arn, self._key.arns, self._environment.region),
        )


def change_stream_statements(stream_arn: str, key_arns: Sequence[str], region: str) -> list[dict[str, Any]]:
    """Return the statements for reading and decrypting changes."""
    return [
        {"Action": list(READ_CHANGES), "Resource": [stream_arn]},
        {
            "Action": ["kms:Decrypt"],
            "Resource": list(key_arns),
            "Condition": {"StringEquals": {"kms:ViaService": f"kinesis.{region}.amazonaws.com"}},
        },
    ]


class _KeyUse(Part):
    """The statements that the key needs: DynamoDB writes and consumers read, both through Kinesis."""

    def key_statements(self, policy: KeyPolicy) -> list[dict[str, Any]]:
        """Let the account's principals use the key through Kinesis, DynamoDB's service-linked role among them.

        https://docs.aws.amazon.com/aws-managed-policy/latest/reference/DynamoDBKinesisReplicationServiceRolePolicy.html
        https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html
        """
        return [policy.use_through("kinesis", "UseThroughKinesis", ["kms:Decrypt", "kms:GenerateDataKey"])]


def _retention_hours(retention: Duration | None) -> int:
    allowed = "24 hours to 365 days, in whole hours"
    if retention is None:
        return 7 * 24
    require_type("retention", retention, Duration, f"a Duration of {allowed}")
    hours, rest = divmod(in_milliseconds(retention, "retention"), _HOUR)
    if rest or hours not in _RETENTION_HOURS:
        reject("retention", f"{hours} hours", allowed)
    return hours
