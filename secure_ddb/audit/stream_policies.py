"""Policies that let the role of a shared audit function read the streams of tables, added table by table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsii
from aws_cdk import Acknowledgment, IStableAnyProducer, Lazy, Validations
from aws_cdk.aws_iam import CfnManagedPolicy

from secure_ddb.access.service_roles import SERVICE_ROLE_PATH
from secure_ddb.audit.permissions import read_stream
from secure_ddb.errors import reject
from secure_ddb.limits import LONGEST_MANAGED_POLICY
from secure_ddb.tokens import is_token
from secure_ddb.waivers.accepted_findings import STREAM_NAMES, WILDCARD_RULE

if TYPE_CHECKING:
    from aws_cdk.aws_iam import ManagedPolicy

    from secure_ddb.context import TableContext

# A role has ten managed policies, unless AWS raises the quota; two hold what else the function may do.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_MOST_POLICIES = 8
# Size of a policy in IAM's count, without its ARNs.
_FRAME = 300


@jsii.implements(IStableAnyProducer)
class _Document:
    """The document of one policy, written out at synth, when all tables are there."""

    def __init__(self) -> None:
        self.arns: list[str] = []

    def produce(self) -> Any:  # noqa: ANN401 - the type of jsii's interface
        return {"Version": "2012-10-17", "Statement": [read_stream(self.arns)]}


class StreamPolicies:
    """Managed policies that name the streams of tables by the tables' names.

    They refer to no table, so tables of other stacks, which refer to the audit function, can use it. A wildcard in the
    place of the names would let the role read every stream of the account.
    """

    def __init__(self, context: TableContext, role_name: str, after: ManagedPolicy) -> None:
        """Name no stream yet. Who waits for one of the policies also waits for the one that they come `after`."""
        self._context = context
        self._role_name = role_name
        self._after = after
        self._policies: list[CfnManagedPolicy] = []
        self._document = _Document()
        self._room = 0

    def add(self, table_arn: str) -> CfnManagedPolicy:
        """Let the role read a table's stream, and return the policy that says so.

        Args:
            table_arn: ARN of the table, made of its name.

        Raises:
            InvalidArgumentError: There is no room left in the policies that a role may have.
        """
        # DynamoDB ends the ARN with the time at which it makes the stream.
        arn = f"{table_arn}/stream/*"
        length = self._length(arn)
        if length > self._room:
            self._add_policy()
            self._room = LONGEST_MANAGED_POLICY - _FRAME
        self._room -= length
        self._document.arns.append(arn)
        self._answers.acknowledge(
            Acknowledgment(id=f"{WILDCARD_RULE}[Resource::{self._written(arn)}]", reason=STREAM_NAMES)
        )
        return self._policies[-1]

    def _add_policy(self) -> None:
        number = len(self._policies) + 1
        if number > _MOST_POLICIES:
            reject(
                "shared_resources",
                f"{self._context.scope.node.path}, which has {len(self._policies)} full policies",
                f"other SharedResources: a role's {_MOST_POLICIES} policies have no room for another table's stream",
            )
        self._document = _Document()
        policy = CfnManagedPolicy(
            self._context.scope,
            f"AuditStreamPolicy{number}",
            path=SERVICE_ROLE_PATH,
            description="Lets the shared audit function read the streams of tables",
            roles=[self._role_name],
            policy_document=Lazy.any(self._document),
        )
        policy.node.add_dependency(self._after)
        self._policies.append(policy)
        self._answers = Validations.of(policy)

    def _length(self, arn: str) -> int:
        """Return the size of an ARN in a list, in IAM's count."""
        return len(self._replaced(arn, "aws", "1" * 12)) + len('"",')

    def _written(self, arn: str) -> str:
        """Return an ARN as cdk-nag writes it. CDK would be asked four times for each table."""
        return self._replaced(arn, "<AWS::Partition>", "<AWS::AccountId>")

    def _replaced(self, arn: str, partition: str, account: str) -> str:
        environment = self._context.environment
        for value, text in ((environment.partition, partition), (environment.account, account)):
            arn = arn.replace(value, text) if is_token(value) else arn
        return arn
