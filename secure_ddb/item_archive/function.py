"""The functions that fill buckets with items, with their logs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aws_cdk.aws_iam import ManagedPolicy, PolicyDocument, Role
from aws_cdk.aws_lambda import ApplicationLogLevel, Function, LoggingFormat, SystemLogLevel
from aws_cdk.aws_logs import CfnLogGroup, LogGroup

from secure_ddb.access.granted_table import made_here
from secure_ddb.access.service_roles import SERVICE_ROLE_PATH
from secure_ddb.access.wildcard_findings import acknowledge_wildcards
from secure_ddb.audit.function import architecture, newest_runtime
from secure_ddb.errors import reject, require_interface
from secure_ddb.table import SecureTable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from aws_cdk import Duration
    from aws_cdk.aws_lambda import Code
    from aws_cdk.aws_sns import ITopic

    from secure_ddb.classification import DataClassification
    from secure_ddb.context import TableContext

_MEMORY_MIB = 256


def make_log_group(context: TableContext, key_arn: str) -> CfnLogGroup:
    """Make the log of the function itself, which holds no items."""
    group = CfnLogGroup(
        context.scope, "Log", kms_key_id=key_arn, retention_in_days=context.classification.floor.log_retention
    )
    group.apply_removal_policy(context.lifecycle.removal_policy)
    return group


def make_function(
    context: TableContext,
    *,
    role_arn: str,
    log_group: CfnLogGroup,
    code: Code,
    handler: str,
    description: str,
    environment: dict[str, str],
    timeout: Duration,
) -> Function:
    """Create a function with exactly the role's permissions."""
    return Function(
        context.scope,
        "Function",
        description=description,
        runtime=newest_runtime(),
        architecture=architecture(),
        code=code,
        handler=handler,
        environment=environment,
        # Seen as an imported one, so that CDK adds no permissions of its own.
        role=Role.from_role_arn(context.scope, "FunctionRole", role_arn),
        log_group=LogGroup.from_log_group_name(context.scope, "FunctionLog", log_group.ref),
        logging_format=LoggingFormat.JSON,
        system_log_level_v2=SystemLogLevel.WARN,
        application_log_level_v2=ApplicationLogLevel.INFO,
        memory_size=_MEMORY_MIB,
        timeout=timeout,
    )


def attach_policy(
    context: TableContext,
    id: str,
    role: Role,
    *,
    description: str,
    statements: list[dict[str, Any]],
    wildcards: Mapping[str, str],
) -> ManagedPolicy:
    """Make a policy and attach it from its own side: policies of tables name the role, which must not wait for them."""
    policy = ManagedPolicy(
        context.scope,
        id,
        path=SERVICE_ROLE_PATH,
        description=description,
        document=PolicyDocument.from_json({"Version": "2012-10-17", "Statement": statements}),
        roles=[role],
    )
    acknowledge_wildcards(policy, wildcards)
    return policy


def most_sensitive(tables: Sequence[SecureTable]) -> DataClassification:
    """Return the highest classification of the tables."""
    found = [made_here(table).classification for table in tables]
    return max(found, key=list(type(found[0])).index)


def check_tables(argument: str, tables: Mapping[str, SecureTable] | object) -> None:
    """Reject anything but one or more tables of this app with their names in the bucket.

    Raises:
        InvalidArgumentError: It is something else.
    """
    allowed = "a name in the bucket for each of one or more SecureTables, such as {'orders': orders}"
    if not isinstance(tables, Mapping) or not tables:
        reject(argument, tables, allowed)
    for name, table in tables.items():
        if not isinstance(name, str) or not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
            reject(f"a name in {argument}", name, "letters, digits, - and _")
        if not isinstance(table, SecureTable):
            reject(f"{argument}[{name!r}]", table, "a SecureTable of this app")


def check_same_place(context: TableContext, argument: str, tables: Mapping[str, SecureTable]) -> None:
    """Reject tables of another account or Region.

    Raises:
        InvalidArgumentError: One is.
    """
    here = context.environment
    for name, table in tables.items():
        there = made_here(table).table.stack_environment
        if (there.account, there.region) != (here.account, here.region):
            reject(f"{argument}[{name!r}]", f"in {there.region}", f"a table of this account in {here.region}")


def topic_of(tables: Mapping[str, SecureTable], given: ITopic | None) -> str:
    """Return the ARN of the topic that alarms go to: the given one, or the one that all tables have.

    Raises:
        InvalidArgumentError: None is given, and the tables have several or none.
        NotCreatedError: None is given, and a table has no alarms.
    """
    if given is not None:
        require_interface("alarm_topic", given, "topic_arn", "an aws_sns.ITopic")
        return given.topic_arn
    arns = {table.alarm_topic.topic_arn for table in tables.values()}
    if len(arns) > 1:
        reject("alarm_topic", None, "the topic for the alarms, because the tables have several")
    return arns.pop()
