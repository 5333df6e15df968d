"""The DynamoDB table itself, with what every table has."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_dynamodb import (
    PointInTimeRecoverySpecification,
    StreamViewType,
    TableEncryptionV2,
    TableV2,
)
from aws_cdk.aws_iam import PolicyDocument

from secure_ddb.errors import first_line, reject
from secure_ddb.table_arguments import TableArguments, default_insights

if TYPE_CHECKING:
    from secure_ddb.context import TableContext
    from secure_ddb.encryption import TableKey


def create_table(
    context: TableContext,
    arguments: TableArguments,
    *,
    table_name: str,
    key: TableKey,
    recovery_period_in_days: int | None,
    policy: dict[str, Any],
    stream_policy: dict[str, Any],
) -> TableV2:
    """Make the table with what every table has, whatever its arguments.

    Raises:
        InvalidArgumentError: CDK refuses the arguments for a reason that this library has no words for.
    """
    properties: dict[str, Any] = {
        field.name: _for_jsii(getattr(arguments, field.name)) for field in fields(arguments)
    } | {
        "table_name": table_name,
        "contributor_insights_specification": (
            arguments.contributor_insights_specification or default_insights(context.classification)
        ),
        "encryption": TableEncryptionV2.customer_managed_key(key.key),
        "point_in_time_recovery_specification": PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=recovery_period_in_days is not None,
            recovery_period_in_days=recovery_period_in_days,
        ),
        "deletion_protection": not context.lifecycle.is_ephemeral,
        "removal_policy": context.lifecycle.protected_removal_policy,
        "dynamo_stream": StreamViewType.NEW_AND_OLD_IMAGES,
        "resource_policy": PolicyDocument.from_json(policy),
        "stream_resource_policy": PolicyDocument.from_json(stream_policy),
    }
    problem = ""
    try:
        table = TableV2(context.scope, "Table", **properties)
    except RuntimeError as error:
        problem = first_line(error)
    # Outside of the `except`, or Python would print jsii's stack trace along.
    if problem:
        reject("the table's arguments", "as given", f"what TableV2 accepts ({problem})")
    return table


def _for_jsii(value: Any) -> Any:  # noqa: ANN401 - jsii takes lists only
    return list(value) if isinstance(value, tuple) else value
