"""The templates of the new stack between its import and the first deployment by CDK.

The first describes the table as it is, because CloudFormation does not compare the two: what differs would stay as it
is, or be changed at once. Each further one changes what DynamoDB takes only alone.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-import.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from secure_ddb.adoption.as_global_table import global_table_properties
from secure_ddb.adoption.model import Stage
from secure_ddb.adoption.stream_differences import BOTH_IMAGES, changes_stream
from secure_ddb.cloudformation.kinds import GLOBAL_TABLE

if TYPE_CHECKING:
    from secure_ddb.adoption.existing import ExistingTable

_RETAIN = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}


def goes_on_demand(table: ExistingTable) -> bool:
    """Return whether the table is billed by request while it moves.

    Autoscaling of an `AWS::DynamoDB::Table` is not that of an `AWS::DynamoDB::GlobalTable`, and must be gone first.
    https://github.com/aws-samples/amazon-dynamodb-table-to-global-table-cdk/blob/main/provisioned/provisioned.md
    """
    return not table.on_demand and not table.is_global


def stages(table: ExistingTable, logical_id: str) -> list[Stage]:
    """Return the templates in order; the first is for the import."""
    imported = replace(table, on_demand=True) if goes_on_demand(table) else table
    tables = [("1-import.json", imported)]
    while tables[-1][1].replicas:
        before = tables[-1][1]
        # A table takes the removal of one replica in an update.
        name = f"{len(tables) + 1}-without-{before.replica_regions[-1]}.json"
        tables.append((name, replace(before, replicas=before.replicas[:-1])))
    if changes_stream(table):
        tables.append((f"{len(tables) + 1}-stream.json", replace(tables[-1][1], stream=BOTH_IMAGES)))
    return [Stage(file=name, template=_template(each, logical_id)) for name, each in tables]


def _template(table: ExistingTable, logical_id: str) -> dict[str, Any]:
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {logical_id: {"Type": GLOBAL_TABLE, **_RETAIN, "Properties": global_table_properties(table)}},
    }
