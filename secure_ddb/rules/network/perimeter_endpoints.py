"""A perimeter admits only endpoints that let the table's items pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.actions import DATA_PLANE
from secure_ddb.cloudformation import kinds
from secure_ddb.rules.network.perimeter import perimeters
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, shown
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.rules.network.perimeter import Perimeter
    from secure_ddb.three_valued import Truth


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the policy of each endpoint that the policy of a replica lets pass."""
    for each in perimeters(assembly):
        admitted = dict.fromkeys(
            value
            for statement in each.denying
            for condition in statement.conditions_on("aws:SourceVpce")
            if condition.is_negated
            for value in condition.values
        )
        answers = {value: _names(assembly, value, each) for value in admitted}
        if answers:
            answer = all_of(*answers.values())
            odd = next((shown(value) for value, found in answers.items() if found is answer), "")
            says = "does not name the table" if answer is False else "is not in the app"
            detail = "every endpoint that it admits names the table" if answer else f"endpoint {odd} {says}"
            path, key = each.replica.policy_path, each.replica.region
            yield judged(each.table.resource, path, answer, detail, key=key, tables=[each.table])


def _names(assembly: Assembly, value: str, perimeter: Perimeter) -> Truth:
    endpoint = assembly.find(value, perimeter.table.resource, kinds.ENDPOINT)
    if endpoint is None:
        return None
    policy = assembly.policies.of(endpoint, "PolicyDocument")
    if policy.is_unknown:
        return None
    return any(
        statement.allows and statement.touches_actions(DATA_PLANE) and statement.covers_resource(perimeter.replica.arn)
        for statement in policy.statements
    )


RULE = Rule(
    id="SecureDdb-NET9",
    title="The table's perimeter admits only endpoints whose policies name the table",
    severity=Severity.MEDIUM,
    requirements=("NET-3", "NET-4"),
    controls=("CS-6", "PR.AC-5", "NIST.800-53.r5 AC-4", "NIST.800-53.r5 SC-7"),
    explanation=(
        "An endpoint that is admitted and does not name the table is another lane's, or one through which the table "
        "was meant to be reached and is not."
    ),
    remedy="Register the table with the lane, or take the lane's endpoint out of the table's policy.",
    source="https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html",
    check=check,
)
