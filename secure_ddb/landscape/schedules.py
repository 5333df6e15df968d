"""Which schedules invoke which function: rules of EventBridge and schedules of EventBridge Scheduler."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, at, is_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.templates import Templates
    from secure_ddb.landscape.functions import Functions
    from secure_ddb.three_valued import Truth


class Schedule(NamedTuple):
    """Schedules of functions.

    Attributes:
        resource: The rule or the schedule.
        times: When, such as `rate(1 day)`.
        is_on: Whether it does.
    """

    resource: Resource
    times: str
    is_on: Truth


class Schedules:
    """The schedules of the templates."""

    def __init__(self, templates: Templates, functions: Functions) -> None:
        """Store the templates and their functions."""
        self._templates = templates
        self._functions = functions

    def of(self, function: Resource) -> list[Schedule]:
        """Return the schedules that invoke a function, including disabled ones."""
        return self._by_function.get(function, [])

    @cached_property
    def _by_function(self) -> dict[Resource, list[Schedule]]:
        found: defaultdict[Resource, list[Schedule]] = defaultdict(list)
        for resource, arn in self._targets():
            function = self._functions.named(arn, resource)
            if function is not None:
                state = resource.properties.get("State", "ENABLED")
                is_on = None if is_unknown(state) else str(state) != "DISABLED"
                found[function].append(Schedule(resource, str(resource.properties["ScheduleExpression"]), is_on))
        return found

    def _targets(self) -> Iterator[tuple[Resource, object]]:
        for rule in self._templates.of_type(kinds.EVENT_RULE):
            if rule.properties.get("ScheduleExpression"):
                yield from ((rule, at(target, "Arn")) for target in as_list(rule.properties.get("Targets")))
        for schedule in self._templates.of_type(kinds.SCHEDULE):
            if schedule.properties.get("ScheduleExpression"):
                yield schedule, at(schedule.properties, "Target", "Arn")
