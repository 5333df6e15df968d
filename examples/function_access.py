"""Who invokes a function of an application, whatever IAM allows other roles, and alarms on functions that fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk.aws_cloudwatch import CfnAlarm
from aws_cdk.aws_lambda import CfnResourcePolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk.aws_lambda import Function

INVOKE = ["lambda:InvokeAsync", "lambda:InvokeFunction", "lambda:InvokeFunctionUrl"]
_MINUTE = 60
# Lambda counts nothing where nothing happens.
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
_WATCHED = {
    "Errors": "ended with an error or ran out of time: look into its log",
    "Throttles": "refused a request, because all executions that it may have were busy",
}


def deny_invocation(function: Function, unless: Mapping[str, Any], *allowed: dict[str, Any]) -> CfnResourcePolicy:
    """Give a function a policy that denies all invocations but some.

    Within an account a policy of the caller's is enough to invoke a function, so permissions alone keep nobody out.
    AWS::Lambda::Permission must not be used for the same function: it would be overwritten.
    https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html

    Args:
        function: The function.
        unless: Negated conditions, of which requests that are not denied meet none.
        allowed: Further statements.
    """
    every = {"Resource": [function.function_arn, f"{function.function_arn}:*"]}
    deny = {"Sid": "DenyOthers", "Effect": "Deny", "Principal": "*", "Action": INVOKE, "Condition": unless, **every}
    return CfnResourcePolicy(
        function,
        "InvocationPolicy",
        resource_arn=function.function_arn,
        policy_document={"Version": "2012-10-17", "Statement": [*allowed, deny]},
    )


def invoked_by(function: Function, role_arn: str) -> None:
    """Deny a function to all roles but one, which needs a permission of its own."""
    deny_invocation(function, {"ArnNotEquals": {"aws:PrincipalArn": role_arn}})


def watch(function: Function, topic_arn: str) -> None:
    """Raise alarms when a function fails, or is too busy."""
    for metric, meaning in _WATCHED.items():
        CfnAlarm(
            function,
            metric,
            alarm_description=f"The function {function.node.path} {meaning}.",
            namespace="AWS/Lambda",
            metric_name=metric,
            dimensions=[CfnAlarm.DimensionProperty(name="FunctionName", value=function.function_name)],
            statistic="Sum",
            period=_MINUTE,
            evaluation_periods=1,
            threshold=1,
            comparison_operator="GreaterThanOrEqualToThreshold",
            treat_missing_data="notBreaching",
            alarm_actions=[topic_arn],
        )
