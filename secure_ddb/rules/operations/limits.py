"""Limits of AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.cloudformation import kinds
from secure_ddb.iam.policy_length import Length, length_of
from secure_ddb.landscape.grants import grants_on_tables
from secure_ddb.limits import LONGEST_MANAGED_POLICY
from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.network.endpoint import dynamodb_endpoints
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.policies import Policy
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth

_INLINE_TYPES = {kinds.ROLE, kinds.POLICY, kinds.ROLE_POLICY}


class _Limit(NamedTuple):
    characters: int
    counts_white_space: bool = True

    def length(self, policy: Policy) -> Length:
        return length_of(policy.document, counts_white_space=self.counts_white_space)

    def compare(self, length: Length) -> str:
        return f"{length} of at most {self.characters:,}"


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_MANAGED = _Limit(LONGEST_MANAGED_POLICY, counts_white_space=False)
_INLINE_OF_A_ROLE = _Limit(10_240, counts_white_space=False)
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html
_TABLE = _Limit(20 * 1024)
# https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
_KEY = _Limit(32 * 1024)
# https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
_ENDPOINT = _Limit(20_480)


@Rule(
    id="SecureDdb-OPS4",
    title="Policies are no longer than AWS accepts",
    problem="A policy is longer than AWS accepts",
    severity=Severity.MEDIUM,
    requirements=("ADO-1",),
    controls=nist("CP-2(2)"),
    rationale="CloudFormation detects a policy that is too long only during the deployment, and rolls the stack back.",
    remedy=(
        "Grant each table to a separate ManagedPolicy; a role can have 10 by default. Set CDK's feature flag "
        "@aws-cdk/aws-iam:minimizePolicies, which merges statements. Let fewer tables share a key or an endpoint."
    ),
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
)
def policy_limits(assembly: Assembly) -> Iterator[Judgement]:
    """Measure the policies that name tables, and those of tables, keys and endpoints."""
    granting = list({(policy.resource, policy.path): policy for policy, _ in grants_on_tables(assembly)}.values())
    for policy in granting:
        if policy.resource.type == kinds.MANAGED_POLICY:
            yield _one(policy, _MANAGED, [])
    yield from _inline(assembly, granting)
    for table, replica in assembly.tables.replicas:
        policy = assembly.policies.at(table.resource, replica.policy_path)
        if policy.document is not None:
            yield _one(policy, _TABLE, [table], key=replica.region)
    for key, tables in assembly.all_keys.items():
        if "KeyPolicy" in key.properties:
            yield _one(assembly.policies.of_key(key), _KEY, tables)
    for endpoint in dynamodb_endpoints(assembly):
        if "PolicyDocument" in endpoint.properties:
            yield _one(assembly.policies.of(endpoint, "PolicyDocument"), _ENDPOINT, [])


def _inline(assembly: Assembly, granting: Iterable[Policy]) -> Iterator[Judgement]:
    """Add up the inline policies of each role; of a role that is in no template, measure the policy."""
    measured: dict[Resource, list[Policy]] = {}
    for policy in filter(_is_inline, granting):
        for role in assembly.identities.roles_of_policy.get((policy.resource, policy.path), ()):
            measured[role] = list(filter(_is_inline, assembly.identities.policies_of_role[role]))
        if (policy.resource, policy.path) not in assembly.identities.roles_of_policy:
            measured[policy.resource] = [policy]
    for holder, policies in measured.items():
        lengths = list(map(_INLINE_OF_A_ROLE.length, policies))
        length = Length(sum(each.least for each in lengths), sum(each.most for each in lengths))
        detail = f"its inline policies have {_INLINE_OF_A_ROLE.compare(length)}"
        yield judged(holder, "Properties", length.fits(_INLINE_OF_A_ROLE.characters), detail)


def _is_inline(policy: Policy) -> bool:
    return policy.resource.type in _INLINE_TYPES


def _one(policy: Policy, limit: _Limit, tables: Sequence[Table], *, key: str = "") -> Judgement:
    length = limit.length(policy)
    detail = f"the policy has {limit.compare(length)}"
    return judged(policy.resource, policy.path, length.fits(limit.characters), detail, key=key, tables=tables)


# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
_MOST_RESOURCES = 500
# AWS writes 1 MB, which is either of these.
_SURELY_ACCEPTED = 1_000_000
_SURELY_REFUSED = 1024 * 1024


@Rule(
    id="SecureDdb-OPS5",
    title="Stacks are no larger than CloudFormation accepts",
    problem="A stack is larger than CloudFormation accepts",
    severity=Severity.MEDIUM,
    requirements=("ADO-1",),
    controls=nist("CP-2(2)"),
    rationale="CloudFormation refuses templates with more than 500 resources or larger than 1 MB.",
    remedy="Use several stacks. If only the size is too large, set suppress_template_indentation of the stack.",
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html",
)
def stack_limits(assembly: Assembly) -> Iterator[Judgement]:
    """Count the resources of each stack that has tables, and the bytes of its template."""
    for template in assembly.templates:
        there = [table for table in assembly.tables if table.resource.template is template]
        if not there:
            continue
        first = there[0].resource
        resources = template.declared
        detail = f"its stack has {resources} resources of at most {_MOST_RESOURCES}"
        yield judged(first, "Properties", resources <= _MOST_RESOURCES, detail, key="resources", tables=there)
        size = template.size
        yield judged(first, "Properties", _fits(size), f"its template has {size:,} bytes", key="size", tables=there)


def _fits(size: int) -> Truth:
    if size <= _SURELY_ACCEPTED:
        return True
    return False if size > _SURELY_REFUSED else None
