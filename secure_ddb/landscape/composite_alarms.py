"""Which composite alarms report for another alarm.

Only rules of the form `ALARM(a) OR ALARM(b)` are read; whether any other one reports for an alarm that it may name is
unknown. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from secure_ddb.cloudformation.values import ACCOUNT, REGION, is_unknown
from secure_ddb.landscape.alarm import Alarm
from secure_ddb.three_valued import all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.three_valued import Truth

_IN_ALARM = r"""ALARM\(\s*(?:"([^"]*)"|'([^']*)'|((?:\$\{[^}]*\}|[^\s(),"'])+))\s*\)"""
_ANY_IN_ALARM = re.compile(rf"\s*{_IN_ALARM}(?:\s+OR\s+{_IN_ALARM})*\s*")


def reporting(composites: Iterable[Resource], alarm: Resource) -> list[tuple[Alarm, Truth]]:
    """Return the composite alarms that may report for an alarm, each with whether it does."""
    found: dict[Alarm, Truth] = {}
    left = [Alarm(each) for each in composites]
    for composite in left:
        answer = _names(composite, alarm)
        if answer is not False:
            # One that another composite alarm may keep in ALARM does not change state when this alarm goes off.
            others = [each.resource for each in left if each is not composite]
            is_open = "ActionsSuppressor" in composite.properties or any(
                _names(composite, other) is not False for other in others
            )
            found[composite] = all_of(answer, None if is_open else True)
    about = list(found)
    # One that names another composite alarm reports for what that one is about, perhaps.
    while about:
        inner = about.pop()
        for composite in left:
            if composite not in found and inner.resource.name in _rule_of(composite):
                found[composite] = None
                about.append(composite)
    return list(found.items())


def _names(composite: Alarm, alarm: Resource) -> Truth:
    """Return whether a composite alarm goes off whenever another one does."""
    rule = _rule_of(composite)
    if _ANY_IN_ALARM.fullmatch(rule):
        names = ("".join(groups) for groups in re.findall(_IN_ALARM, rule))
        return any_of(_is_same(name, alarm) for name in names)
    return None if is_unknown(rule) or is_unknown(alarm.name) or alarm.name in rule else False


def _is_same(name: str, alarm: Resource) -> Truth:
    if name in {alarm.name, alarm.arn}:
        return True
    place = name.removesuffix(f":alarm:{alarm.name}")
    may_be_here = place != name and (ACCOUNT in alarm.arn or REGION in alarm.arn)
    return None if is_unknown(name) or is_unknown(alarm.name) or may_be_here else False


def _rule_of(composite: Alarm) -> str:
    return str(composite.properties.get("AlarmRule", ""))
