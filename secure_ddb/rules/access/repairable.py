"""A resource policy locks nobody out who could mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.iam.evaluation import refusals
from secure_ddb.iam.request_probes import context_of, request_of, role_named
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged
from secure_ddb.three_valued import any_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.policies import Policy
    from secure_ddb.three_valued import Truth

_TABLE = ("dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy")
_CARRIERS = {
    kinds.BUCKET: ("s3:PutBucketPolicy", "s3:DeleteBucketPolicy"),
    kinds.QUEUE: ("sqs:SetQueueAttributes",),
    kinds.TOPIC: ("sns:SetTopicAttributes",),
}


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Ask each policy to let itself be changed: those of tables, and of their topics, queues and buckets."""
    for table, replica in assembly.tables.replicas:
        policy = assembly.policies.of(table.resource, *replica.policy_path.split(".")[1:])
        if policy.document is not None:
            answer, detail = _repairable(policy, table.resource, _TABLE, replica.arn)
            yield judged(table.resource, policy.path, answer, detail, key=replica.region, tables=[table])
    for carrier, tables in assembly.carriers.items():
        for policy in assembly.policies.on(carrier):
            answer, detail = _repairable(policy, carrier, _CARRIERS.get(carrier.type, ()), carrier.arn)
            yield judged(policy.resource, policy.path, answer, detail, key=carrier.logical_id, tables=tables)


def _repairable(policy: Policy, resource: Resource, actions: tuple[str, ...], arn: str) -> tuple[Truth, str]:
    if policy.is_unknown:
        return None, "its policy is known only at deployment"
    account = resource.account
    context = context_of(account, policy.statements)
    refused = (
        answer
        for role in _roles(policy.statements, resource)
        for answer in refusals(policy.statements, request_of(role, account, context, actions, arn)).values()
    )
    # One role that may do one of them is enough.
    answer = any_of(map(negate, refused))
    can = "can" if answer else "may or may not" if answer is None else "cannot"
    return answer, f"the account {can} change this policy"


def _roles(statements: Sequence[Statement], resource: Resource) -> dict[str, None]:
    """Return any role of the account, and those that are left out by name."""
    account = resource.account
    exempt = [
        value
        for statement in statements
        for condition in statement.conditions_on("aws:PrincipalArn")
        if condition.is_negated
        for value in condition.values
    ]
    excluded = [who.value for each in statements if each.denies and each.excludes_principals for who in each.principals]
    own = [name for name in (*exempt, *excluded) if f"::{account}:" in name or "::*:" in name]
    return dict.fromkeys((role_named("zz-anybody-else", account, resource), *own))


RULE = Rule(
    id="SecureDdb-IAM12",
    title="The account can change the policies of the table and of its topics, queues and buckets",
    severity=Severity.HIGH,
    requirements=("IAM-4",),
    controls=("CS-5", "PR.AC-3", "NIST.800-53.r5 AC-3", "NIST.800-53.r5 IR-4"),
    explanation=(
        "A denial that leaves nobody out also denies its own removal. Then only the account's root user can delete it, "
        "who must not be used."
    ),
    remedy="Leave a role of the account out of what is denied, or deny only what it is meant to deny.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteResourcePolicy.html",
    check=check,
)
