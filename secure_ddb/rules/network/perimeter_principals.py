"""Only the company's principals reach a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.actions import TABLE_POLICY
from secure_ddb.iam.request_probes import context_of, elsewhere, request_of, role_named
from secure_ddb.rules.network.perimeter import ITEMS_OF_INDEX, judged_perimeters
from secure_ddb.rules.rule import Judgement, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.iam.evaluation import Request
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.rules.network.perimeter import Perimeter


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Ask the policy of each replica on behalf of another organization's role that sits in one of our networks."""
    met, passing = "principals from outside are denied", "for principals from outside"
    yield from judged_perimeters(assembly, _requests, met=met, passing=passing)


def _requests(perimeter: Perimeter) -> Iterator[Request]:
    table = perimeter.table.resource
    account = elsewhere(table.account)
    stranger = role_named("zz-stranger", account, table)
    context = {
        **context_of(account, perimeter.statements, of=table.account),
        "aws:principalorgid": ("o-elsewhere",),
        "aws:principalorgpaths": ("o-elsewhere/r-elsewhere/",),
    }
    yield request_of(stranger, account, context, TABLE_POLICY, perimeter.replica.arn)
    for index, _ in perimeter.places[1:]:
        yield request_of(stranger, account, context, ITEMS_OF_INDEX, index)


RULE = Rule(
    id="SecureDdb-NET7",
    title="The table's perimeter denies everything to principals from outside of the account or organization",
    severity=Severity.MEDIUM,
    requirements=("NET-4",),
    controls=("CS-7", "PR.AC-3", "PR.AC-5", "NIST.800-53.r5 AC-3", "NIST.800-53.r5 SC-7(10)"),
    explanation=(
        "A statement that is added to the table's policy later may name somebody else's account. What the perimeter "
        "denies stays denied."
    ),
    remedy=(
        'Deny all actions to Principal "*" under StringNotEquals aws:PrincipalAccount and aws:PrincipalOrgID, with '
        'BoolIfExists aws:PrincipalIsAWSService "false".'
    ),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html",
    check=check,
)
