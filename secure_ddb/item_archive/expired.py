"""`ExpiredItems`: archives items deleted by time to live, in a write-once bucket (OPS-8)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Duration
from aws_cdk.aws_iam import Role, ServicePrincipal
from aws_cdk.aws_lambda import CfnEventSourceMapping
from constructs import Construct

from secure_ddb.access.granted_table import made_here
from secure_ddb.access.service_roles import SERVICE_ROLE_PATH
from secure_ddb.audit.locked_bucket import as_imported
from secure_ddb.audit.permissions import read_stream
from secure_ddb.context import table_context
from secure_ddb.errors import reject
from secure_ddb.handler_asset import code_of
from secure_ddb.item_archive.bucket import check_readers, make_item_bucket, retention_in_days
from secure_ddb.item_archive.function import (
    attach_policy,
    check_same_place,
    check_tables,
    make_function,
    make_log_group,
    most_sensitive,
    topic_of,
)
from secure_ddb.library_construct import state_construct
from secure_ddb.lifecycle import Lifecycle
from secure_ddb.monitoring.alarms import raise_alarms
from secure_ddb.monitoring.measure import Measure
from secure_ddb.tags.tag_conflicts import tag_table
from secure_ddb.waivers.accepted_findings import ALL_OBJECTS, EXPIRED_FUNCTION_FINDINGS, LOG_STREAM_NAMES
from secure_ddb.waivers.waiver import acknowledge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aws_cdk.aws_dynamodb import CfnGlobalTable
    from aws_cdk.aws_iam import IRole, ManagedPolicy
    from aws_cdk.aws_s3 import IBucket
    from aws_cdk.aws_sns import ITopic

    from secure_ddb.context import TableContext
    from secure_ddb.item_archive.bucket import ItemBucket
    from secure_ddb.table import SecureTable
    from secure_ddb.tags.ownership import Ownership

_HANDLER = Path(__file__).parent / "handlers" / "expired"
# What DynamoDB writes for an item that it deletes itself, so that the function gets no other change. This page has such
# a filter; Lambda's own page says that filters of DynamoDB's streams may name `dynamodb` only (docs/not-proven.md).
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
FILTER = json.dumps(
    {
        "eventName": ["REMOVE"],
        "userIdentity": {"type": ["Service"], "principalId": ["dynamodb.amazonaws.com"]},
    }
)
# Few large objects cost less than many small ones. Lambda hands over 6 MB at most, and less after a minute.
_BATCH_SIZE = 1000
_COLLECTED_SECONDS = 60
_TIMEOUT_MINUTES = 1
# The stream keeps a record for 24 hours. Twelve leave as many to notice and to repair.
_LONGEST_RECORD_AGE_SECONDS = 12 * 60 * 60
_LONGEST_DELAY_MILLISECONDS = 60 * 60 * 1000
# An IAM policy has 6,144 characters.
_MOST_TABLES = 20


class ExpiredItems(Construct):
    """Items that time to live deletes, kept as they were in a write-once bucket. docs/expired-items.md.

    Attributes:
        bucket: The bucket. Only the readers read it.
        alarms: They fire when items could not be kept, or wait too long.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        tables: Mapping[str, SecureTable],
        retention: Duration,
        ownership: Ownership,
        readers: Sequence[IRole] = (),
        alarm_topic: ITopic | None = None,
    ) -> None:
        """Make the bucket, its key, the function that reads the tables' streams, and its alarms.

        The function reads each stream, in addition to the audit function; a stream should have at most two readers.

        Args:
            scope: Where to make them: in the account and Region of the tables, and in the stack of those that enforce a
                perimeter.
            id: Construct id.
            tables: The tables, which have a `time_to_live_attribute`, each with its name in the bucket.
            retention: How long an item can be neither altered nor deleted, in whole days; then it is deleted.
            ownership: Their owner and cost center.
            readers: Roles that read the items. All others are denied.
            alarm_topic: Where the alarms go. Unless given, to the topic that all tables have.

        Raises:
            InvalidArgumentError: An argument is invalid; the message names it and the allowed values.

        Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
        """
        check_tables("tables", tables)
        _check_time_to_live(tables)
        days = retention_in_days(retention)
        context = table_context(self, scope, ownership, most_sensitive(list(tables.values())), Lifecycle.retained())
        check_same_place(context, "tables", tables)
        check_readers(context, readers)
        topic_arn = topic_of(tables, alarm_topic)
        code = code_of(scope, context.environment, "SecureDdbExpiredItems", _HANDLER, "the function for expired items")

        super().__init__(scope, id)
        state_construct(self)

        role = Role(self, "Role", path=SERVICE_ROLE_PATH, assumed_by=ServicePrincipal("lambda.amazonaws.com"))
        for name, table in tables.items():
            made = made_here(table)
            made.admit_to_stream(role)
            made.accept_expired_items(f"{self.node.path}/{name}")
        bucket = make_item_bucket(context, days=days, writer_arn=role.role_arn, readers=readers)
        log_group = make_log_group(context, bucket.key.arn)
        policy = _let_keep(context, role, list(tables.values()), bucket, log_group.attr_arn)
        function = make_function(
            context,
            role_arn=role.role_arn,
            log_group=log_group,
            code=code,
            handler="expired_items.index.handler",
            description="Keeps items that expired",
            environment={
                "BUCKET": bucket.name,
                "NAMES": json.dumps({table.table_name: name for name, table in tables.items()}),
            },
            timeout=Duration.minutes(_TIMEOUT_MINUTES),
        )
        acknowledge(function, EXPIRED_FUNCTION_FINDINGS)
        mappings = {
            name: _map_expiries(
                self,
                name,
                stream_arn=made_here(table).table.stream_arn,
                function_arn=function.function_arn,
                bucket=bucket,
                policy=policy,
            )
            for name, table in tables.items()
        }
        self.alarms = raise_alarms(context, _measures(function.function_name, mappings), topic_arn)
        self.bucket: IBucket = as_imported(bucket.resource, bucket.arn, bucket.key)
        tag_table(context)


