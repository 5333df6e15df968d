"""The watch function: each hour, and with events, it looks at what no event tells."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk.aws_events import CfnRule
from aws_cdk.aws_iam import ManagedPolicy, PolicyDocument, Role, ServicePrincipal
from aws_cdk.aws_lambda import (
    ApplicationLogLevel,
    Architecture,
    CfnPermission,
    Code,
    Function,
    LoggingFormat,
    Runtime,
    SystemLogLevel,
)
from aws_cdk.aws_logs import LogGroup, RetentionDays

from secure_ddb.access.service_roles import SERVICE_ROLE_PATH
from secure_ddb.access.wildcard_findings import acknowledge_wildcards
from secure_ddb.detection.message import runbook
from secure_ddb.detection.watch_permissions import KEYS, TABLES, watch_statements
from secure_ddb.waivers.accepted_findings import DETECTION_RULE_FINDINGS, WATCH_FUNCTION_FINDINGS, WATCHED
from secure_ddb.waivers.waiver import acknowledge

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from aws_cdk.aws_kms import IKey

    from secure_ddb.context import TableContext

HANDLER_FOLDER = Path(__file__).parent / "handler"
# At full hours, because the handler decides by the hour what is due.
_EACH_HOUR = "cron(0 * * * ? *)"
# A call for each table and each key, of which an account may have thousands.
_TIMEOUT_MINUTES = 5
_MEMORY_MIB = 256


@dataclass(frozen=True, kw_only=True)
class Watch:
    """The watch function as its rules see it."""

    function: Function
    role: Role
    log_group: LogGroup


def make_watch(context: TableContext, *, key: IKey, topic_arn: str, audit_alias_arn: str, runbook_url: str) -> Watch:
    """Make the function with its role and log group. `let_watch` gives it permissions, once the rules are there."""
    scope = context.scope
    log_group = LogGroup(
        scope,
        "WatchLogGroup",
        encryption_key=key,
        # CloudTrail retains its events for longer.
        retention=RetentionDays.THREE_MONTHS,
        removal_policy=context.lifecycle.removal_policy,
    )
    role = Role(scope, "WatchRole", path=SERVICE_ROLE_PATH, assumed_by=ServicePrincipal("lambda.amazonaws.com"))
    function = Function(
        scope,
        "WatchFunction",
        description="Looks each hour at the keys of tables, and at what reports on them",
        runtime=Runtime.PYTHON_3_14,
        architecture=Architecture.ARM_64,
        code=Code.from_asset(str(HANDLER_FOLDER), exclude=["__pycache__", "*.pyc"]),
        handler="watch.index.handler",
        environment={
            "AUDIT_FUNCTION": audit_alias_arn,
            "LOG_GROUP": log_group.log_group_name,
            "RUNBOOK": runbook(runbook_url),
            "TOPIC": topic_arn,
        },
        # Seen as an imported one, so that CDK adds nothing to the policy that is written out below.
        role=Role.from_role_arn(scope, "WatchFunctionRole", role.role_arn),
        log_group=log_group,
        logging_format=LoggingFormat.JSON,
        system_log_level_v2=SystemLogLevel.WARN,
        application_log_level_v2=ApplicationLogLevel.INFO,
        memory_size=_MEMORY_MIB,
        timeout=Duration.minutes(_TIMEOUT_MINUTES),
        # A second try would repeat the notices of the first.
        retry_attempts=0,
    )
    acknowledge(function, WATCH_FUNCTION_FINDINGS)
    return Watch(function=function, role=role, log_group=log_group)


def run_watch(
    context: TableContext, watch: Watch, rules: Mapping[str, CfnRule], invoking_names: Collection[str]
) -> CfnRule:
    """Make the rule that runs the function at each full hour, and let it and other rules invoke it.

    The function gets the names of the other rules with each run: its environment cannot name what names it.

    Args:
        context: The context of shared resources.
        watch: The function.
        rules: Name of the subject to the rule that the function looks at.
        invoking_names: Subjects whose rules send events to the function.
    """
    names = ",".join(f'"{rule.ref}"' for rule in rules.values())
    schedule = CfnRule(
        context.scope,
        "WatchSchedule",
        description="Runs the watch function at each full hour",
        schedule_expression=_EACH_HOUR,
        targets=[
            CfnRule.TargetProperty(
                arn=watch.function.function_arn,
                id="WatchFunction",
                input_transformer=CfnRule.InputTransformerProperty(
                    input_paths_map={"time": "$.time"}, input_template=f'{{"time":<time>,"rules":[{names}]}}'
                ),
            )
        ],
    )
    acknowledge(schedule, DETECTION_RULE_FINDINGS)
    invoking = {name: rule for name, rule in rules.items() if name in invoking_names}
    for name, rule in {**invoking, "WatchSchedule": schedule}.items():
        CfnPermission(
            context.scope,
            f"{name}InvokesWatch",
            action="lambda:InvokeFunction",
            function_name=watch.function.function_name,
            principal="events.amazonaws.com",
            source_arn=rule.attr_arn,
        )
    return schedule


def let_watch(
    context: TableContext, watch: Watch, rules: Mapping[str, CfnRule], *, topic_arn: str, topic_key_arn: str
) -> None:
    """Give the function's role its permissions."""
    environment = context.environment
    statements = watch_statements(
        environment,
        log_group_arn=watch.log_group.log_group_arn,
        topic_arn=topic_arn,
        topic_key_arn=topic_key_arn,
        rule_arns=[rule.attr_arn for rule in rules.values()],
    )
    policy = ManagedPolicy(
        context.scope,
        "WatchPolicy",
        path=SERVICE_ROLE_PATH,
        description="Lets the watch function read the state of tables, keys, rules and mappings, and publish",
        document=PolicyDocument.from_json({"Version": "2012-10-17", "Statement": statements}),
        roles=[watch.role],
    )
    wildcards = ["*", environment.arn("dynamodb", TABLES), environment.arn("kms", KEYS)]
    acknowledge_wildcards(policy, dict.fromkeys(wildcards, WATCHED))
