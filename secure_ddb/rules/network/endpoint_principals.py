"""Only the company's principals pass an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.iam.confused_deputy import bound_to_account
from secure_ddb.rules.network.endpoints import dynamodb_endpoints
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement of an endpoint's policy that lets something pass."""
    for endpoint in dynamodb_endpoints(assembly):
        policy = assembly.policies.of(endpoint, "PolicyDocument")
        for statement in policy.statements:
            if statement.allows:
                answer = bound_to_account(statement, endpoint)
                whose = "this account or organization" if answer else "any account"
                detail = f"{statement.label} lets principals of {whose} pass"
                yield judged(endpoint, policy.path_of(statement), answer, detail, key=statement.label)


RULE = Rule(
    id="SecureDdb-NET3",
    title="Gateway endpoints let only principals of the account or organization pass",
    severity=Severity.MEDIUM,
    requirements=("NET-1", "NET-2"),
    controls=("PR.AC-3", "PR.AC-5", "NIST.800-53.r5 AC-4", "NIST.800-53.r5 SC-7(10)", "PCI DSS v4.0.1/1.3.2"),
    explanation="Somebody else's credentials, brought into the network, would carry data out of it.",
    remedy='Leave Principal "*" and add the condition StringEquals aws:PrincipalAccount or aws:PrincipalOrgID.',
    source="https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html",
    check=check,
)
