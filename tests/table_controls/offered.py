"""The documents that the owner of a table is offered, as CloudFormation would write them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.policies.resolve import Deployed

if TYPE_CHECKING:
    from tests.template import Template


def offered(template: Template, what: str) -> dict[str, Any]:
    """Return the policy of `Table`, `Stream` or `Key` that an output has."""
    outputs = template.body["Outputs"].items()
    (value,) = (output["Value"] for name, output in outputs if name.startswith(f"OrdersControls{what}Policy"))
    document: dict[str, Any] = json.loads(Deployed(template).resolve(value, ""))
    return document
