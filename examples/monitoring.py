"""Alarms that are chosen one by one, and a dashboard."""

from __future__ import annotations

from datetime import date
from typing import Any

from aws_cdk import App, Duration, Environment, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType, Billing

from secure_ddb import AlarmSettings, Ownership, SecureTable, TableAlarm, TableDashboard, Threshold, Waiver


class OrdersStack(Stack):
    """A table with alarms of its own, and its dashboard."""

    def __init__(self, scope: App, id: str, **kwargs: Any) -> None:
        """Make table and dashboard."""
        super().__init__(scope, id, **kwargs)
        ownership = Ownership(
            owner="payments@example.com", cost_center="CC-1042", application="orders", environment="prod"
        )
        table = SecureTable(
            self,
            "Orders",
            table_name="orders",
            partition_key=Attribute(name="pk", type=AttributeType.STRING),
            ownership=ownership,
            billing=Billing.on_demand(max_read_request_units=500, max_write_request_units=200),
            alarms=AlarmSettings(
                latency=Duration.millis(50),
                bulk_latency=Duration.millis(500),
                unusual_reads=3,
                unused_days=7,
                health=True,
                thresholds={
                    TableAlarm.THROTTLES: Threshold.count(5),
                    TableAlarm.CAPACITY_USE: Threshold.percent(80),
                },
                waived={
                    TableAlarm.USER_ERRORS: Waiver(
                        reason="the account's dashboard has it", approved_by="SEC-142", expires=date(2099, 12, 31)
                    ),
                },
            ),
        )
        TableDashboard(self, "Dashboard", tables=[table], ownership=ownership)


if __name__ == "__main__":
    app = App()
    OrdersStack(app, "Orders", env=Environment(region="eu-central-1"))
    app.synth()
