"""Logs reads in a Lambda function that uses Powertools for AWS Lambda. It has to be installed beside this package.

https://docs.powertools.aws.dev/lambda/python/latest/utilities/middleware_factory/
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.middleware_factory import lambda_handler_decorator

if TYPE_CHECKING:
    from collections.abc import Callable

    from .read_log import ReadLog


@lambda_handler_decorator
def log_reads(
    handler: Callable[[Any, Any], Any],
    event: Any,  # noqa: ANN401 - whatever invokes the function
    context: Any,  # noqa: ANN401 - Lambda's class is not at hand
    read_log: ReadLog,
    user_of: Callable[[Any], str | None] | None = None,
) -> Any:  # noqa: ANN401 - whatever the handler returns
    """Log the reads of an invocation together, before its response leaves the function.

    Args:
        handler: The function's handler, which the decorator brings.
        event: Of the invocation.
        context: Of the invocation.
        read_log: The log of the table.
        user_of: Returns for whom an event's reads are, or None.

    Raises:
        ReadNotLoggedError: They could not be logged; there is no response then.
    """
    user = user_of(event) if user_of else None
    with read_log.together(), read_log.on_behalf_of(user) if user else nullcontext():
        return handler(event, context)
