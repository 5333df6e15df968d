"""The audit function: the configuration with which AWS Lambda runs `handler`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk.aws_iam import Role
from aws_cdk.aws_lambda import (
    ApplicationLogLevel,
    Architecture,
    CfnAlias,
    Function,
    LoggingFormat,
    Runtime,
    SystemLogLevel,
)

from secure_ddb.audit_trail.handler.audit_trail.settings import ALIAS, PER_TABLE
from secure_ddb.handler_asset import code_of
from secure_ddb.waivers.accepted_findings import FUNCTION_FINDINGS
from secure_ddb.waivers.waiver import acknowledge

if TYPE_CHECKING:
    from aws_cdk.aws_lambda import Code
    from aws_cdk.aws_logs import ILogGroup
    from constructs import Construct

    from secure_ddb.audit.settings import AuditSettings
    from secure_ddb.audit.streams import Streams
    from secure_ddb.context import StackEnvironment, TableContext

HANDLER_FOLDER = Path(__file__).parents[1] / "audit_trail" / "handler"

_MEMORY_MIB = 256
_TIMEOUT_SECONDS = 60


def handler_environment(
    settings: AuditSettings, streams: Streams, *, log_group_name: str, failure_bucket_name: str, digest_key_arn: str
) -> dict[str, str]:
    """Return the environment variables that the handler reads; none of them is a secret."""
    variables = {
        "KEYS": settings.keys.value,
        "STREAMS": streams.beginning,
        "LOG_GROUP": log_group_name,
        "FAILURE_BUCKET": failure_bucket_name,
    }
    if digest_key_arn:
        variables["HMAC_KEY_ID"] = digest_key_arn
        if not streams.arn:
            variables["DIGESTS"] = PER_TABLE
    if settings.clear_attributes:
        variables["CLEAR_ATTRIBUTES"] = json.dumps(list(settings.clear_attributes))
    return variables


def make_function(context: TableContext, role_arn: str, log_group: ILogGroup, environment: dict[str, str]) -> Function:
    """Make the function on the newest Python that CDK knows."""
    function = Function(
        context.scope,
        "AuditFunction",
        description="Writes one JSON line for each change of an item",
        runtime=newest_runtime(),
        architecture=architecture(),
        code=handler_code(context.scope, context.environment),
        handler="audit_trail.index.handler",
        environment=environment,
        # Seen as an imported one, or CDK would add a dependency that the reference to the role's ARN is already.
        role=Role.from_role_arn(context.scope, "AuditFunctionRole", role_arn),
        # Errors of the function as a whole; the handler itself writes the lines of the audit trail.
        log_group=log_group,
        # Keeps Lambda's own START, END and REPORT lines out of the audit log.
        logging_format=LoggingFormat.JSON,
        system_log_level_v2=SystemLogLevel.WARN,
        application_log_level_v2=ApplicationLogLevel.INFO,
        memory_size=_MEMORY_MIB,
        timeout=_timeout(),
    )
    acknowledge(function, FUNCTION_FINDINGS)
    return function


def make_alias(context: TableContext, function: Function, function_name: str) -> str:
    """Make the alias through which the function takes stream records, and return its ARN.

    CDK gives the version another logical id whenever code or settings change, so CloudFormation publishes a new one.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
    """
    version = function.current_version.version
    return CfnAlias(
        context.scope, "AuditFunctionAlias", name=ALIAS, function_name=function_name, function_version=version
    ).ref


def handler_code(scope: Construct, environment: StackEnvironment) -> Code:
    """Return where the handler's code will be; all tables of a stack share one asset.

    Raises:
        InvalidArgumentError: The stack's synthesizer takes no assets.
    """
    return code_of(scope, environment, "SecureTableAuditHandler", HANDLER_FOLDER, "the audit function")


@cache
def newest_runtime() -> Runtime:
    """Return the newest Python that CDK knows."""
    return Runtime.PYTHON_3_14


@cache
def architecture() -> Architecture:
    """Return the cheaper of Lambda's two."""
    return Architecture.ARM_64


@cache
def _timeout() -> Duration:
    return Duration.seconds(_TIMEOUT_SECONDS)
