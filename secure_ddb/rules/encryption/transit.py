"""Encryption in transit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.access.actions import STREAM_POLICY, TABLE_POLICY
from secure_ddb.cloudformation import kinds
from secure_ddb.iam.secure_transport import denied_without_tls
from secure_ddb.iam.wildcards import ANY_NAME
from secure_ddb.rules.catalogues import cis, nist, pci, security_hub
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, policy_place
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth


@Rule(
    id="SecureDdb-ENC3",
    title="The policies of the table and its stream deny requests without TLS",
    problem="The table or its stream accepts requests without TLS",
    severity=Severity.HIGH,
    requirements=("ENC-3",),
    controls=("CS-2", "PR.DS-2", *nist("SC-8", "SC-8(1)", "SC-13"), *pci("4.2.1")),
    rationale=(
        "DynamoDB also answers plain HTTP. Only the policies of the table and its stream apply to every principal."
    ),
    remedy=(
        'Add a ResourcePolicy that denies all actions on the table and its indexes to Principal "*" under the '
        'condition Bool aws:SecureTransport "false". Do the same for DescribeStream, GetRecords and GetShardIterator '
        "in a ResourcePolicy in the StreamSpecification, or in each ReplicaStreamSpecification of a global table."
    ),
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-examples.html",
)
def tls_only(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the policy of each replica: it must cover the table, its indexes and every action."""
    for table, replica in assembly.tables.replicas:
        found = assembly.policies.at(table.resource, replica.policy_path).statements
        # Indexes do not count where there are none.
        covered = [replica.arn, f"{replica.arn}/index/{ANY_NAME}"] if table.has_indexes else [replica.arn]
        denied = denied_without_tls(found, TABLE_POLICY, covered)
        answer, detail = _denies(denied, "policy")
        yield judged(table.resource, replica.policy_path, answer, detail, key=replica.region, tables=[table])
        if table.has_stream:
            path = replica.stream_policy_path
            found = assembly.policies.at(table.resource, path).statements
            stream = f"{replica.arn}/stream/{ANY_NAME}"
            answer, detail = _denies(denied_without_tls(found, STREAM_POLICY, [stream]), "stream's policy")
            yield judged(table.resource, path, answer, detail, key=f"stream in {replica.region}", tables=[table])


def _denies(denied: dict[str, Truth], policy: str) -> tuple[Truth, str]:
    missing = [action for action, each in denied.items() if not each]
    answer = all_of(*denied.values())
    does_not = "does not" if answer is False else "may or may not"
    requests = "requests" if len(missing) == len(denied) else ", ".join(missing)
    if missing:
        return answer, f"the {policy} {does_not} deny {requests} without TLS"
    return answer, f"the {policy} denies all requests without TLS"


# A topic's policy can name only actions that SNS knows, and it is publishing that needs protection.
_ACTIONS = {
    kinds.BUCKET: ("s3:GetObject", "s3:ListBucket", "s3:PutObject"),
    kinds.QUEUE: ("sqs:ReceiveMessage", "sqs:SendMessage"),
    kinds.TOPIC: ("sns:Publish",),
}


@Rule(
    id="SecureDdb-ENC11",
    title="Topics, buckets and queues of the table deny requests without TLS",
    problem="A topic, bucket or queue of the table accepts requests without TLS",
    severity=Severity.MEDIUM,
    requirements=("AUD-1", "MON-2"),
    controls=("CS-2", "PR.DS-2", *nist("SC-8", "SC-8(1)"), *security_hub("S3.5"), *cis("2.1.1"), *pci("4.2.1")),
    rationale="Failed changes contain items, and alarms name resources. Neither must be sent in clear text.",
    remedy='Deny the actions to Principal "*" under the condition Bool aws:SecureTransport "false" (enforce_ssl=True).',
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
)
def carriers_tls(assembly: Assembly) -> Iterator[Judgement]:
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
        takes = "accepts" if answer is False else "may accept"
        detail = f"it {takes} {', '.join(missing)} without TLS" if missing else "its policy denies requests without TLS"
        owner, path = policy_place(policies, resource)
        yield judged(owner, path, answer, detail, key=resource.logical_id, tables=tables)
