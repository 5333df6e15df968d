"""There are roles, and no users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.assembly import Assembly

_TYPES = ("AWS::IAM::User", "AWS::IAM::AccessKey", "AWS::IAM::UserToGroupAddition", "AWS::IAM::UserPolicy")


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look for users, and for users named by the policies of what serves tables."""
    for resource in assembly.of_type(*_TYPES):
        yield judged(resource, "Type", False, f"it is an {resource.type}")
    for policy, tables in assembly.table_policies:
        naming = {each: _users(each) for each in policy.statements if each.allows and _users(each)}
        for statement, users in naming.items():
            detail = f"{statement.label} names {users[0]}"
            path = policy.path_of(statement)
            yield judged(policy.resource, path, False, detail, key=statement.label, tables=tables)
        if not naming:
            yield judged(policy.resource, policy.path, True, "it names no user", tables=tables)


def _users(statement: Statement) -> list[str]:
    return [who.value for who in statement.principals if ":user/" in who.value]


RULE = Rule(
    id="SecureDdb-IAM1",
    title="There are no IAM users",
    severity=Severity.HIGH,
    requirements=("IAM-1",),
    controls=(
        "CS-5",
        "CS-8",
        "PR.AC-3",
        "NIST.800-53.r5 AC-2",
        "NIST.800-53.r5 IA-2",
        "Security Hub IAM.2",
        "Security Hub IAM.3",
        "CIS AWS Foundations Benchmark v5.0.0/1.13",
        "CIS AWS Foundations Benchmark v5.0.0/1.14",
        "CIS AWS Foundations Benchmark v5.0.0/1.20",
    ),
    explanation="A user has credentials that do not end, and that somebody has to rotate every 90 days.",
    remedy="Let people and programs assume roles.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    check=check,
)
