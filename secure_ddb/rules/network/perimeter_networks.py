"""Items are reached from the company's networks only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.iam.request_probes import INTERNET, context_of, network_of_others, request_of, role_named
from secure_ddb.rules.network.perimeter import judged_perimeters
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.iam.evaluation import Request
    from secure_ddb.iam.request_probes import Context
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.rules.network.perimeter import Perimeter


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Ask the policy of each replica for items: from the internet, another company's network, and through a service."""
    yield from judged_perimeters(assembly, _requests, met="items are denied from outside", passing="from outside")
    for table in assembly.tables:
        if is_unknown(table.classification_tag):
            detail = "whether it has to have a perimeter, only the deployment knows"
            yield judged(table.resource, "Properties.Tags", None, detail, tables=[table])


def _requests(perimeter: Perimeter) -> Iterator[Request]:
    table = perimeter.table.resource
    # A role of the account that nobody can have exempted by its name, so that only a pattern for all lets it pass.
    outsider = role_named("zz-anybody-else", table.account, table)
    inside = context_of(table.account, perimeter.statements)
    # A caller outside can have a service call on their behalf, such as AWS's MCP server.
    by_service: Context = {**INTERNET, "aws:viaawsservice": ("true",)}
    for network in (INTERNET, network_of_others(table.account), by_service):
        for name, actions in perimeter.places:
            yield request_of(outsider, table.account, {**inside, **network}, actions, name)


RULE = Rule(
    id="SecureDdb-NET6",
    title="The table's perimeter denies items to requests from outside of the company's networks",
    severity=Severity.HIGH,
    requirements=("NET-4",),
    controls=("CS-6", "CS-7", "PR.AC-3", "PR.AC-5", "NIST.800-53.r5 AC-4", "NIST.800-53.r5 SC-7"),
    explanation=(
        "Whoever gets hold of credentials uses them from where they please. Only the table's own policy ties items to "
        "networks, whatever the policies of roles say. Restricted data has to have it; where it is, it is judged."
    ),
    remedy=(
        "Give the table perimeter=PerimeterSettings(...), or deny item-level actions, exports and restores where "
        "aws:SourceVpce and aws:SourceIp are not among the company's, with single roles exempt, never a pattern nor "
        "aws:ViaAWSService."
    ),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html",
    check=check,
)
