"""What the parts of the model share: CloudFormation's handlers in the emulator, and calls of its services."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

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
