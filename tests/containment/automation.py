"""Runs documents of Systems Manager Automation, as far as the runbooks of this library need it.

What it does is our reading of AWS's documentation, and no evidence of what AWS does.
https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-actions.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from uuid import uuid4

from botocore import xform_name  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Callable

_REFERENCE = re.compile(r"\{\{ *([\w:.]+) *\}\}")


@dataclass
class Execution:
    """What became of an automation.

    Attributes:
        id: Its id.
        done: Steps that succeeded, with what they returned.
        failed: Steps that failed, with why.
    """

    id: str = field(default_factory=lambda: str(uuid4()))
    done: dict[str, Any] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def run(document: dict[str, Any], client: Callable[[str], Any], **parameters: str | list[str]) -> Execution:
    """Run a document's steps with clients of the role that it runs as.

    Args:
        document: Its content.
        client: Returns a client of boto3 for a service.
        parameters: Those that it is started with.
    """
    assert document["schemaVersion"] == "0.3"
    values: dict[str, Any] = {}
    for name, parameter in document["parameters"].items():
        values[name] = parameters[name] if "default" not in parameter else parameters.get(name, parameter["default"])
        assert values[name] in parameter.get("allowedValues", [values[name]]), "Automation refuses other values"
    execution = Execution()
    values["automation:EXECUTION_ID"] = execution.id
    for step in document["mainSteps"]:
        try:
            execution.done[step["name"]] = _ACTIONS[step["action"]](_filled(step["inputs"], values), client)
        except Exception as error:  # noqa: BLE001 - whatever a step raises makes it fail
            execution.failed[step["name"]] = str(error)
            if step.get("onFailure") != "Continue":
                break
    return execution


def _call(inputs: dict[str, Any], client: Callable[[str], Any]) -> Any:
    arguments = {name: value for name, value in inputs.items() if name not in ("Service", "Api")}
    return getattr(client(inputs["Service"]), xform_name(inputs["Api"]))(**arguments)


def _run_script(inputs: dict[str, Any], client: Callable[[str], Any]) -> Any:
    namespace: dict[str, Any] = {"__name__": "script"}
    with patch("boto3.client", client):
        exec(inputs["Script"], namespace)  # noqa: S102 - the document's own
        return namespace[inputs["Handler"]](inputs["InputPayload"], {})


def _sleep(_inputs: dict[str, Any], _client: Callable[[str], Any]) -> None:
    """Wait for nothing: time does not matter to the emulator."""


_ACTIONS = {"aws:executeAwsApi": _call, "aws:executeScript": _run_script, "aws:sleep": _sleep}


def _filled(value: Any, values: dict[str, Any]) -> Any:
    """Return inputs with the values of references. A script is a text of its own, in which nothing is replaced."""
    match value:
        case str() if (whole := _REFERENCE.fullmatch(value)) and not isinstance(values[whole[1]], str):
            return values[whole[1]]
        case str():
            return _REFERENCE.sub(lambda found: values[found[1]], value)
        case dict():
            return {key: inner if key == "Script" else _filled(inner, values) for key, inner in value.items()}
        case list():
            return [_filled(inner, values) for inner in value]
        case _:
            return value
