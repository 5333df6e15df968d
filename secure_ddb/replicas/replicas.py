"""All replicas of a table, as the table itself sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from secure_ddb.dynamodb_table import table_name_of
from secure_ddb.errors import reject
from secure_ddb.replicas.lag import ReplicationLag
from secure_ddb.replicas.replica import OfTable, Replica
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from aws_cdk import CfnResource, Duration

    from secure_ddb.access.other_accounts import OtherAccounts
    from secure_ddb.audit.construct import AuditTrail
    from secure_ddb.audit.settings import AuditSettings
    from secure_ddb.backup.settings import BackupSettings
    from secure_ddb.context import TableContext
    from secure_ddb.dynamodb_table import MadeTable
    from secure_ddb.monitoring.settings import AlarmSettings
    from secure_ddb.perimeter.settings import PerimeterSettings
    from secure_ddb.replicas.settings import Replication
    from secure_ddb.replicas.table import ReplicaTable
    from secure_ddb.table_arguments import TableArguments
    from secure_ddb.waivers.waiver import Waiver


class Replicas:
    """The further Regions of a table; of most tables there are none.

    Attributes:
        lag: Watches from the table's own Region how far the others lag behind.
    """

    def __init__(self, context: TableContext, arguments: TableArguments, replication: Replication) -> None:
        """Check that the Regions go with the table and with each other."""
        replication.check(
            context.environment.region,
            has_local_index=bool(arguments.local_secondary_indexes),
            has_ttl=arguments.time_to_live_attribute is not None,
        )
        if replication.replicas and is_token(arguments.table_name):
            reject("table_name", "known only at deployment", "a name that stacks of other Regions can name, or None")
        self._context = context
        self._arguments = arguments
        self._replication = replication
        self._replicas: list[Replica] = []
        others = [each.region for each in replication.replicas]
        self.lag = ReplicationLag([] if replication.is_strong else others)
        if others:
            context.evidence.settings["replicas"] = ", ".join(others)

    def make_keys(
        self,
        *,
        rotation_period: Duration,
        backup: BackupSettings | Waiver | None,
        alarms: AlarmSettings | Waiver | None,
        perimeter: PerimeterSettings | Waiver | None,
        other_accounts: OtherAccounts | None,
        audit: AuditTrail,
        audit_settings: AuditSettings | Waiver | None,
    ) -> dict[str, str]:
        """Make the keys of the replicas from what they take over, and return their ARNs: Region to ARN."""
        context, replication = self._context, self._replication
        if not replication.replicas:
            return {}
        own = context.environment.region
        table = OfTable(
            context=context,
            arguments=self._arguments.named(table_name_of(context, self._arguments)),
            regions=[own, *(each.region for each in replication.replicas)],
            rotation_period=rotation_period,
            backup=backup,
            alarms=alarms,
            perimeter=perimeter,
            other_accounts=other_accounts,
            audit=audit,
            audit_settings=audit_settings,
            is_strong=replication.is_strong,
        )
        self._replicas = [Replica(table, settings) for settings in replication.replicas]
        return {replica.region: replica.make_key() for replica in self._replicas}

    def properties(self) -> dict[str, Any]:
        """Return the properties of TableV2 for more than one Region."""
        replication = self._replication
        properties: dict[str, Any] = {}
        if self._replicas:
            properties["replicas"] = [replica.properties() for replica in self._replicas]
        if replication.consistency is not None:
            properties["multi_region_consistency"] = replication.consistency
        if replication.witness_region is not None:
            properties["witness_region"] = replication.witness_region
        return properties

    def _take_policies_away(self, table: MadeTable) -> None:
        """Leave out the policies of replicas that are made without them: CDK gives those the table's own policy."""
        for position, settings in enumerate(self._replication.replicas):
            if settings.without_policies is not None:
                resource = cast("CfnResource", table.resource.node.default_child)
                resource.add_property_deletion_override(f"Replicas.{position}.ResourcePolicy")

    def make(self, table: MadeTable) -> dict[str, ReplicaTable]:
        """Create the replicas' resources in their own Regions, and return the table there: Region to table."""
        self._take_policies_away(table)
        return {replica.region: replica.make(table) for replica in self._replicas}
