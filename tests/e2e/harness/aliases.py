"""An event source mapping that names an alias tells the function so, in `context.invoked_function_arn`.

The emulator tells it the version that the alias points to, which the audit function refuses.
https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
"""

from __future__ import annotations

from typing import Any

from ministack.services import lambda_svc

_found = lambda_svc._get_func_record_for_qualifier


def install() -> None:
    """Put the alias into what the emulator's poller runs. Invocations by request have it already."""
    lambda_svc._get_func_record_for_qualifier = _by_alias


def _by_alias(name: str, qualifier: str | None) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    record, config = _found(name, qualifier)
    if record is None or config is None or qualifier is None:
        return record, config
    unqualified = ":".join(config["FunctionArn"].split(":")[:7])
    named = {**config, "FunctionArn": f"{unqualified}:{qualifier}"}
    return {**record, "config": named}, named
