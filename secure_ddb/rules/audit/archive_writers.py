"""Only the delivery stream alters the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.iam.confused_deputy import bound_to_account
from secure_ddb.rules.audit.bucket_writers import KEEP_OBJECTS, only_writers_alter
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the policy of each bucket that is an archive, and at who may assume the roles on the way there."""
    for bucket, tables in assembly.archive.buckets.items():
        yield from only_writers_alter(assembly, bucket, tables, assembly.archive.roles)
    for role, tables in assembly.archive.roles.items():
        policy = assembly.policies.of(role, "AssumeRolePolicyDocument")
        for statement in policy.statements:
            if statement.allows and any(who.kind == "Service" for who in statement.principals):
                bound = bound_to_account(statement, role)
                whose = "this account" if bound else "any account"
                detail = f"{statement.label} lets a service assume it for {whose}"
                yield judged(role, policy.path_of(statement), bound, detail, key=statement.label, tables=tables)


RULE = Rule(
    id="SecureDdb-AUD24",
    title="Only the delivery stream alters the archive of the log of changes",
    severity=Severity.LOW,
    requirements=("AUD-3",),
    controls=("CS-4", "NIST.800-53.r5 AU-9", "NIST.800-53.r5 AC-6"),
    explanation=(
        "Who can write there can add lines that the audit function never wrote, and who can delete there hides lines "
        "from a query. Which other roles of the account may, no template shows, unless the bucket itself refuses them. "
        "CloudWatch Logs and Firehose work for every account: without a condition somebody else's stream could assume "
        "the role."
    ),
    remedy=(
        "Deny s3:PutObject to everybody whose aws:PrincipalArn is not the delivery stream's role. Let "
        "CloudWatch Logs assume its role with this account in aws:SourceArn only, and Firehose with the account as "
        f"sts:ExternalId. {KEEP_OBJECTS}"
    ),
    source="https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html",
    check=check,
)
