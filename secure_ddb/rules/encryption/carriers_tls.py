"""What carries alarms or items refuses requests without TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.iam.secure_transport import denied_without_tls
from secure_ddb.iam.wildcards import ANY_NAME
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly

# A topic's policy can name no more actions than SNS knows, and what has to be protected is what is published.
_ACTIONS = {
    kinds.BUCKET: ("s3:GetObject", "s3:ListBucket", "s3:PutObject"),
    kinds.QUEUE: ("sqs:ReceiveMessage", "sqs:SendMessage"),
    kinds.TOPIC: ("sns:Publish",),
}


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the policies of each topic, bucket and queue that serves tables."""
    for resource, tables in assembly.carriers.items():
        policies = assembly.policies.on(resource)
        found = [statement for policy in policies for statement in policy.statements]
        covered = [resource.arn, f"{resource.arn}/{ANY_NAME}"] if resource.type == kinds.BUCKET else [resource.arn]
        denied = denied_without_tls(found, _ACTIONS[resource.type], covered)
        missing = [action for action, each in denied.items() if not each]
        answer = all_of(*denied.values())
        if not answer and any(policy.is_unknown for policy in policies):
            answer = None
        takes = "takes" if answer is False else "may take"
        detail = f"without TLS it {takes} {', '.join(missing)}" if missing else "its policy denies requests without TLS"
        owner, path = (policies[0].resource, policies[0].path) if policies else (resource, "Properties")
        yield judged(owner, path, answer, detail, key=resource.logical_id, tables=tables)


RULE = Rule(
    id="SecureDdb-ENC11",
    title="Topics, buckets and queues that serve the table refuse requests without TLS",
    severity=Severity.MEDIUM,
    requirements=("AUD-1", "MON-2"),
    controls=(
        "CS-2",
        "PR.DS-2",
        "NIST.800-53.r5 SC-8",
        "NIST.800-53.r5 SC-8(1)",
        "Security Hub S3.5",
        "CIS AWS Foundations Benchmark v5.0.0/2.1.1",
        "PCI DSS v4.0.1/4.2.1",
    ),
    explanation="Failed changes hold items, and alarms name resources. Both must not travel in clear.",
    remedy='Deny the actions to Principal "*" under the condition Bool aws:SecureTransport "false" (enforce_ssl=True).',
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
    check=check,
)
