"""The DynamoDB table itself, with the properties of every table."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_dynamodb import (
    PointInTimeRecoverySpecification,
    StreamViewType,
    TableEncryptionV2,
    TableV2,
)
from aws_cdk.aws_iam import PolicyDocument

from secure_ddb.errors import first_line, reject
from secure_ddb.table_arguments import LONGEST_TABLE_NAME, TableArguments, default_insights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_dynamodb import ITableV2

    from secure_ddb.context import StackEnvironment, TableContext
    from secure_ddb.encryption.table_key import TableKey


# As CDK says that writes have to scale, which DynamoDB demands of replicas.
_FIXED_WRITES = "'writeCapacity' with FIXED"


@dataclass(frozen=True, kw_only=True)
class MadeTable:
    """A table as its parts see it, made here or declared elsewhere. Each value is fetched from CDK once.

    Attributes:
        resource: The table itself.
        name: Its name.
        arn: Its ARN.
        literal_arn: Its ARN, made of its name as chosen: without a reference to it, for policies it depends on.
        index_names: Its global secondary indexes.
        arguments: Its arguments.
        key: Its key, which also encrypts its other resources.
        stack_environment: Where its stack is deployed.
        known_stream_arn: The ARN of its stream in another Region than that of its stack; empty in its own.
        item_key_arn: ARN of the key that encrypts its items, where that is another one.
    """

    resource: ITableV2
    name: str
    arn: str
    literal_arn: str
    index_names: Sequence[str]
    arguments: TableArguments
    key: TableKey
    stack_environment: StackEnvironment
    known_stream_arn: str = ""
    item_key_arn: str = ""

    @property
    def key_arns(self) -> list[str]:
        """ARNs of the keys that encrypt it and its resources, those of its items first."""
        return [self.item_key_arn, *self.key.arns] if self.item_key_arn else self.key.arns

    @property
    def item_key_arns(self) -> list[str]:
        """ARNs of the keys that encrypt its items: one, unless it is being replaced."""
        return [self.item_key_arn] if self.item_key_arn else self.key.arns

    @cached_property
    def stream_arn(self) -> str:
        """The ARN of its stream."""
        return self.known_stream_arn or self.resource.table_stream_arn or ""


def table_name_of(context: TableContext, arguments: TableArguments) -> str:
    """Return the table's name, which policies can name before there is a table."""
    return arguments.table_name or context.regional_name(LONGEST_TABLE_NAME)


def create_table(
    context: TableContext,
    arguments: TableArguments,
    key: TableKey,
    *,
    recovery_period_in_days: int | None,
    policy: dict[str, Any],
    stream_policy: PolicyDocument,
    replica_keys: dict[str, str],
    replication: dict[str, Any],
) -> MadeTable:
    """Make the table from its arguments and the properties of every table. Refuse arguments that CDK refuses.

    Args:
        context: The table's.
        arguments: TableV2's own.
        key: Its key.
        recovery_period_in_days: How far back point-in-time recovery reaches; None leaves it out.
        policy: Its own policy.
        stream_policy: That of its stream.
        replica_keys: Further Region to the ARN of the replica's key there.
        replication: TableV2's properties for further Regions.
    """
    name = table_name_of(context, arguments)
    properties: dict[str, Any] = {
        field.name: _for_jsii(getattr(arguments, field.name)) for field in fields(arguments)
    } | {
        "table_name": name,
        "contributor_insights_specification": (
            arguments.contributor_insights_specification or default_insights(context.classification)
        ),
        "encryption": TableEncryptionV2.customer_managed_key(key.key, replica_keys or None),
        "point_in_time_recovery_specification": PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=recovery_period_in_days is not None,
            recovery_period_in_days=recovery_period_in_days,
        ),
        "deletion_protection": not context.lifecycle.is_ephemeral,
        "removal_policy": context.lifecycle.protected_removal_policy,
        "dynamo_stream": StreamViewType.NEW_AND_OLD_IMAGES,
        "resource_policy": PolicyDocument.from_json(policy),
        "stream_resource_policy": stream_policy,
        **replication,
    }
    problem = ""
    try:
        table = TableV2(context.scope, "Table", **properties)
    except RuntimeError as error:
        problem = first_line(error)
    # Outside of the `except`, or Python would print jsii's stack trace along.
    if _FIXED_WRITES in problem:
        reject("billing", "a fixed write capacity", "Capacity.autoscaled(...) for writes: replicas write as much as it")
    if problem:
        reject("the table's arguments", "as given", f"what TableV2 accepts ({problem})")
    return MadeTable(
        resource=table,
        name=table.table_name,
        arn=table.table_arn,
        literal_arn=context.environment.arn("dynamodb", f"table/{name}"),
        index_names=arguments.global_index_names,
        arguments=arguments,
        key=key,
        stack_environment=context.environment,
    )


def _for_jsii(value: Any) -> Any:  # noqa: ANN401 - jsii takes lists only
    return list(value) if isinstance(value, tuple) else value
