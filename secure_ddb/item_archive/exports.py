"""`TableExports`: full and incremental exports of tables to Amazon S3 on a schedule (OPS-4)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk.aws_events import CfnRule
from aws_cdk.aws_iam import Role, ServicePrincipal
from aws_cdk.aws_lambda import CfnPermission
from constructs import Construct

from secure_ddb.access.granted_table import arn_by_name, made_here
from secure_ddb.access.service_roles import SERVICE_ROLE_PATH
from secure_ddb.audit.locked_bucket import as_imported
from secure_ddb.context import table_context
from secure_ddb.durations import in_milliseconds
from secure_ddb.errors import reject, require_type
from secure_ddb.handler_asset import code_of
from secure_ddb.item_archive.bucket import check_readers, make_item_bucket, retention_in_days
from secure_ddb.item_archive.export_permissions import bucket_statements, exports_of, table_statements
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
from secure_ddb.waivers.accepted_findings import (
    ALL_OBJECTS,
    EXPORT_FUNCTION_FINDINGS,
    EXPORT_NAMES,
    EXPORT_RULE_FINDINGS,
    LOG_STREAM_NAMES,
)
from secure_ddb.waivers.waiver import acknowledge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aws_cdk.aws_iam import IRole
    from aws_cdk.aws_s3 import IBucket
    from aws_cdk.aws_sns import ITopic

    from secure_ddb.context import StackEnvironment, TableContext
    from secure_ddb.item_archive.bucket import ItemBucket
    from secure_ddb.table import SecureTable
    from secure_ddb.tags.ownership import Ownership

_HANDLER = Path(__file__).parent / "handlers" / "exports"
_HOUR = 60 * 60
# Divisors of a day, so that periods begin with it. DynamoDB accepts 15 minutes to 24 hours.
_PERIOD_HOURS = (1, 2, 3, 4, 6, 8, 12, 24)
_LONGEST_RUN_MINUTES = 15
# An IAM policy has 6,144 characters, and the environment variables of a function 4 KB.
_TABLES_OF_POLICY = 10
_MOST_TABLES = 30


class TableExports(Construct):
    """Exports of tables to a write-once bucket: all items now and then, and what changed in between. docs/exports.md.

    One function for all tables runs each hour, requests due exports, and checks their results.

    Attributes:
        bucket: The bucket. Only the readers read it.
        alarms: They fire while an export is overdue, and when the function does not run.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        tables: Mapping[str, SecureTable],
        retention: Duration,
        ownership: Ownership,
        full_every: Duration | None = Duration.days(30),
        incremental_every: Duration | None = Duration.hours(24),
        readers: Sequence[IRole] = (),
        alarm_topic: ITopic | None = None,
    ) -> None:
        """Make the bucket, its key, the function, its schedule and its alarms.

        Args:
            scope: Where to make them: in the account and Region of the tables, and in the stack of those that enforce a
                perimeter.
            id: Construct id.
            tables: The exported tables, each with its name in the bucket.
            retention: How long an export can be neither altered nor deleted, in whole days; then it is deleted.
                Items in it can be deleted no sooner, even if they are deleted from the table.
            ownership: Their owner and cost center.
            full_every: Whole days between two full exports, not more than the retention. None makes only the first,
                and the next one once that is deleted.
            incremental_every: The period of an incremental export: 1, 2, 3, 4, 6, 8, 12 or 24 hours. None for full
                exports only.
            readers: Roles that read the exports, and so all items. All others are denied.
            alarm_topic: Where the alarms go. Unless given, to the topic that all tables have.

        Raises:
            InvalidArgumentError: An argument is invalid; the message names it and the allowed values.

        Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.HowItWorks.html
        """
        check_tables("tables", tables)
        if len(tables) > _MOST_TABLES:
            reject("tables", f"{len(tables)} tables", f"at most {_MOST_TABLES}; make further TableExports for others")
        days = retention_in_days(retention)
        full_days = _whole_days(full_every)
        if days < full_days:
            # Without a full export that is kept, changes would have nothing to build on, and the next run make one.
            reject("retention", f"{days} days", f"{full_days} days or more, the time between two full exports")
        variables = {
            "FULL_EVERY": str(full_days * 24 * _HOUR),
            "INCREMENTAL_EVERY": str(_period_hours(incremental_every) * _HOUR),
        }
        classification = most_sensitive(list(tables.values()))
        context = table_context(self, scope, ownership, classification, Lifecycle.retained())
        check_same_place(context, "tables", tables)
        check_readers(context, readers)
        topic_arn = topic_of(tables, alarm_topic)
        code = code_of(scope, context.environment, "SecureDdbTableExports", _HANDLER, "the export function")

        super().__init__(scope, id)
        state_construct(self)

        role = Role(self, "Role", path=SERVICE_ROLE_PATH, assumed_by=ServicePrincipal("lambda.amazonaws.com"))
        for name, table in tables.items():
            made_here(table).accept_scheduled_exports(role, f"{self.node.path}/{name}")
        bucket = make_item_bucket(context, days=days, writer_arn=role.role_arn, readers=readers)
        log_group = make_log_group(context, bucket.key.arn)
        _let_export(context, role, list(tables.values()), bucket, log_group.attr_arn)
        function = make_function(
            context,
            role_arn=role.role_arn,
            log_group=log_group,
            code=code,
            handler="table_exports.index.handler",
            description="Exports tables to Amazon S3: what is due and not there yet",
            environment={
                "BUCKET": bucket.name,
                "KEY_ARN": bucket.key.arn,
                "TABLES": json.dumps({name: arn_by_name(table) for name, table in tables.items()}),
                **variables,
            },
            timeout=Duration.minutes(_LONGEST_RUN_MINUTES),
        )
        acknowledge(function, EXPORT_FUNCTION_FINDINGS)
        _run_each_hour(self, function.function_arn)
        self.alarms = raise_alarms(context, _measures(function.function_name), topic_arn)
        self.bucket: IBucket = as_imported(bucket.resource, bucket.arn, bucket.key)
        tag_table(context)


