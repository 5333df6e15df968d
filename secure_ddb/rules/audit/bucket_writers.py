"""Only the audit function's role alters the bucket of failed changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool
from secure_ddb.iam.evaluation import Request, denied, refusals
from secure_ddb.iam.wildcards import ANY_NAME
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.landscape.tables import Serving


# Replication writes without s3:PutObject.
_WRITE = ("s3:PutObject", "s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags")
# Object Lock does not prevent delete markers. The last two matter only in governance mode, and do no harm otherwise.
_HIDE_OR_UNLOCK = ("s3:DeleteObject", "s3:PutObjectLegalHold", "s3:PutObjectRetention", "s3:BypassGovernanceRetention")

KEEP_OBJECTS = (
    "Deny s3:Replicate* to all, and, if the bucket has Object Lock, also s3:DeleteObject, s3:PutObjectLegalHold, "
    "s3:PutObjectRetention and s3:BypassGovernanceRetention."
)


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look whether the bucket's policy refuses what others would do to its objects."""
    for bucket, tables in assembly.audit.failure_destinations.items():
        if bucket.type == kinds.BUCKET:
            yield from only_writers_alter(assembly, bucket, tables, assembly.audit.roles)


def only_writers_alter(
    assembly: Assembly, bucket: Resource, tables: Sequence[Table], writers: Serving
) -> Iterator[Judgement]:
    """Say whether a bucket's policy refuses all roles but those that write for these tables.

    That they write; and, where objects are locked, that they hide objects behind delete markers or change locks.
    """
    denials = {"write to it": _WRITE}
    if as_bool(bucket.properties.get("ObjectLockEnabled")):
        denials["hide or unlock its objects"] = _HIDE_OR_UNLOCK
    policies = assembly.policies.on(bucket)
    owner, path = (policies[0].resource, policies[0].path) if policies else (bucket, "Properties")
    found = [each for policy in policies for each in policy.statements]
    for what, actions in denials.items():
        request = _from_somebody(bucket, actions)
        exempted = [value for action in actions for value in _left_out(found, _from_somebody(bucket, (action,)))]
        roles = ((value, assembly.find(value, bucket, kinds.ROLE)) for value in dict.fromkeys(exempted))
        others = [value for value, role in roles if not role or set(tables).isdisjoint(writers.get(role, ()))]
        refused = not others and all_of(*refusals(found, request).values())
        if others:
            detail = f"its policy lets {', '.join(others)} {what}, too"
        else:
            detail = f"its policy refuses others to {what}" if refused else f"who else may {what} cannot be seen"
        yield judged(owner, path, refused or None, detail, key=what, tables=tables)


def _left_out(statements: Sequence[Statement], request: Request) -> list[str]:
    """Return whom the denials of a request leave out: nobody if one of them is for all."""
    # What refuses nobody exempts nobody: a statement about TLS, or about some of the objects.
    exempted = [_exempted(each) for each in statements if denied([each], request)]
    return [value for values in exempted for value in values] if all(exempted) else []


def _exempted(statement: Statement) -> list[str]:
    """Return whom a Deny lets write."""
    conditions = [each for each in statement.conditions_on("aws:PrincipalArn") if each.is_negated]
    left_out = [who.value for who in statement.principals] if statement.excludes_principals else []
    return [*left_out, *(value for each in conditions for value in each.values)]


def _from_somebody(bucket: Resource, actions: tuple[str, ...]) -> Request:
    role = f"arn:aws:iam::{bucket.account}:role/somebody"
    return Request(
        actions=actions,
        resources=[f"{bucket.arn}/{ANY_NAME}"],
        role=role,
        account=bucket.account,
        context={"aws:principalarn": (role,), "aws:securetransport": ("true",), "aws:sourcearn": ()},
    )


RULE = Rule(
    id="SecureDdb-AUD12",
    title="Only the function that records changes alters the bucket of failed changes",
    severity=Severity.LOW,
    requirements=("AUD-1",),
    controls=("CS-4", "NIST.800-53.r5 AU-9", "NIST.800-53.r5 AC-6", "PCI DSS v4.0.1/10.3.2"),
    explanation=(
        "Who can write there can have changes recorded that never happened, and who can delete there hides changes "
        "from a replay. Which other roles of the account may, no template shows, unless the bucket itself refuses them."
    ),
    remedy=f"Deny s3:PutObject to everybody whose aws:PrincipalArn is not the function's role. {KEEP_OBJECTS}",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html",
    check=check,
)
