"""The alarms in a table's drawing."""

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
# Namespace and dimension of a metric, to the type of the resource that the dimension names.
_KINDS = {
    (LAMBDA, "FunctionName"): kinds.FUNCTION,
    (LOGS, "LogGroupName"): kinds.LOG_GROUP,
    (FIREHOSE, "DeliveryStreamName"): kinds.DELIVERY_STREAM,
    (BACKUP, VAULT_NAME): kinds.BACKUP_VAULT,
}


def draw_alarms(alarms: list[Alarm], assembly: Assembly, canvas: Canvas, places: dict[str, list[str]]) -> None:
    """Draw alarms, from the parts that they watch to the topics that they notify.

    Args:
        alarms: Those of a table and of the resources that belong to it.
        assembly: The templates.
        canvas: The drawing so far.
        places: Region to the parts that stand for the table there, that of its stack first.
    """
    home = next(iter(places))
    for region in dict.fromkeys(alarm.resource.region for alarm in alarms):
        of_region = [alarm for alarm in alarms if alarm.resource.region == region]
        _draw_alarms(of_region, region, assembly, canvas, places.get(region, places[home]))


def _draw_alarms(alarms: list[Alarm], region: str, assembly: Assembly, canvas: Canvas, here: list[str]) -> None:
    drawn = [canvas.place(Role.ALARM, "Alarms", str(len(alarms)), region)]
    for alarm in alarms:
        watched = (canvas.drawn.get(each) for each in _watched(alarm, assembly))
        # An alarm on something that is not drawn, such as a whole Region, is shown with the table.
        canvas.connect(list(filter(None, watched)) or here, drawn, Flow.ALARM, "metrics")
    named = [
        (action, assembly.find(action, alarm.resource, kinds.TOPIC)) for alarm in alarms for action in alarm.actions
    ]
    canvas.connect(drawn, canvas.add_named(Role.TOPIC, "Topic", named, region=region), Flow.ALARM, "alarms")


def _watched(alarm: Alarm, assembly: Assembly) -> Iterator[Resource]:
    """Yield the resources that an alarm watches, as far as they may be parts of the drawing."""
    for metric in alarm.metrics:
        for dimension, value in metric.dimensions.items():
            kind = _KINDS.get((metric.namespace, dimension))
            if dimension == _MAPPING:
                mappings = (mapping for _, mapping in assembly.audit.mappings if mapping.ref == value)
                found = next(filter(None, map(assembly.functions.of, mappings)), None)
            else:
                found = assembly.find(value, alarm.resource, kind) if kind else None
            if found and kind == kinds.DELIVERY_STREAM:
                found = assembly.archive.bucket_of(found)
            if found:
                yield found
