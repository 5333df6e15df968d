"""An endpoint is on route tables of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the route tables of each gateway endpoint, and at who else is on them."""
    for endpoint, route_tables in assembly.network.gateways:
        shared = [name for name in route_tables if len(assembly.network.gateways_on[name]) > 1 and not is_unknown(name)]
        detail = (
            f"{shown(shared[0])} leads to another endpoint too"
            if shared
            else "its route tables are its own"
            if route_tables
            else "it is on no route table, so that nobody comes through it"
        )
        answer = bool(route_tables) and not shared
        found = None if answer and any(map(is_unknown, route_tables)) else answer
        yield judged(endpoint, "Properties.RouteTableIds", found, detail)


RULE = Rule(
    id="SecureDdb-NET5",
    title="Each gateway endpoint has route tables of its own",
    severity=Severity.MEDIUM,
    requirements=("NET-3", "NET-5"),
    controls=("CS-6", "PR.AC-5", "PR.PT-4", "NIST.800-53.r5 AC-4", "NIST.800-53.r5 SC-7(21)"),
    explanation=(
        "A route table is what decides which endpoint a subnet comes through. Lanes, or applications and operations, "
        "that share one are not apart, and AWS refuses the second endpoint at deployment."
    ),
    remedy="Give the subnets of each lane, and of operations, a route table of their own.",
    source="https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html",
    check=check,
)
