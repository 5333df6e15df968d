"""Which composite alarms report for another alarm."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from itertools import takewhile
from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import ACCOUNT, REGION, is_unknown
from secure_ddb.landscape.alarm import Alarm
from secure_ddb.landscape.alarm_rule import AlarmRule
from secure_ddb.three_valued import all_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.three_valued import Truth

_OF_ARN = ":alarm:"
_PART = re.compile(r"\$\{[^}]*\}|.", re.DOTALL)


class Composites:
    """The composite alarms of an account and Region."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        """Read the rules of composite alarms."""
        self._rules = {alarm: AlarmRule(_rule_of(alarm)) for alarm in map(Alarm, resources)}
        # In templates that are copies of each other, two may have one name.
        self._called: defaultdict[str, list[Alarm]] = defaultdict(list)
        self._naming: defaultdict[str, list[Alarm]] = defaultdict(list)
        for composite, rule in self._rules.items():
            self._called[composite.resource.name].append(composite)
            for name in dict.fromkeys(map(_bare, rule.words)):
                self._naming[name].append(composite)

    @cached_property
    def _ordered(self) -> list[Alarm]:
        """Each one after those that its rule names; without those that lead into a circle, which CloudWatch leaves."""
        sorter: TopologicalSorter[Alarm] = TopologicalSorter()
        for composite, rule in self._rules.items():
            sorter.add(composite, *(each for word in rule.words for each in self._called.get(_bare(word), ())))
        with suppress(CycleError):
            sorter.prepare()
        ordered: list[Alarm] = []
        while ready := sorter.get_ready():
            ordered += ready
            sorter.done(*ready)
        return ordered

    @cached_property
    def _at_rest(self) -> dict[Alarm, Truth]:
        """Which of them ring while no other alarm does."""
        ringing: dict[Alarm, Truth] = dict.fromkeys(self._rules)
        for composite in self._ordered:
            ringing[composite] = self._rings(composite, ringing)
        return ringing

    def _rings(self, composite: Alarm, ringing: dict[Alarm, Truth], alarm: Resource | None = None) -> Truth:
        """Tell whether one rings while some others do, and with them an alarm or none."""

        def in_alarm(word: str) -> Truth:
            named = {ringing[each] for each in self._called.get(_bare(word), ())}
            if named:
                return named.pop() if len(named) == 1 else None
            return _is_same(word, alarm) if alarm else False

        return self._rules[composite].holds(in_alarm)

    def reporting(self, alarm: Resource) -> list[tuple[Alarm, Truth]]:
        """Return those that may report for an alarm, each with whether it does.

        One does if its rule comes to hold when that alarm rings, and all others that it names are OK.
        """
        about = self._about(alarm)
        ringing = dict(self._at_rest)
        for composite in self._ordered:
            if composite in about:
                ringing[composite] = self._rings(composite, ringing, alarm)
        answers = {each: all_of(ringing[each], negate(self._at_rest[each])) for each in about}
        return [(each, all_of(answer, _surely(each))) for each, answer in answers.items() if answer is not False]

    def _about(self, alarm: Resource) -> dict[Alarm, None]:
        """Return those whose rules may name an alarm, or name another one whose rule does."""
        found: dict[Alarm, None] = {}
        left = [*self._naming.get(alarm.name, ()), *self._perhaps_naming(alarm)]
        while left:
            composite = left.pop()
            if composite not in found:
                found[composite] = None
                left += self._naming.get(composite.resource.name, ())
        return found

    def _perhaps_naming(self, alarm: Resource) -> Iterable[Alarm]:
        if _is_open(alarm.name):
            return self._rules
        unread = (each for each in self._not_understood if alarm.name in self._rules[each].text)
        return [*self._naming_anything, *unread]

    @cached_property
    def _naming_anything(self) -> list[Alarm]:
        return [each for each, rule in self._rules.items() if any(_is_open(_bare(word)) for word in rule.words)]

    @cached_property
    def _not_understood(self) -> list[Alarm]:
        return [each for each, rule in self._rules.items() if not rule.is_understood]


def _rule_of(alarm: Alarm) -> str:
    return str(alarm.properties.get("AlarmRule", ""))


def _surely(composite: Alarm) -> Truth:
    """Return yes unless another alarm may keep one from reporting."""
    return None if "ActionsSuppressor" in composite.properties else True


def _bare(word: str) -> str:
    """Return the name of an alarm that is named or whose ARN is given."""
    return _split(word)[1] or word


def _split(word: str) -> tuple[str, str]:
    """Return what is before the name in an ARN, and the name; a name may look like the end of one."""
    place, _, name = word.partition(_OF_ARN)
    return (place, name) if word.startswith("arn:") else (word, "")


def _is_same(word: str, alarm: Resource) -> Truth:
    """Tell whether a name or an ARN is that of an alarm."""
    place, name = _split(word)
    if not name:
        return _are_equal(word, alarm.name)
    return all_of(_are_equal(name, alarm.name), _are_equal(place, alarm.arn.partition(_OF_ARN)[0]))


def _are_equal(first: str, second: str) -> Truth:
    if first == second:
        return True
    parts = [_PART.findall(text) for text in (first, second)]
    for _ in ("beginning", "end"):
        # What they share cannot make them differ, whatever it turns out to be.
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(*parts, strict=False)))
        parts = [each[shared:][::-1] for each in parts]
    return None if any(map(_is_open, parts[0] + parts[1])) else False


def _is_open(text: str) -> bool:
    return is_unknown(text) or ACCOUNT in text or REGION in text
