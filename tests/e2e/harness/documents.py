"""CloudFormation's `AWS::SSM::Document`, which the emulator does not know. It is accepted, and nothing runs it.

Tests run what is in the document themselves: tests/containment/automation.py.
"""

from __future__ import annotations

from tests.e2e.harness.handlers import HANDLERS, Made, Properties

KIND = "AWS::SSM::Document"


def install() -> None:
    """Add the resource type."""
    HANDLERS[KIND] = {"create": _create, "update": _update, "delete": _delete}


def _create(_logical_id: str, properties: Properties, _stack: str) -> Made:
    return properties["Name"], {}


def _update(physical_id: str, *_rest: object) -> Made:
    return physical_id, {}


def _delete(_physical_id: str, _properties: Properties) -> None:
    pass
