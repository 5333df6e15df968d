"""A table with its runbooks, and what the runbooks' documents hold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_iam import Role, User

from secure_ddb import Containment
from tests.orders import OWNERSHIP, orders

if TYPE_CHECKING:
    from aws_cdk import Stack

    from tests.policies.resolve import Deployed
    from tests.template import Template

RESPONDERS = "arn:aws:iam::111122223333:role/incident/responders"
APPLICATION = "arn:aws:iam::111122223333:role/orders-service"
USER = "arn:aws:iam::111122223333:user/alice"


def contained(stack: Stack) -> None:
    """Fill a stack with a table and its runbooks, also those for an application's role and a user."""
    Containment(
        stack,
        "Containment",
        tables=[orders(stack)],
        responders=[Role.from_role_arn(stack, "Responders", RESPONDERS)],
        roles=[Role.from_role_arn(stack, "Application", APPLICATION)],
        users=[User.from_user_arn(stack, "Alice", USER)],
        ownership=OWNERSHIP,
    )


def document(deployed: Deployed, name: str) -> dict[str, Any]:
    """Return the content of a document such as `Quarantine`, as if it were deployed."""
    logical_id = named(deployed.template, name)
    content = deployed.template.resources[logical_id]["Properties"]["Content"]
    resolved: dict[str, Any] = deployed.resolve(content, logical_id)
    return resolved


def named(template: Template, name: str) -> str:
    """Return the logical id of the document with a construct id, of which others may be longer."""
    (found,) = (each for each in template.of_type("AWS::SSM::Document") if each[:-8] == f"Containment{name}")
    return found


def quarantine_policies(deployed: Deployed) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the policies of table and stream during a quarantine."""
    (step,) = (each for each in document(deployed, "Quarantine")["mainSteps"] if each["name"] == "Deny")
    payload = step["inputs"]["InputPayload"]
    return json.loads(payload["tablePolicy"]), json.loads(payload["streamPolicy"])
