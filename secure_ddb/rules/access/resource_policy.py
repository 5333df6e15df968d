"""Policies of resources: access for others, and lockouts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import is_unknown
from secure_ddb.iam.confused_deputy import of_other_accounts, restricted
from secure_ddb.iam.evaluation import refusals
from secure_ddb.iam.request_probes import context_of, request_of, role_named
from secure_ddb.landscape.grants import is_wide_action
from secure_ddb.landscape.key_permissions import USE
from secure_ddb.rules.catalogues import nist, pci, security_hub
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged, judged_statement
from secure_ddb.three_valued import any_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.iam.policy import Statement
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.policies import Policy
    from secure_ddb.three_valued import Truth


@Rule(
    id="SecureDdb-IAM8",
    title="No resource policy allows access to everyone",
    problem="A resource policy allows access to everyone",
    severity=Severity.CRITICAL,
    requirements=("IAM-1",),
    controls=(
        "CS-6",
        "PR.AC-3",
        *nist("AC-3"),
        *security_hub("KMS.5", "Lambda.1", "SNS.4", "SQS.3"),
        *pci("1.4.4", "7.2.2"),
    ),
    rationale="If a resource policy allows everyone, callers from any account need no permission of their own.",
    remedy="Name the principals, or add a condition on account, organization, source or principal.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
)
def no_public_principal(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement that allows actions on a table, or on a resource that serves it."""
    for policy, tables in assembly.table_policies:
        answers = {statement: _is_for_somebody(statement, policy.resource) for statement in policy.allowing}
        for statement, answer in answers.items():
            if not answer:
                others = ", ".join(of_other_accounts(statement, policy.resource)) or (
                    "principals known only at deployment"
                )
                detail = f"{statement.label} allows {'everyone' if answer is False else others}"
                yield judged_statement(policy, statement, answer, detail, tables=tables)
        if all(answers.values()):
            yield judged(policy.resource, policy.path, True, "it does not allow everyone", tables=tables)


def _is_for_somebody(statement: Statement, resource: Resource) -> Truth:
    if not statement.is_for_everyone():
        # Whether another account is one of the company's, no template shows.
        unknown = any(is_unknown(who.value) for who in statement.principals)
        return None if unknown or of_other_accounts(statement, resource) else True
    return True if restricted(statement) else None if statement.is_unknown else False


_WATCHED = (*USE, "kms:CreateGrant", "kms:GenerateMac", "kms:VerifyMac")


@Rule(
    id="SecureDdb-IAM9",
    title="Permissions on keys name the keys",
    problem="Permissions on keys use wildcards",
    severity=Severity.HIGH,
    requirements=("ENC-1", "IAM-1"),
    controls=("CS-5", "PR.AC-3", *nist("AC-6"), *security_hub("KMS.1", "KMS.2"), *pci("3.6.1", "7.2.5")),
    rationale="A permission on all keys covers the keys of all tables.",
    remedy="Name the key's ARN.",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies-best-practices.html",
)
def key_permissions(assembly: Assembly) -> Iterator[Judgement]:
    """Look at every statement of an identity that allows using keys."""
    for policy in assembly.identities.policies if assembly.tables else ():
        for statement in policy.allowing:
            if statement.touches_actions(_WATCHED):
                wide = [name for name in statement.resources if name == "*" or name.endswith((":key/*", ":*"))]
                wide += [action for action in statement.actions if action in ("*", "kms:*")]
                answer: Truth = not (wide or statement.excludes_resources or statement.excludes_actions)
                if answer and statement.has_unknown_resources:
                    answer = None
                others = ", ".join(wide) or "all keys except those listed"
                named = choose(answer, "named keys", others, "keys known only at deployment")
                yield judged_statement(policy, statement, answer, f"{statement.label} allows use of {named}")


@Rule(
    id="SecureDdb-IAM11",
    title="Resource policies list the actions they allow",
    problem="A resource policy uses wildcard actions",
    severity=Severity.MEDIUM,
    requirements=("IAM-1",),
    controls=("CS-5", "PR.AC-3", *nist("AC-6", "AC-3"), *pci("7.2.2")),
    rationale="All actions include changing the policy itself and deleting the resource it protects.",
    remedy="List the actions that the principal needs.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
)
def resource_policy_actions(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the policies of tables and of resources that serve them; keys have their own rules."""
    for policy, tables in assembly.table_policies:
        for statement in policy.allowing if policy.resource.type != kinds.KEY else ():
            wide = [action for action in statement.actions if is_wide_action(action)]
            answer = not wide and not statement.excludes_actions
            named = "only listed actions" if answer else ", ".join(wide) or "all actions except those listed"
            # A permission may be one for another function.
            known = answer or (None if statement.is_open else False)
            yield judged_statement(policy, statement, known, f"{statement.label} allows {named}", tables=tables)


_TABLE = ("dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy")
_CARRIERS = {
    kinds.BUCKET: ("s3:PutBucketPolicy", "s3:DeleteBucketPolicy"),
    kinds.QUEUE: ("sqs:SetQueueAttributes",),
    kinds.TOPIC: ("sns:SetTopicAttributes",),
}


@Rule(
    id="SecureDdb-IAM12",
    title="The account can change each resource policy",
    problem="A resource policy locks the account out",
    severity=Severity.HIGH,
    requirements=("IAM-4",),
    controls=("CS-5", "PR.AC-3", *nist("AC-3", "IR-4")),
    rationale="A deny without exceptions also denies its own removal, except to the root user, which must not be used.",
    remedy="Exempt a role of the account from the deny, or limit the deny to the actions it is meant for.",
    source="https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteResourcePolicy.html",
)
def no_lockout(assembly: Assembly) -> Iterator[Judgement]:
    """Check that the account can change the policies of tables, and of their topics, queues and buckets."""
    for table, replica in assembly.tables.replicas:
        policy = assembly.policies.at(table.resource, replica.policy_path)
        if policy.document is not None:
            answer, detail = _can_be_changed(policy, table.resource, _TABLE, replica.arn)
            yield judged(table.resource, policy.path, answer, detail, key=replica.region, tables=[table])
    for carrier, tables in assembly.carriers.items():
        for policy in assembly.policies.on(carrier):
            answer, detail = _can_be_changed(policy, carrier, _CARRIERS.get(carrier.type, ()), carrier.arn)
            yield judged(policy.resource, policy.path, answer, detail, key=carrier.logical_id, tables=tables)


def _can_be_changed(policy: Policy, resource: Resource, actions: tuple[str, ...], arn: str) -> tuple[Truth, str]:
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
    return answer, f"the account {choose(answer, 'can', 'cannot', 'may or may not be able to')} change this policy"


def _roles(statements: Sequence[Statement], resource: Resource) -> dict[str, None]:
    """Return any role of the account, and the roles excluded by name."""
    account = resource.account
    exempt = [value for statement in statements for value in statement.excluded_values("aws:PrincipalArn")]
    excluded = [who.value for each in statements if each.denies and each.excludes_principals for who in each.principals]
    own = [name for name in (*exempt, *excluded) if f"::{account}:" in name or "::*:" in name]
    return dict.fromkeys((role_named("zz-anybody-else", account, resource), *own))
