"""Nobody has a service write false records of changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.iam.confused_deputy import bound_to_account
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the permissions on each function that reads changes, and at the policies about its log group."""
    for policy, tables in assembly.audit_access.policies:
        answers = {each: _is_bound(each, policy.resource) for each in policy.statements if each.allows}
        for statement, answer in answers.items():
            if not answer:
                detail = f"{statement.label} {'lets' if answer is False else 'may let'} services work for any account"
                path = policy.path_of(statement)
                yield judged(policy.resource, path, answer, detail, key=statement.label, tables=tables)
        if all(answers.values()):
            yield judged(
                policy.resource, policy.path, True, "it lets services work for this account only", tables=tables
            )


def _is_bound(statement: Statement, resource: Resource) -> Truth:
    # Everybody includes every service.
    if not statement.is_for_everybody() and all(who.kind != "Service" for who in statement.principals):
        return True
    bound = bound_to_account(statement, resource)
    return None if bound is False and statement.is_unknown else bound


RULE = Rule(
    id="SecureDdb-AUD26",
    title="Services use the function that records changes, and its log, only for this account",
    severity=Severity.HIGH,
    requirements=("AUD-1",),
    controls=(
        "CS-4",
        "NIST.800-53.r5 AU-9",
        "NIST.800-53.r5 AC-3",
        "Security Hub Lambda.1",
        "PCI DSS v4.0.1/10.3.2",
    ),
    explanation=(
        "A service works for every account. Unless a permission names this account or its resource, somebody else's "
        "resource can have the function record changes that never happened, or write them to the log itself. The "
        "table's own stream needs no permission: Lambda reads it with the function's role."
    ),
    remedy=(
        "Give the AWS::Lambda::Permission a SourceAccount, or a SourceArn that names this account, and the statement "
        "of the AWS::Logs::ResourcePolicy a condition on aws:SourceAccount or aws:SourceArn. "
        "A bucket's ARN has no account."
    ),
    source="https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html",
    check=check,
)
