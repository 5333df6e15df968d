"""What the emulator's policy engine does not see of a request: function, TLS, role, what is named, policies of tables.

It decides requests only where the emulator enforces policies.

- Requests of a function's code name the function:
  https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
- The emulator listens without TLS, so a request counts as made with TLS unless its header says otherwise.
- `aws:PrincipalArn` of a session is the ARN of its role, with its path, and not that of the session:
  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
- What is done to a log stream is decided on the log stream, as AWS's refusals name it, and not on its log group:
  https://github.com/aws-solutions/aws-crr-monitor/issues/8
- What is done to a stream of a table is decided on that stream:
  https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
- What is done to the policy of a table or stream is decided on the table or stream, as the same list says.
- Tables and streams have policies: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-intro.html
"""

from __future__ import annotations

import json
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator, lambda_runtime
from ministack.core.responses import get_account_id
from ministack.services import dynamodb, iam, sts

# With the value `http`, a request counts as made without TLS.
PROTOCOL = b"x-forwarded-proto"

_credentials = lambda_runtime.execution_credentials
_principal_keys = iam_evaluator._principal_keys
_pin = app.pin_signed_request
_condition_key = iam_evaluator._resolve_condition_key
_resource_arn = iam_actions.extract_resource_arn


def install() -> None:
    """Add all of it to what policies are decided with."""
    lambda_runtime.execution_credentials = _credentials_of_function
    iam_evaluator._principal_keys = _keys_with_function
    iam_evaluator._resolve_condition_key = _key_with_role
    app.pin_signed_request = _pin_with_protocol
    iam_actions.extract_resource_arn = _arn_of_stream
    dynamodb.policy_for_arn = _policy_of_table
    for service in ("dynamodb", "dynamodbstreams"):
        iam_evaluator._RESOURCE_POLICY_LOOKUPS[service] = ("dynamodb", "policy_for_arn")


def _credentials_of_function(config: dict[str, Any]) -> dict[str, str]:
    credentials: dict[str, str] = _credentials(config)
    session = sts._sessions.get(credentials["AWS_ACCESS_KEY_ID"])
    if session is not None:
        session["SourceFunctionArn"] = ":".join(config["FunctionArn"].split(":")[:7])
    return credentials


def _keys_with_function(credential: Any) -> dict[str, Any]:
    keys: dict[str, Any] = _principal_keys(credential)
    session = sts._sessions.get(credential.access_key_id) or {}
    if "SourceFunctionArn" in session:
        keys["lambda:sourcefunctionarn"] = session["SourceFunctionArn"]
    return keys


def _key_with_role(key: str, context: Any) -> Any:
    value = _condition_key(key, context)
    if key.lower() != "aws:principalarn" or ":assumed-role/" not in str(value):
        return value
    account, name = value.split(":")[4], value.split("/")[1]
    role = iam._roles.get_scoped(account, None, name)
    return role["Arn"] if role else value


def _pin_with_protocol(method: str, path: str, query: dict[str, Any], headers: list[tuple[bytes, bytes]]) -> None:
    _pin(method, path, query, headers)
    protocols = [value for name, value in headers if name.lower() == PROTOCOL]
    iam_evaluator.pin_request_origin("127.0.0.1", b"http" not in protocols)


def _arn_of_stream(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> str:
    arn: str = _resource_arn(service, method, path, headers, body, *rest)
    if service not in ("logs", "dynamodb", "dynamodbstreams"):
        return arn
    named = json.loads(body or b"{}")
    if service == "dynamodb":
        return str(named.get("ResourceArn", arn))
    if service == "dynamodbstreams":
        return str(named.get("StreamArn", arn))
    return f"{arn}:log-stream:{named['logStreamName']}" if "logStreamName" in named else arn


def _policy_of_table(arn: str) -> tuple[str, str] | None:
    # An index has the policy of its table.
    kept = dynamodb._resource_policies.get(arn.partition("/index/")[0])
    return (kept["Policy"], get_account_id()) if kept else None
