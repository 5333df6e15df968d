"""The audit function: how AWS Lambda runs what is in `handler`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from aws_cdk import Stack
from aws_cdk.aws_lambda import CfnFunction, Runtime
from aws_cdk.aws_s3_assets import Asset

from secure_ddb.errors import first_line, reject
from secure_ddb.waiver import acknowledge

if TYPE_CHECKING:
    from constructs import Construct

    from secure_ddb.audit.settings import AuditSettings
    from secure_ddb.context import StackEnvironment, TableContext

HANDLER_FOLDER = Path(__file__).parent / "handler"

_MEMORY_MIB = 256
_TIMEOUT_SECONDS = 60

_DLQ = (
    "A dead-letter queue serves asynchronous invocations only. This function is invoked by an event source "
    "mapping, which keeps failed records in the audit failure bucket."
)
_VPC = (
    "The function gets its records from Lambda's poller and calls CloudWatch Logs, AWS KMS and Amazon S3 only, over "
    "TLS and with a role that may do nothing else; in a VPC each of them would need an endpoint of its own."
)
_CONCURRENCY = (
    "Lambda runs one invocation per shard of the stream, which bounds concurrency already. A reserved limit "
    "could throttle the audit trail until the stream forgets records."
)
_TRACING = (
    "An event source mapping of DynamoDB passes no trace on, and the permission that tracing needs covers all "
    "resources of the account."
)
FUNCTION_FINDINGS = {
    "HIPAA.Security::HIPAA.Security-LambdaConcurrency": _CONCURRENCY,
    "HIPAA.Security::HIPAA.Security-LambdaDLQ": _DLQ,
    "HIPAA.Security::HIPAA.Security-LambdaInsideVPC": _VPC,
    "NIST.800.53.R4::NIST.800.53.R4-LambdaInsideVPC": _VPC,
    "NIST.800.53.R5::NIST.800.53.R5-LambdaConcurrency": _CONCURRENCY,
    "NIST.800.53.R5::NIST.800.53.R5-LambdaDLQ": _DLQ,
    "NIST.800.53.R5::NIST.800.53.R5-LambdaInsideVPC": _VPC,
    "PCI.DSS.321::PCI.DSS.321-LambdaInsideVPC": _VPC,
    "Serverless::Serverless-LambdaDLQ": _DLQ,
    "Serverless::Serverless-LambdaTracing": _TRACING,
}


def handler_environment(
    settings: AuditSettings, *, log_group_name: str, failure_bucket_name: str, digest_key_arn: str
) -> dict[str, str]:
    """Return the environment variables that the handler reads; none of them is a secret."""
    variables = {"KEYS": settings.keys.value, "LOG_GROUP": log_group_name, "FAILURE_BUCKET": failure_bucket_name}
    if digest_key_arn:
        variables["HMAC_KEY_ID"] = digest_key_arn
    if settings.clear_attributes:
        variables["CLEAR_ATTRIBUTES"] = json.dumps(list(settings.clear_attributes))
    return variables


def make_function(context: TableContext, role_arn: str, environment: dict[str, str]) -> CfnFunction:
    """Make the function on the newest Python that CDK knows."""
    handler = handler_asset(context.scope, context.environment)
    function = CfnFunction(
        context.scope,
        "AuditFunction",
        description="Writes one JSON line for each change of an item",
        runtime=_newest_runtime(),
        architectures=["arm64"],
        code=CfnFunction.CodeProperty(s3_bucket=handler.bucket, s3_key=handler.key),
        handler="audit_trail.index.handler",
        environment=CfnFunction.EnvironmentProperty(variables=environment),
        role=role_arn,
        logging_config=CfnFunction.LoggingConfigProperty(
            # Errors of the function as a whole; the handler itself writes the lines of the audit trail.
            log_group=environment["LOG_GROUP"],
            # Keeps Lambda's own START, END and REPORT lines out of the audit log.
            log_format="JSON",
            system_log_level="WARN",
            application_log_level="INFO",
        ),
        memory_size=_MEMORY_MIB,
        timeout=_TIMEOUT_SECONDS,
    )
    acknowledge(function, FUNCTION_FINDINGS)
    return function


class _HandlerAsset(NamedTuple):
    bucket: str
    key: str


_ASSET_ID = "SecureTableAuditHandler"
_assets: WeakKeyDictionary[StackEnvironment, _HandlerAsset] = WeakKeyDictionary()


def handler_asset(scope: Construct, environment: StackEnvironment) -> _HandlerAsset:
    """Return where the handler's code will be; all tables of a stack share one asset.

    Raises:
        InvalidArgumentError: The stack's synthesizer takes no assets.
    """
    if environment not in _assets:
        stack = Stack.of(scope)
        problem = ""
        try:
            asset = Asset(stack, _ASSET_ID, path=str(HANDLER_FOLDER), exclude=["__pycache__", "*.pyc"])
        except RuntimeError as error:
            problem = first_line(error)
        # Outside of the `except`, or Python would print jsii's stack trace along.
        if problem:
            stack.node.try_remove_child(_ASSET_ID)
            reject(
                "synthesizer of the stack",
                type(_outermost(stack).synthesizer).__name__,
                f"one that takes the audit function's code as an asset, such as DefaultStackSynthesizer ({problem})",
            )
        _assets[environment] = _HandlerAsset(asset.s3_bucket_name, asset.s3_object_key)
    return _assets[environment]


def _outermost(stack: Stack) -> Stack:
    """Return the stack whose synthesizer takes the assets of a nested one."""
    while stack.nested_stack_parent:
        stack = stack.nested_stack_parent
    return stack


@cache
def _newest_runtime() -> str:
    return Runtime.PYTHON_3_14.name
