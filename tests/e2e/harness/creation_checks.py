"""What Lambda checks before CloudFormation makes an event source mapping; the emulator makes any.

The function's role has to be able to read the stream and to write any object into the bucket for what fails.
tests/acceptance/requirements/event_source_mapping.py has the sources.

Left out: policies of the stream and the bucket, and permissions on keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc

from tests.e2e.harness.handlers import HANDLERS, Made, Properties, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

KIND = "AWS::Lambda::EventSourceMapping"
_READ = ("GetRecords", "GetShardIterator", "DescribeStream", "ListStreams")
_WRITE = (("PutObject", "/any-object"), ("ListBucket", ""))
_emulated = dict(HANDLERS[KIND])


def install() -> None:
    """Check before a mapping is made."""
    HANDLERS[KIND] = {**_emulated, "create": _create}


def _create(logical_id: str, properties: Properties, stack: str) -> Made:
    name, _ = lambda_svc._resolve_request_scoped_name_and_qualifier(properties["FunctionName"])
    role = lambda_svc._functions[name]["config"]["Role"].rpartition("/")[2]
    for action, resource, refusal in _required(properties):
        if not _may(role, action, resource):
            raise RefusedError(refusal)
    made: Made = _emulated["create"](logical_id, properties, stack)
    return made


def _required(properties: Properties) -> Iterator[tuple[str, str, str]]:
    """Yield what the role has to be allowed, on what, and what Lambda says if it is not."""
    stream = properties["EventSourceArn"]
    # Kinesis names the actions like DynamoDB.
    service = stream.split(":")[2]
    for action in _READ:
        refusal = f"Cannot access stream {stream}. Please ensure the role can perform the {', '.join(_READ)} Actions"
        yield f"{service}:{action}", stream, refusal
    bucket = properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", "")
    for action, suffix in _WRITE if ":s3:::" in bucket else ():
        refusal = f"The function execution role does not have permissions to call {action} on S3"
        yield f"s3:{action}", f"{bucket}{suffix}", refusal


def _may(role: str, action: str, resource: str) -> bool:
    context = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{get_account_id()}:assumed-role/{role}/lambda",
        principal_type="AssumedRole",
        principal_account=get_account_id(),
        action=action,
        resource_arn=resource,
        region=get_region(),
        secure_transport=True,
    )
    policies = iam_evaluator._gather_role_policies(role, get_account_id())
    return bool(iam_evaluator.evaluate(context, policies).decision == "Allow")
