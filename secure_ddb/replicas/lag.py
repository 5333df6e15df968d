"""Alarms on replicas that lag behind. Nothing here loads CDK."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.monitoring.measure import Measure, Metric
from secure_ddb.part import Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secure_ddb.dynamodb_table import MadeTable
    from secure_ddb.monitoring.settings import AlarmSettings

# Replication takes about a second. In minutes it is a failure, and what was written last would be lost with the Region.
_LAG_MILLISECONDS = 60_000


class ReplicationLag(Part):
    """Watches how long writes of one Region take to reach the others."""

    def __init__(self, receiving_regions: Sequence[str]) -> None:
        """Store the Regions to which writes go from here."""
        self._receiving = receiving_regions

    def measures(self, table: MadeTable, _alarms: AlarmSettings) -> Iterator[Measure]:
        """Watch each other Region: DynamoDB counts in the Region where a write was made.

        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
        """
        if not self._receiving:
            return
        metrics = {
            f"to_{region.replace('-', '_')}": Metric(
                "AWS/DynamoDB", "ReplicationLatency", {"TableName": table.name, "ReceivingRegion": region}
            )
            for region in self._receiving
        }
        regions = " or ".join(self._receiving)
        yield Measure(
            name="ReplicationLatency",
            description=(
                f"Replication to {regions} is slow. If an application fails over to it now, it does not see the latest "
                "writes."
            ),
            # One that is not written to is not replicated either.
            expression=f"MAX([{', '.join(f'FILL({each}, 0)' for each in metrics)}])",
            metrics=metrics,
            statistic="Average",
            threshold=_LAG_MILLISECONDS,
            periods=5,
            periods_to_alarm=5,
        )
