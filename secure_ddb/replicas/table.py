"""A table in one further Region, as the applications there see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.access.grant_methods import GrantMethods
from secure_ddb.access.granted_table import TableMadeHere
from secure_ddb.access.grants import TableGrants

if TYPE_CHECKING:
    from aws_cdk.aws_cloudwatch import CfnAlarm

    from secure_ddb.classification import DataClassification
    from secure_ddb.dynamodb_table import MadeTable
    from secure_ddb.key_schema import KeySchema
    from secure_ddb.monitoring.alarms import TableAlarms
    from secure_ddb.perimeter.construct import Perimeter
    from secure_ddb.table_evidence import TableEvidence


class ReplicaTable(GrantMethods):
    """The result of `SecureTable.replica`: grants for roles of stacks in that Region.

    A role of another Region takes a grant, too. Unless the key there is an existing one, CDK then carries its ARN over
    with two custom resources. `grant_stream_read` needs the `stream_arn` of the `ReplicaSettings`.

    Attributes:
        table_name: Its name, the same in all Regions.
        table_arn: Its ARN in that Region.
        encryption_key: The key that encrypts it there.
        alarms: The alarms there; none where a waiver left them out.
    """

    def __init__(
        self,
        table: MadeTable,
        schema: KeySchema,
        perimeter: Perimeter,
        evidence: TableEvidence,
        watch: TableAlarms | None,
        *,
        stream_arn: str | None,
        is_recoverable: bool,
        classification: DataClassification,
    ) -> None:
        """Store the table as it is in that Region."""
        self.table_name, self.table_arn, self.encryption_key = table.name, table.arn, table.key.key
        self.alarms: tuple[CfnAlarm, ...] = watch.alarms if watch else ()
        self._grants = TableGrants(
            table_arn=table.arn,
            table_name=table.name,
            schema=schema,
            key_arns=table.key.arns,
            environment=table.stack_environment,
            stack=table.stack_environment,
            stream_arn=stream_arn,
            table=TableMadeHere(
                table=table,
                evidence=evidence,
                perimeter=perimeter,
                is_recoverable=is_recoverable,
                classification=classification,
            ),
        )
