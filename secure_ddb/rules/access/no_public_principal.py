"""No policy around a table is for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.iam.confused_deputy import of_other_accounts, restricted
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement that allows something on a table, or on what serves it."""
    for policy, tables in assembly.table_policies:
        answers = {
            statement: _is_for_somebody(statement, policy.resource)
            for statement in policy.statements
            if statement.allows
        }
        for statement, answer in answers.items():
            if not answer:
                others = ", ".join(of_other_accounts(statement, policy.resource)) or "whom, only the deployment knows"
                detail = f"{statement.label} is for {'everybody' if answer is False else others}"
                path = policy.path_of(statement)
                yield judged(policy.resource, path, answer, detail, key=statement.label, tables=tables)
        if all(answers.values()):
            yield judged(policy.resource, policy.path, True, "it is for somebody in particular", tables=tables)


def _is_for_somebody(statement: Statement, resource: Resource) -> Truth:
    if not statement.is_for_everybody():
        # Whether another account is one of the company's, no template shows.
        unknown = any(is_unknown(who.value) for who in statement.principals)
        return None if unknown or of_other_accounts(statement, resource) else True
    return True if restricted(statement) else None if statement.is_unknown else False


RULE = Rule(
    id="SecureDdb-IAM8",
    title="No policy of a table, or of what serves it, allows anything to everybody",
    severity=Severity.CRITICAL,
    requirements=("IAM-1",),
    controls=(
        "CS-6",
        "PR.AC-3",
        "NIST.800-53.r5 AC-3",
        "Security Hub KMS.5",
        "Security Hub Lambda.1",
        "Security Hub SNS.4",
        "Security Hub SQS.3",
        "PCI DSS v4.0.1/1.4.4",
        "PCI DSS v4.0.1/7.2.2",
    ),
    explanation="A resource policy for everybody needs no permission on the caller's side, in whatever account.",
    remedy="Name principals, or add a condition on account, organization, source or principal.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
    check=check,
)
