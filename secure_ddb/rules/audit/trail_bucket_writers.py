"""Only CloudTrail alters the bucket of log files, for trails of this account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.iam.confused_deputy import bound_to_account
from secure_ddb.rules.audit.bucket_writers import KEEP_OBJECTS, only_writers_alter
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the policy of the bucket of each trail that records data events of tables."""
    for bucket, tables in assembly.trails.buckets.items():
        yield from only_writers_alter(assembly, bucket, tables, {})
        for policy in assembly.policies.on(bucket):
            for statement in policy.statements:
                if statement.allows and any(who.kind == "Service" for who in statement.principals):
                    bound = bound_to_account(statement, bucket)
                    whose = "this account" if bound else "any account"
                    detail = f"{statement.label} lets a service use it for {whose}"
                    yield judged(
                        policy.resource, policy.path_of(statement), bound, detail, key=statement.label, tables=tables
                    )


RULE = Rule(
    id="SecureDdb-AUD20",
    title="Only CloudTrail alters the bucket of the trail of reads, and only for this account",
    severity=Severity.LOW,
    requirements=("AUD-2",),
    controls=("CS-4", "NIST.800-53.r5 AU-9", "NIST.800-53.r5 AC-6"),
    explanation=(
        "A service works for every account: without aws:SourceArn somebody else's trail can fill the bucket. Which "
        "roles of the account may write or delete, no template shows, unless the bucket itself refuses them."
    ),
    remedy=(
        "Allow cloudtrail.amazonaws.com with the trail's ARN as aws:SourceArn, and deny s3:PutObject to every request "
        f"that carries another one or none. {KEEP_OBJECTS}"
    ),
    source="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html",
    check=check,
)
