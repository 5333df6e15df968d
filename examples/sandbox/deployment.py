"""Creates and deletes the stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from examples.sandbox.connection import CannotContinueError

if TYPE_CHECKING:
    from examples.sandbox.connection import Aws

_CREATE_MINUTES = 30
_DELETE_MINUTES = 60


def create_stack(aws: Aws, name: str, template_url: str) -> dict[str, str]:
    """Create the stack and return its outputs.

    Raises:
        CannotContinueError: A resource cannot be created; the message has CloudFormation's reasons.
    """
    client = aws.client("cloudformation")
    client.create_stack(
        StackName=name,
        TemplateURL=template_url,
        Capabilities=["CAPABILITY_IAM"],
        # The resources stay as they are, for the report; they are deleted with the stack.
        OnFailure="DO_NOTHING",
    )
    status = aws.until(lambda: _ended(aws, name), _CREATE_MINUTES)
    if status != "CREATE_COMPLETE":
        reasons = "; ".join(failures(aws, name))
        raise CannotContinueError(f"the stack is {status or 'not complete after 30 minutes'}: {reasons}")
    (stack,) = client.describe_stacks(StackName=name)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def failures(aws: Aws, name: str) -> list[str]:
    """Return the resources that CloudFormation could not create or delete, with its reasons."""
    events = [
        event
        for page in aws.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=name)
        for event in page["StackEvents"]
    ]
    return [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("_FAILED")
    ]


def delete_stack(aws: Aws, name: str) -> None:
    """Delete the stack and the log groups that Lambda made for its functions.

    Raises:
        CannotContinueError: Something of it is still there.
    """
    aws.client("cloudformation").delete_stack(StackName=name)
    status = aws.until(lambda: _ended(aws, name), _DELETE_MINUTES)
    if status != "DELETE_COMPLETE":
        reasons = "; ".join(failures(aws, name))
        raise CannotContinueError(f"it is {status or 'not deleted after 60 minutes'}: {reasons}")
    logs = aws.client("logs")
    for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=f"/aws/lambda/{name}-"):
        for group in page["logGroups"]:
            logs.delete_log_group(logGroupName=group["logGroupName"])


def _ended(aws: Aws, name: str) -> str | None:
    """Return the stack's status, or nothing while CloudFormation works on it."""
    try:
        (stack,) = aws.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        # CloudFormation finds a deleted stack by its id only.
        if error.response["Error"]["Code"] == "ValidationError":
            return "DELETE_COMPLETE"
        raise
    status = str(stack["StackStatus"])
    return None if status.endswith("_IN_PROGRESS") else status
