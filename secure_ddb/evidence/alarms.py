"""Which alarms watch what is drawn of a table, and whom they tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.evidence.model import Flow, Role
from secure_ddb.landscape.alarms import FIREHOSE, LAMBDA, LOGS
from secure_ddb.landscape.backup_jobs import BACKUP, VAULT_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.evidence.canvas import Canvas
    from secure_ddb.landscape.alarm import Alarm
    from secure_ddb.landscape.assembly import Assembly

_MAPPING = "EventSourceMappingUUID"


def draw_alarms(alarms: list[Alarm], assembly: Assembly, canvas: Canvas, here: list[str]) -> None:
    """Draw alarms, from what they watch to whom they tell.

    Args:
        alarms: Those of a table and of what belongs to it.
        assembly: The templates.
        canvas: What is drawn already.
        here: The parts that stand for the table.
    """
    if not alarms:
        return
    drawn = [canvas.place(Role.ALARM, "Alarms", str(len(alarms)))]
    for alarm in alarms:
        watched = (canvas.drawn.get(each) for each in _watched(alarm, assembly))
        # What is watched and not drawn, such as a whole Region, is shown with the table.
        canvas.connect(list(filter(None, watched)) or here, drawn, Flow.ALARM, "metrics")
    topics, outside = [], []
    for alarm in alarms:
        for action in alarm.actions:
            topic = assembly.find(action, alarm.resource, kinds.TOPIC)
            if topic:
                topics.append(topic)
            else:
                outside.append(action)
    told = [*canvas.add(Role.TOPIC, "Topic", *topics), *canvas.elsewhere(Role.TOPIC, "Topic elsewhere", outside)]
    canvas.connect(drawn, told, Flow.ALARM, "alarms")


def _watched(alarm: Alarm, assembly: Assembly) -> Iterator[Resource]:
    """Yield what belongs to the table and an alarm watches, as far as it is drawn as a part of its own."""
    near = alarm.resource
    for metric in alarm.metrics:
        for dimension, value in metric.dimensions.items():
            found = None
            if metric.namespace == LAMBDA and dimension == "FunctionName":
                found = assembly.find(value, near, kinds.FUNCTION)
            elif metric.namespace == LOGS and dimension == "LogGroupName":
                found = assembly.find(value, near, kinds.LOG_GROUP)
            elif metric.namespace == FIREHOSE and dimension == "DeliveryStreamName":
                stream = assembly.find(value, near, kinds.DELIVERY_STREAM)
                found = assembly.archive.bucket_of(stream) if stream else None
            elif metric.namespace == BACKUP and dimension == VAULT_NAME:
                found = assembly.find(value, near, kinds.BACKUP_VAULT)
            elif dimension == _MAPPING:
                mappings = (mapping for _, mapping in assembly.audit.mappings if mapping.ref == value)
                found = next(filter(None, map(assembly.functions.of, mappings)), None)
            if found:
                yield found