def _check_time_to_live(tables: Mapping[str, SecureTable]) -> None:
    if len(tables) > _MOST_TABLES:
        reject("tables", f"{len(tables)} tables", f"at most {_MOST_TABLES}; make further ExpiredItems for others")
    for name, table in tables.items():
        resource = cast("CfnGlobalTable", table.table.node.default_child)
        if resource.time_to_live_specification is None:
            reject(f"tables[{name!r}]", table, "a table with a time_to_live_attribute: nothing expires in others")


def keeping_statements(
    region: str, *, stream_arns: list[str], table_keys: list[str], bucket: ItemBucket, log_group_arn: str
) -> list[dict[str, Any]]:
    """Return the role's permissions: read the streams, and write one bucket and the function's log.

    Lambda uses this role to read the streams and to write failed records.
    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
    """

    def through(service: str) -> dict[str, Any]:
        return {"StringEquals": {"kms:ViaService": f"{service}.{region}.amazonaws.com"}}

    return [
        read_stream(stream_arns),
        _allow("DecryptStream", ["kms:Decrypt"], table_keys) | {"Condition": through("dynamodb")},
        _allow("KeepItems", ["s3:PutObject"], [f"{bucket.arn}/*"]),
        _allow("FindBucket", ["s3:ListBucket"], [bucket.arn]),
        _allow("UseBucketKey", ["kms:Decrypt", "kms:GenerateDataKey"], [bucket.key.arn]) | {"Condition": through("s3")},
        _allow("WriteLog", ["logs:CreateLogStream", "logs:PutLogEvents"], [log_group_arn]),
    ]


def _allow(sid: str, actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}


def _let_keep(
    context: TableContext, role: Role, tables: list[SecureTable], bucket: ItemBucket, log_group_arn: str
) -> ManagedPolicy:
    return attach_policy(
        context,
        "Permissions",
        role,
        description="Lets expired items be read from streams and kept in one bucket",
        statements=keeping_statements(
            context.environment.region,
            stream_arns=[made_here(table).table.stream_arn for table in tables],
            table_keys=list(dict.fromkeys(table.encryption_key.key_arn for table in tables)),
            bucket=bucket,
            log_group_arn=log_group_arn,
        ),
        wildcards={f"{bucket.arn}/*": ALL_OBJECTS, log_group_arn: LOG_STREAM_NAMES},
    )


def _map_expiries(
    scope: Construct, name: str, *, stream_arn: str, function_arn: str, bucket: ItemBucket, policy: ManagedPolicy
) -> str:
    """Hand the expiries of a stream over to the function; return the mapping's id."""
    mapping = CfnEventSourceMapping(
        scope,
        f"EventSource-{name}",
        function_name=function_arn,
        event_source_arn=stream_arn,
        # Items that expired in the 24 hours before are archived, too.
        starting_position="TRIM_HORIZON",
        batch_size=_BATCH_SIZE,
        maximum_batching_window_in_seconds=_COLLECTED_SECONDS,
        bisect_batch_on_function_error=True,
        # As often as it takes: what fails here is Amazon S3 or the key, not a record.
        maximum_retry_attempts=-1,
        maximum_record_age_in_seconds=_LONGEST_RECORD_AGE_SECONDS,
        filter_criteria=CfnEventSourceMapping.FilterCriteriaProperty(
            filters=[CfnEventSourceMapping.FilterProperty(pattern=FILTER)]
        ),
        destination_config=CfnEventSourceMapping.DestinationConfigProperty(
            # The same bucket, below `aws/lambda/`: it is as confidential, and a bucket receives whole records.
            on_failure=CfnEventSourceMapping.OnFailureProperty(destination=bucket.arn)
        ),
        metrics_config=CfnEventSourceMapping.MetricsConfigProperty(metrics=["EventCount"]),
    )
    # Lambda checks what the role may do when the mapping is made.
    mapping.node.add_dependency(policy)
    return mapping.ref


def _measures(function_name: str, mappings: Mapping[str, str]) -> Iterator[Measure]:
    function = {"FunctionName": function_name}
    yield Measure(
        name="ExpiredErrors",
        description="Expired items could not be archived. They are retried for 12 hours: check the bucket and its key.",
        namespace="AWS/Lambda",
        metric="Errors",
        dimensions=function,
        threshold=1,
        period=5 * 60,
    )
    yield Measure(
        name="ExpiredIteratorAge",
        description="Expired items are waiting to be archived. The stream keeps them for only 24 hours.",
        namespace="AWS/Lambda",
        metric="IteratorAge",
        dimensions=function,
        statistic="Maximum",
        threshold=_LONGEST_DELAY_MILLISECONDS,
    )
    for name, mapping in mappings.items():
        event_source = {"EventSourceMappingUUID": mapping}
        yield Measure(
            name=f"ExpiredFailures-{name}",
            description=(
                "Expired items could not be archived for 12 hours. Their records are in the bucket under aws/lambda/."
            ),
            namespace="AWS/Lambda",
            metric="OnFailureDestinationDeliveredEventCount",
            dimensions=event_source,
            threshold=1,
        )
        yield Measure(
            name=f"ExpiredLost-{name}",
            description=(
                "Expired items were dropped. They are lost unless the stream still has them; it keeps them for 24 "
                "hours."
            ),
            namespace="AWS/Lambda",
            metric="DroppedEventCount",
            dimensions=event_source,
            threshold=1,
        )
