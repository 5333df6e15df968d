"""OBSERVE counts the requests for items that ENFORCE denies: the same requests that tests/policies decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb import PerimeterSettings
from secure_ddb.access.actions import DATA_PLANE
from secure_ddb.context import StackEnvironment
from secure_ddb.perimeter.observation import outside_filter
from tests.perimeter.metric_filter import matches
from tests.policies.deployments import deployment
from tests.policies.engine import Decision, role_of
from tests.policies.requests.perimeter import MEMBER, ROWS
from tests.refusals import a_role

if TYPE_CHECKING:
    from tests.policies.requests.row import Row

ENVIRONMENT = StackEnvironment(partition="aws", region="eu-central-1", account="111122223333", stack_name="Test")
# What a data event tells: not TLS, nor whether a request is a service's where it does not say so.
TELLING = [
    row
    for row in ROWS
    if row.action in DATA_PLANE
    and "aws:SecureTransport" not in row.context
    and not any(value is None for value in row.context.values())
]
# Filters do not know organizations, so a sister account's role counts as well.
OVERCOUNTED = [row for row in TELLING if row.who == "foreign administrator" and MEMBER.items() <= row.context.items()]


def pattern() -> str:
    exempt = deployment("enforced").principal("BreakGlass") or ""
    settings = PerimeterSettings(exempt_roles=[a_role(exempt.rpartition("/")[2])], corporate_cidrs=["203.0.113.0/24"])
    return outside_filter(settings, ENVIRONMENT, ["vpce-0123456789abcdef0"])


def event(row: Row) -> dict[str, Any]:
    """Return the data event of a request."""
    principal = deployment("enforced").principal(row.who.partition(" with ")[0])
    identity: dict[str, Any] = {"type": "AWSService"}
    if principal is None:
        identity = {"type": "AWSAccount", "accountId": "ANONYMOUS_PRINCIPAL"}
    elif principal.startswith("arn:"):
        role = role_of(principal)
        identity = {
            "type": "AssumedRole",
            "accountId": role.split(":")[4],
            "sessionContext": {"sessionIssuer": {"arn": role}},
        }
    if row.context.get("aws:ViaAWSService") == "true":
        identity["invokedBy"] = "athena.amazonaws.com"
    fields = {"vpcEndpointId": row.context.get("aws:SourceVpce"), "sourceIPAddress": row.context.get("aws:SourceIp")}
    return {
        "eventSource": "dynamodb.amazonaws.com",
        "userIdentity": identity,
        **{name: value for name, value in fields.items() if value},
    }


@pytest.mark.parametrize("row", TELLING, ids=str)
def test_observing_counts_what_enforcing_denies(row: Row) -> None:
    counted = matches(pattern(), event(row))
    assert counted == (row.expected is Decision.EXPLICITLY_DENIED or row in OVERCOUNTED)


def test_there_are_enough_requests_of_both_kinds() -> None:
    denied = sum(row.expected is Decision.EXPLICITLY_DENIED for row in TELLING)
    assert denied > 30
    assert len(TELLING) - denied > 20
    assert OVERCOUNTED
