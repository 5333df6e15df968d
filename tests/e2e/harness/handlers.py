"""What the parts of the model share: CloudFormation's handlers in the emulator, and calls of its services."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
from ministack.services.cloudformation import provisioners

if TYPE_CHECKING:
    from collections.abc import Callable

Properties = dict[str, Any]
# The physical id and what `Fn::GetAtt` gives.
Made = tuple[str, dict[str, Any]]
HANDLERS: dict[str, dict[str, Any]] = provisioners._RESOURCE_HANDLERS


class RefusedError(ValueError):
    """The service refuses what CloudFormation asks of it; the emulator reports it as the resource's failure."""


def ask(operation: Callable[..., tuple[int, Any, Any]], *arguments: Any) -> dict[str, Any]:
    """Call an operation of an emulated service, as CloudFormation calls that of AWS.

    Raises:
        RefusedError: The service answers with an error.
    """
    status, _, body = operation(*arguments)
    answer: dict[str, Any] = json.loads(body) if body else {}
    if status >= 400:
        raise RefusedError(f"{answer.get('__type', status)}: {answer.get('message', answer)}")
    return answer


def client(service: str) -> Any:
    """Return a client for a service of this emulator, for what a service of AWS asks of another one."""
    return boto3.client(
        service,
        endpoint_url=f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}",
        region_name=os.environ["MINISTACK_REGION"],
        # The emulator takes twelve digits for the account, and any secret.
        aws_access_key_id=os.environ["MINISTACK_ACCOUNT_ID"],
        aws_secret_access_key="none",  # noqa: S106
    )