def _whole_days(every: Duration | None) -> int:
    if every is None:
        return 0
    require_type("full_every", every, Duration, "a Duration or None")
    days, rest = divmod(in_milliseconds(every, "full_every"), 24 * _HOUR * 1000)
    if rest or days < 1:
        reject("full_every", every, "one or more whole days, or None")
    return days


def _period_hours(every: Duration | None) -> int:
    if every is None:
        return 0
    require_type("incremental_every", every, Duration, "a Duration or None")
    hours, rest = divmod(in_milliseconds(every, "incremental_every"), _HOUR * 1000)
    if rest or hours not in _PERIOD_HOURS:
        reject("incremental_every", every, "1, 2, 3, 4, 6, 8, 12 or 24 hours, or None")
    return hours


def _let_export(
    context: TableContext, role: Role, tables: list[SecureTable], bucket: ItemBucket, log_group_arn: str
) -> None:
    environment = context.environment
    attach_policy(
        context,
        "BucketPermissions",
        role,
        description="Lets exports be written to one bucket",
        statements=bucket_statements(
            environment, bucket_arn=bucket.arn, key_arn=bucket.key.arn, log_group_arn=log_group_arn
        ),
        wildcards={f"{bucket.arn}/*": ALL_OBJECTS, log_group_arn: LOG_STREAM_NAMES},
    )
    for number, statements, arns in _table_policies(environment, tables):
        attach_policy(
            context,
            f"TablePermissions{number}",
            role,
            description="Lets some tables be exported",
            statements=statements,
            wildcards={exports_of(arn): EXPORT_NAMES for arn in arns},
        )


def _table_policies(
    environment: StackEnvironment, tables: list[SecureTable]
) -> Iterator[tuple[int, list[dict[str, object]], list[str]]]:
    """Yield a policy for each few tables, because a policy's length is limited."""
    for number, first in enumerate(range(0, len(tables), _TABLES_OF_POLICY), start=1):
        some = tables[first : first + _TABLES_OF_POLICY]
        arns = [arn_by_name(table) for table in some]
        statements = table_statements(
            environment,
            arns=arns,
            names=[table.table_name for table in some],
            key_arns=list(dict.fromkeys(table.encryption_key.key_arn for table in some)),
        )
        yield number, statements, arns


def _run_each_hour(scope: Construct, function_arn: str) -> None:
    """Run the function each hour, however long the periods are: so a failure is noticed and repaired soon."""
    rule = CfnRule(
        scope,
        "Schedule",
        description="Runs the exports of tables that are due",
        schedule_expression="rate(1 hour)",
        targets=[CfnRule.TargetProperty(id="Function", arn=function_arn)],
    )
    acknowledge(rule, EXPORT_RULE_FINDINGS)
    CfnPermission(
        scope,
        "SchedulePermission",
        action="lambda:InvokeFunction",
        function_name=function_arn,
        principal="events.amazonaws.com",
        source_arn=rule.attr_arn,
    )


def _measures(function_name: str) -> Iterator[Measure]:
    function = {"FunctionName": function_name}
    yield Measure(
        name="ExportErrors",
        description=(
            "An export to Amazon S3 failed, or is due and cannot be requested. The function's log has the details. It "
            "is retried while point-in-time recovery covers the period, for at most 35 days."
        ),
        namespace="AWS/Lambda",
        metric="Errors",
        dimensions=function,
        threshold=1,
        period=_HOUR,
    )
    yield Measure(
        name="ExportsNotRun",
        description=(
            "The function that exports tables did not run for three hours. Check its schedule and its throttles."
        ),
        namespace="AWS/Lambda",
        metric="Invocations",
        dimensions=function,
        threshold=1,
        comparison="LessThanThreshold",
        period=3 * _HOUR,
        missing_data="breaching",
    )
