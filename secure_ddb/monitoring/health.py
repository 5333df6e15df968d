"""A composite alarm: is this table healthy?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk.aws_cloudwatch import CfnCompositeAlarm

from secure_ddb.table_alarm import TableAlarm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk.aws_cloudwatch import CfnAlarm

    from secure_ddb.context import TableContext

# Its state is for dashboards and other alarms. It has no action of its own, because each alarm in it sends a message.
_DESCRIPTION = (
    "In ALARM while any alarm of this table, or of a resource it shares, is. It sends no message itself; the alarm "
    "that went off does. Use it in dashboards, and to block deployments."
)


def make_health_alarm(context: TableContext, alarms: Iterable[CfnAlarm], also: str = "") -> CfnCompositeAlarm:
    """Make the composite alarm on all alarms but notices of cost, and on another composite alarm.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
    """
    names = [alarm.ref for alarm in alarms if alarm.node.id != TableAlarm.UNUSED]
    rule = " OR ".join(f'ALARM("{name}")' for name in [*names, *([also] if also else [])])
    return CfnCompositeAlarm(context.scope, "Health", alarm_description=_DESCRIPTION, alarm_rule=rule)
