"""The construct and the table itself; what surrounds the table stands in the other modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import RemovalPolicy, Tags
from aws_cdk.aws_dynamodb import (
    Attribute,
    ContributorInsightsSpecification,
    PointInTimeRecoverySpecification,
    StreamViewType,
    TableEncryptionV2,
    TableV2,
)
from aws_cdk.aws_iam import AnyPrincipal, Effect, PolicyDocument, PolicyStatement
from constructs import Construct

from benchmarks.handwritten.alarms import add_alarms
from benchmarks.handwritten.audit import make_audit
from benchmarks.handwritten.backup import make_backup
from benchmarks.handwritten.key import make_key
from benchmarks.handwritten.place import Place
from benchmarks.handwritten.texts import NO_TLS
from secure_ddb.access.actions import TABLE_POLICY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk.aws_kms import Key


class HandwrittenTable(Construct):
    """A table with its key, backups, audit trail, alarms and tags."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        partition_key: Attribute,
        tags: Mapping[str, str],
    ) -> None:
        """Make all of it."""
        super().__init__(scope, id)
        place = Place.of(self)
        self.key = make_key(self, f"{place.stack_name}/{id}", place)
        self.table = _make_table(self, partition_key, self.key)
        make_backup(self, id, self.table, self.key, place)
        self.audit = make_audit(self, self.table, self.key, place)
        add_alarms(self, self.table, self.audit, self.key, place)
        tags_below = Tags.of(self)
        for name, value in tags.items():
            tags_below.add(name, value)


def _make_table(scope: Construct, partition_key: Attribute, key: Key) -> TableV2:
    deny = PolicyStatement(
        sid="DenyRequestsWithoutTls",
        effect=Effect.DENY,
        principals=[AnyPrincipal()],
        actions=list(TABLE_POLICY),
        resources=["*"],
        conditions=NO_TLS,
    )
    return TableV2(
        scope,
        "Table",
        partition_key=partition_key,
        contributor_insights_specification=ContributorInsightsSpecification(enabled=True),
        encryption=TableEncryptionV2.customer_managed_key(key),
        point_in_time_recovery_specification=PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True, recovery_period_in_days=35
        ),
        deletion_protection=True,
        removal_policy=RemovalPolicy.RETAIN,
        dynamo_stream=StreamViewType.NEW_AND_OLD_IMAGES,
        resource_policy=PolicyDocument(statements=[deny]),
    )
