"""The policies of a table that is declared elsewhere, and of its key: extended where CDK can, otherwise offered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import CfnOutput, Stack
from aws_cdk.aws_iam import PolicyDocument, PolicyStatement

from secure_ddb.encryption.table_key import table_statements

if TYPE_CHECKING:
    from aws_cdk.aws_dynamodb import TableV2

    from secure_ddb.context import TableContext
    from secure_ddb.declared_elsewhere.declared_table import DeclaredTable


_PERHAPS_A_STREAM = "that the policy of the table's stream has the statements of stream_policy, if there is a stream"


@dataclass(frozen=True, kw_only=True)
class OwnerPolicies:
    """Policies that the owner of a table has to add, because this app cannot.

    Attributes:
        table: Statements of the table's policy.
        stream: Statements of the policy of its stream.
        key: Statements of the policy of its key.
    """

    table: PolicyDocument
    stream: PolicyDocument
    key: PolicyDocument


def hand_over(
    context: TableContext,
    declared: DeclaredTable,
    table: dict[str, Any],
    stream: list[PolicyStatement],
    shared: list[dict[str, Any]],
    *,
    is_recorded: bool,
) -> OwnerPolicies:
    """Add statements to the table's policies where it is of this stack; write out what has to be added elsewhere.

    `shared` is what a shared audit function needs of the key. All other statements of the key are those of every
    table's key, and delegate to IAM policies, as the policy does that AWS gives keys. A table whose changes are not
    recorded may have no stream, which CDK does not tell, and a template with a policy of one cannot be deployed then.

    A table of another stack of the app cannot be extended: its policies name roles of this stack, which names the
    table's stream, and the two stacks would wait for each other.
    """
    of_table = [PolicyStatement.from_json(each) for each in table["Statement"]]
    of_key = [PolicyStatement.from_json(each) for each in (*table_statements(context.environment), *shared)]
    policies = OwnerPolicies(
        table=PolicyDocument(statements=of_table),
        stream=PolicyDocument(statements=stream),
        key=PolicyDocument(statements=of_key),
    )
    if declared.is_of_stack:
        resource = cast("TableV2", declared.resource)
        for statement in of_table:
            resource.add_to_resource_policy(statement)
        for statement in stream if is_recorded else ():
            resource.add_to_stream_resource_policy(statement)
        if not is_recorded:
            context.evidence.not_verifiable.append(_PERHAPS_A_STREAM)
    else:
        _offer(context, "TablePolicy", "policy of the table", policies.table)
        if declared.resource.table_stream_arn is not None:
            _offer(context, "StreamPolicy", "policy of the table's stream", policies.stream)
    _hand_over_key(context, declared, policies.key, of_key)
    return policies


def _hand_over_key(
    context: TableContext, declared: DeclaredTable, document: PolicyDocument, statements: list[PolicyStatement]
) -> None:
    """Extend the policy of a key of this stack; its administrators stay who they are."""
    is_of_stack = Stack.of(declared.key) == Stack.of(context.scope)
    _administration, *uses = statements
    # An imported key reports each statement as not added.
    if not is_of_stack or not all(declared.key.add_to_resource_policy(each).statement_added for each in uses):
        _offer(context, "KeyPolicy", "policy of the table's key", document)


def _offer(context: TableContext, id: str, what: str, document: PolicyDocument) -> None:
    """Write statements into an output, from which the owner takes them. The quotas of CloudFormation name no length.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    """
    context.evidence.not_verifiable.append(f"that the {what} has the statements of the output {id}")
    CfnOutput(
        context.scope,
        id,
        description=f"Statements for the {what}, which is declared elsewhere",
        value=Stack.of(context.scope).to_json_string(document),
    )
