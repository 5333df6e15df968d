"""A table with its runbooks, and what the runbooks' documents hold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_iam import Role

from secure_ddb import Containment
from tests.orders import OWNERSHIP, orders

if TYPE_CHECKING:
    from aws_cdk import Stack

    from tests.policies.resolve import Deployed

RESPONDERS = "arn:aws:iam::111122223333:role/incident/responders"


def contained(stack: Stack) -> None:
    """Fill a stack with a table and its runbooks."""
    responders = Role.from_role_arn(stack, "Responders", RESPONDERS)
    Containment(stack, "Containment", tables=[orders(stack)], responders=[responders], ownership=OWNERSHIP)


def document(deployed: Deployed, name: str) -> dict[str, Any]:
    """Return the content of the document `Quarantine` or `Release`, as if it were deployed."""
    logical_id = deployed.template.named("AWS::SSM::Document", f"Containment{name}")
    content = deployed.template.resources[logical_id]["Properties"]["Content"]
    resolved: dict[str, Any] = deployed.resolve(content, logical_id)
    return resolved


def quarantine_policies(deployed: Deployed) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the policies of table and stream during a quarantine."""
    (step,) = (each for each in document(deployed, "Quarantine")["mainSteps"] if each["name"] == "Deny")
    payload = step["inputs"]["InputPayload"]
    return json.loads(payload["tablePolicy"]), json.loads(payload["streamPolicy"])
