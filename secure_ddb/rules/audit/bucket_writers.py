"""Only the audit function's role writes failed changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.rules import names
from secure_ddb.rules.permissions import Request, denied
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.rules.wildcards import ANY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.rules.assembly import Assembly
    from secure_ddb.rules.policies import Statement
    from secure_ddb.rules.relations.tables import Serving
    from secure_ddb.rules.resources import Resource
    from secure_ddb.rules.tables import Table


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look whether the bucket's policy refuses the objects of anybody else."""
    for bucket, tables in assembly.failure_destinations.items():
        if bucket.type == names.BUCKET:
            yield refuses_objects_of_others(assembly, bucket, tables, assembly.audit_roles)


def refuses_objects_of_others(
    assembly: Assembly, bucket: Resource, tables: Sequence[Table], writers: Serving
) -> Judgement:
    """Say whether a bucket's policy refuses the objects of all roles but those that write for these tables."""
    policies = assembly.resource_policies(bucket)
    found = [each for policy in policies for each in policy.statements]
    request = _from_somebody(bucket)
    refused = denied(found, request)
    # What refuses nobody exempts nobody: a statement about TLS, or about some of the objects.
    exempted = [value for each in found if denied([each], request) for value in _exempted(each)]
    roles = ((value, assembly.find(value, bucket, names.ROLE)) for value in exempted)
    others = [value for value, role in roles if not role or set(tables).isdisjoint(writers.get(role, ()))]
    if others:
        refused, detail = None, f"its policy lets {', '.join(others)} write to it, too"
    else:
        detail = "its policy refuses the objects of others" if refused else "who else may write to it cannot be seen"
    owner, path = (policies[0].resource, policies[0].path) if policies else (bucket, "Properties")
    return judged(owner, path, refused or None, detail, tables=tables)


def _exempted(statement: Statement) -> list[str]:
    """Return whom a Deny lets write."""
    conditions = [each for each in statement.conditions_on("aws:PrincipalArn") if each.is_negated]
    left_out = [who.value for who in statement.principals] if statement.excludes_principals else []
    return [*left_out, *(value for each in conditions for value in each.values)]


def _from_somebody(bucket: Resource) -> Request:
    role = f"arn:aws:iam::{bucket.account}:role/somebody"
    return Request(
        actions=("s3:PutObject",),
        resources=[f"{bucket.arn}/{ANY_NAME}"],
        role=role,
        account=bucket.account,
        context={"aws:principalarn": (role,), "aws:securetransport": ("true",), "aws:sourcearn": ()},
    )


RULE = Rule(
    id="SecureDdb-AUD12",
    title="Only the function that records changes writes to the bucket of failed changes",
    severity=Severity.LOW,
    requirements=("AUD-1",),
    controls=("CS-4", "NIST.800-53.r5 AU-9", "NIST.800-53.r5 AC-6", "PCI DSS v4.0.1/10.3.2"),
    explanation=(
        "Who can write there can have changes recorded that never happened. Which other roles of the account may "
        "write, no template shows, unless the bucket itself refuses them."
    ),
    remedy="Deny s3:PutObject to everybody whose aws:PrincipalArn is not the function's role.",
    source="https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html",
    check=check,
)
