"""An endpoint is either for items or for managing tables, and never for taking a whole table along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.actions import CONTROL_PLANE, COPY_OF_ALL_ITEMS, DATA_PLANE
from secure_ddb.rules.network.endpoints import dynamodb_endpoints
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly

# Reading about a table changes nothing, and SDKs do it in passing.
_MANAGING = tuple(name for name in CONTROL_PLANE if not name.startswith(("dynamodb:Describe", "dynamodb:List")))


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at what the policy of each endpoint lets pass."""
    for endpoint in dynamodb_endpoints(assembly):
        policy = assembly.policies.of(endpoint, "PolicyDocument")
        allowing = [statement for statement in policy.statements if statement.allows]
        items, managing, copying = (
            [action for statement in allowing for action in actions if statement.covers_action(action)]
            for actions in (DATA_PLANE, _MANAGING, COPY_OF_ALL_ITEMS)
        )
        bad = bool(copying) or bool(items and managing)
        if not bad and any(statement.has_unknown_actions for statement in allowing):
            yield judged(endpoint, policy.path, None, "what it lets pass is known only at deployment")
        elif policy.statements:
            detail = "it lets " + (
                f"{copying[0]} pass, which hands out every item"
                if copying
                else f"both {items[0]} and {managing[0]} pass"
                if items and managing
                else "one kind of actions pass"
            )
            yield judged(endpoint, policy.path, not bad, detail)


RULE = Rule(
    id="SecureDdb-NET2",
    title="A gateway endpoint lets either item-level or table-management actions pass, and no export or restore",
    severity=Severity.MEDIUM,
    requirements=("NET-1", "NET-2"),
    controls=(
        "CS-6",
        "PR.AC-5",
        "PR.PT-4",
        "NIST.800-53.r5 AC-4",
        "NIST.800-53.r5 SC-7",
        "PCI DSS v4.0.1/1.3.1",
        "PCI DSS v4.0.1/1.3.2",
    ),
    explanation=(
        "Applications need no management and operators no items. With both on one route, a foothold in an application "
        "reaches the table itself."
    ),
    remedy="Make two endpoints, one for the subnets of applications and one for those of operations.",
    source="https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-ddb.html",
    check=check,
)
