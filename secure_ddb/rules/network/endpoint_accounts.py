"""An endpoint leads to tables of its own account only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from secure_ddb.iam.comparison import same_account
from secure_ddb.rules.network.endpoints import dynamodb_endpoints, is_wide_resource
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, shown
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

_ACCOUNT_OF = re.compile(r"arn:[^:]*:dynamodb:[^:]*:([^:]*):table/")


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the tables that each statement of an endpoint's policy lets pass; wildcards are another rule's."""
    for endpoint in dynamodb_endpoints(assembly):
        policy = assembly.policies.of(endpoint, "PolicyDocument")
        for statement in policy.statements:
            named = [name for name in statement.resources if not is_wide_resource(name)]
            if statement.allows and named and not statement.excludes_resources:
                answers = {name: _is_in(endpoint.account, name) for name in named}
                answer = all_of(*answers.values())
                odd = next((shown(name) for name, found in answers.items() if found is answer), "")
                lets = "lets" if answer is False else "may let"
                what = "only tables of its own account" if answer else f"another account's {odd}"
                detail = f"{statement.label} {'lets' if answer else lets} {what} pass"
                yield judged(endpoint, policy.path_of(statement), answer, detail, key=statement.label)


def _is_in(account: str, name: str) -> Truth:
    found = _ACCOUNT_OF.match(name)
    return same_account(found[1], account) if found else None


RULE = Rule(
    id="SecureDdb-NET4",
    title="Gateway endpoints let only tables of their own account pass",
    severity=Severity.HIGH,
    requirements=("NET-3",),
    controls=("CS-6", "PR.AC-5", "PR.PT-4", "NIST.800-53.r5 AC-4", "NIST.800-53.r5 SC-7(10)"),
    explanation="Through somebody else's table data leaves the company, however narrow the rest of the policy is.",
    remedy="Name only the ARNs of tables that are registered with the endpoint.",
    source="https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html",
    check=check,
)
