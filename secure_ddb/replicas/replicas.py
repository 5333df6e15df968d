"""All replicas of a table, as the table itself sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.dynamodb_table import table_name_of
from secure_ddb.errors import reject
from secure_ddb.replicas.lag import ReplicationLag
from secure_ddb.replicas.replica import OfTable, Replica
from secure_ddb.tokens import is_token

if TYPE_CHECKING:
    from secure_ddb.context import TableContext
    from secure_ddb.dynamodb_table import MadeTable
    from secure_ddb.replicas.settings import Replication
    from secure_ddb.replicas.table import ReplicaTable
    from secure_ddb.table_arguments import TableArguments


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

    def make_keys(self, **of_table: Any) -> dict[str, str]:
        """Make the keys of the replicas, and return their ARNs: Region to ARN.

        Args:
            of_table: What replicas take over from the table, as in `OfTable`.
        """
        context, replication = self._context, self._replication
        if not replication.replicas:
            return {}
        own = context.environment.region
        table = OfTable(
            context=context,
            arguments=self._arguments.named(table_name_of(context, self._arguments)),
            regions=[own, *(each.region for each in replication.replicas)],
            is_strong=replication.is_strong,
            **of_table,
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

    def make(self, table: MadeTable) -> dict[str, ReplicaTable]:
        """Make what the replicas have in their own Regions, and return the table there: Region to table."""
        return {replica.region: replica.make(table) for replica in self._replicas}
