"""Which EventBridge rules report an event to a topic: by a message each, or by an alarm that counts them."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, at, is_unknown
from secure_ddb.landscape.alarm import Alarm
from secure_ddb.landscape.event_patterns import matches_event
from secure_ddb.three_valued import all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cloudformation.templates import Templates
    from secure_ddb.landscape.event_patterns import Event
    from secure_ddb.three_valued import Truth

# The state in which a rule also gets calls that only read.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
_WITH_READS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
_MATCHES = {"Invocations", "MatchedEvents", "TriggeredRules"}
# Services of AWS send their events to this bus only.
_DEFAULT_BUS = "default"


class Reported(NamedTuple):
    """Whether a rule of the templates reports an event to a topic.

    Attributes:
        answer: True if one does; False if one matches, and is off or has no topic; None if none matches for certain.
        rule: The rule that decides; None if none may match.
    """

    answer: Truth
    rule: Resource | None = None


class _Rule(NamedTuple):
    """An EventBridge rule with its known attributes.

    Attributes:
        resource: The rule; of several that differ in nothing that counts, the first.
        pattern: Its pattern.
        reports: Whether it is on, and reports to a topic of the templates, by itself or by an alarm.
        reads: Whether it gets calls that only read.
    """

    resource: Resource
    pattern: Any
    reports: Truth
    reads: Truth


class Reporting:
    """The EventBridge rules of the templates."""

    def __init__(self, templates: Templates) -> None:
        """Store the templates."""
        self._templates = templates

    @cached_property
    def _rules(self) -> dict[tuple[str, str, str], list[_Rule]]:
        """Account, Region and source to the rules that may match its events; an empty source to those of any."""
        found: defaultdict[tuple[str, str, str], dict[str, _Rule]] = defaultdict(dict)
        for resource in self._templates.of_type(kinds.EVENT_RULE):
            rule = self._read(resource)
            alike = json.dumps([rule.pattern, rule.reports, rule.reads], sort_keys=True)
            for source in _sources(rule.pattern):
                found[resource.account, resource.region, source].setdefault(alike, rule)
        return {place: list(rules.values()) for place, rules in found.items()}

    def _read(self, resource: Resource) -> _Rule:
        state = resource.properties.get("State", "ENABLED")
        reports = all_of(hears(resource), any_of([self._has_topic(resource), self._is_counted(resource)]))
        return _Rule(resource, pattern_of(resource), reports, None if is_unknown(state) else state != "ENABLED")

    def _has_topic(self, rule: Resource) -> Truth:
        """Return whether a rule reports to a topic of the templates.

        Whether another topic exists, or what a function does with the event, cannot be seen.
        """
        arns = [at(target, "Arn") for target in as_list(rule.properties.get("Targets"))]
        if any(self._templates.find(arn, rule, kinds.TOPIC) for arn in arns):
            return True
        may_report = (":sns:", ":lambda:")
        return None if any(is_unknown(arn) or any(each in str(arn) for each in may_report) for arn in arns) else False

    def _is_counted(self, rule: Resource) -> Truth:
        """Return whether an alarm of the templates fires for a rule's first event, and reports to a topic.

        A rule that sends its events elsewhere, such as to a function, is noticed that way.
        """
        return bool(rule.properties.get("Targets")) and any(
            alarm.rings_at(1) and self.tells_topic(alarm) for alarm in self._alarms_by_rule.get(rule.ref, ())
        )

    @cached_property
    def alarms(self) -> list[Alarm]:
        """Every alarm of the templates."""
        return [Alarm(each) for each in self._templates.of_type(kinds.ALARM)]

    @cached_property
    def rules_by_topic(self) -> dict[Resource, list[Resource]]:
        """Each topic that rules report to, with those rules. A rule on AWS Backup alone is part of each table."""
        found: defaultdict[Resource, list[Resource]] = defaultdict(list)
        for rule in self._templates.of_type(kinds.EVENT_RULE):
            if set(_sources(self._read(rule).pattern)) <= {"", "aws.backup"}:
                continue
            for target in as_list(rule.properties.get("Targets")):
                if topic := self._templates.find(at(target, "Arn"), rule, kinds.TOPIC):
                    found[topic].append(rule)
        return found

    def tells_topic(self, alarm: Alarm) -> bool:
        """Return whether an alarm certainly reports to a topic of the templates."""
        return alarm.acts and any(self._templates.find(arn, alarm.resource, kinds.TOPIC) for arn in alarm.actions)

    @cached_property
    def _alarms_by_rule(self) -> dict[str, list[Alarm]]:
        """Name of a rule to the alarms on how often it matches.

        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
        """
        found: defaultdict[str, list[Alarm]] = defaultdict(list)
        for alarm in self.alarms:
            for metric in alarm.metrics:
                if metric.namespace == "AWS/Events" and metric.name in _MATCHES and "RuleName" in metric.dimensions:
                    found[metric.dimensions["RuleName"]].append(alarm)
        return found

    def of(self, event: Event, *, reads: bool = False) -> Reported:
        """Return whether a rule reports an event, which has to have an account, a Region and a source.

        Args:
            event: The known fields of the event.
            reads: Whether it is a call that only reads.
        """
        silent: Reported | None = None
        may_be: Reported | None = None
        for rule in self._near(event):
            matches = all_of(rule.reads if reads else True, matches_event(rule.pattern, event))
            if matches is False:
                continue
            if matches and rule.reports:
                return Reported(True, rule.resource)
            if matches and rule.reports is False:
                silent = silent or Reported(False, rule.resource)
            elif rule.reports is not False:
                may_be = may_be or Reported(None, rule.resource)
        return may_be or silent or Reported(None)

    def _near(self, event: Event) -> Iterator[_Rule]:
        place = (str(event["account"]), str(event["region"]))
        yield from self._rules.get((*place, str(event["source"])), ())
        yield from self._rules.get((*place, ""), ())


def hears(rule: Resource) -> Truth:
    """Return whether a rule is on, and on the bus to which services send."""
    state, bus = rule.properties.get("State", "ENABLED"), rule.properties.get("EventBusName", _DEFAULT_BUS)
    enabled: Truth = None if is_unknown(state) else state in ("ENABLED", _WITH_READS)
    by_default: Truth = None if is_unknown(bus) else str(bus).rpartition("/")[2] == _DEFAULT_BUS
    return all_of(enabled, by_default)


def pattern_of(rule: Resource) -> Any:  # noqa: ANN401 - a value of a template
    """Return the pattern of a rule, which may be written as a text."""
    pattern = rule.properties.get("EventPattern")
    if isinstance(pattern, str) and not is_unknown(pattern):
        with suppress(ValueError):
            return json.loads(pattern)
    return pattern


def _sources(pattern: Any) -> list[str]:  # noqa: ANN401 - a value of a template
    """Return the sources that a pattern names; an empty one if others may match, too."""
    sources = as_list(pattern.get("source")) if isinstance(pattern, dict) else []
    named = [each for each in sources if isinstance(each, str) and not is_unknown(each)]
    return named if named and len(named) == len(sources) else [""]
