"""A small Lambda function that watches over tables: its role, its log, and an alarm that says that it fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from aws_cdk import Duration
from aws_cdk.aws_cloudwatch import CfnAlarm
from aws_cdk.aws_iam import ManagedPolicy, PolicyDocument, Role, ServicePrincipal
from aws_cdk.aws_lambda import Architecture, Code, Function, LoggingFormat, Runtime
from aws_cdk.aws_logs import LogGroup, RetentionDays

from secure_ddb.access.service_roles import SERVICE_ROLE_PATH
from secure_ddb.access.wildcard_findings import acknowledge_wildcards
from secure_ddb.waivers.accepted_findings import WATCHING_FUNCTION_FINDINGS, WATCHING_LOG_FINDINGS
from secure_ddb.waivers.waiver import acknowledge

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from secure_ddb.context import TableContext

_MEMORY_MIB = 128


@dataclass(frozen=True, kw_only=True)
class WatchingFunction:
    """What a function is made of.

    Attributes:
        description: What it does, in a sentence without a full stop.
        handler: The file with its code, which has a function `handler`.
        variables: Its environment variables, in addition to the names of its log group and its role.
        statements: Returns its role's permissions, in addition to writing its log, whose ARN it gets.
        wildcards: Resources that these statements name with a wildcard, each with the reason.
        timeout_seconds: How long it may run.
    """

    description: str
    handler: Path
    variables: Mapping[str, str]
    statements: Callable[[str], Sequence[dict[str, Any]]]
    wildcards: Mapping[str, str]
    timeout_seconds: int


class MadeFunction(NamedTuple):
    """The ARNs of a function and of its role."""

    function_arn: str
    role_arn: str


def make_watching_function(context: TableContext, about: WatchingFunction, topic_arn: str) -> MadeFunction:
    """Make the function with its role, log group and alarm."""
    scope = context.scope
    log_group = LogGroup(
        scope, "LogGroup", retention=RetentionDays.ONE_YEAR, removal_policy=context.lifecycle.removal_policy
    )
    acknowledge(log_group, WATCHING_LOG_FINDINGS)
    log_group_arn = log_group.log_group_arn
    role = Role(scope, "Role", path=SERVICE_ROLE_PATH, assumed_by=ServicePrincipal("lambda.amazonaws.com"))
    role_arn = role.role_arn
    write = {
        "Sid": "WriteLog",
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": log_group_arn,
    }
    policy = ManagedPolicy(
        scope,
        "Policy",
        path=SERVICE_ROLE_PATH,
        description=about.description,
        document=PolicyDocument.from_json(
            {"Version": "2012-10-17", "Statement": [*about.statements(log_group_arn), write]}
        ),
        roles=[role],
    )
    acknowledge_wildcards(policy, about.wildcards)
    function = Function(
        scope,
        "Function",
        description=about.description,
        runtime=Runtime.PYTHON_3_14,
        architecture=Architecture.ARM_64,
        code=Code.from_asset(str(about.handler.parent), exclude=["__pycache__", "*.pyc"]),
        handler=f"{about.handler.stem}.handler",
        environment={**about.variables, "LOG_GROUP": log_group.log_group_name, "ROLE": role.role_name},
        role=Role.from_role_arn(scope, "FunctionRole", role_arn),
        log_group=log_group,
        logging_format=LoggingFormat.JSON,
        memory_size=_MEMORY_MIB,
        timeout=Duration.seconds(about.timeout_seconds),
    )
    acknowledge(function, WATCHING_FUNCTION_FINDINGS)
    # Its permissions have to be there before the first event.
    function.node.add_dependency(policy)
    CfnAlarm(
        scope,
        "Failing",
        alarm_description=f"This function failed: {about.description}. See its log.",
        alarm_actions=[topic_arn],
        namespace="AWS/Lambda",
        metric_name="Errors",
        dimensions=[CfnAlarm.DimensionProperty(name="FunctionName", value=function.function_name)],
        statistic="Sum",
        period=300,
        evaluation_periods=1,
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=1,
        treat_missing_data="notBreaching",
    )
    return MadeFunction(function.function_arn, role_arn)
