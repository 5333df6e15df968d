"""Thresholds of alarms, each with its unit, and which alarms are left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from aws_cdk import Duration

from secure_ddb.durations import in_milliseconds
from secure_ddb.errors import reject, require_type
from secure_ddb.table_alarm import FACTS, TableAlarm, ThresholdUnit, alarm_of
from secure_ddb.tokens import is_token
from secure_ddb.waivers.waiver import Waiver

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from secure_ddb.context import TableContext
    from secure_ddb.monitoring.measure import Measure

_Value = TypeVar("_Value")
_MOST_PERCENT = 100
_MILLISECONDS_OF_SECOND = 1000


@dataclass(frozen=True)
class Threshold:
    """The value from which on an alarm goes off. Made by `count`, `percent` or `time`.

    Attributes:
        value: The number; of a time, milliseconds.
        unit: What it counts; every time has the unit `MILLISECONDS`.
    """

    value: float
    unit: ThresholdUnit

    @staticmethod
    def count(value: int) -> Threshold:
        """Return a number of events within a period of the alarm, 1 or more.

        Raises:
            InvalidArgumentError: It is no such number.
        """
        if type(value) is not int or value < 1 or is_token(value):
            reject("threshold.count", value, "a whole number, 1 or more")
        return Threshold(value, ThresholdUnit.COUNT)

    @staticmethod
    def percent(value: float) -> Threshold:
        """Return a part of a limit, above 0 and up to 100.

        Raises:
            InvalidArgumentError: It is no such number.
        """
        if type(value) not in (int, float) or is_token(value) or not 0 < value <= _MOST_PERCENT:
            reject("threshold.percent", value, "a number above 0, up to 100")
        return Threshold(value, ThresholdUnit.PERCENT)

    @staticmethod
    def time(value: Duration) -> Threshold:
        """Return a time, 1 second or more.

        Raises:
            InvalidArgumentError: It is shorter, or known only at deployment.
        """
        require_type("threshold.time", value, Duration)
        milliseconds = in_milliseconds(value, "threshold.time")
        if milliseconds < _MILLISECONDS_OF_SECOND:
            reject("threshold.time", f"{milliseconds} ms", "1 second or more")
        return Threshold(milliseconds, ThresholdUnit.MILLISECONDS)

    def __str__(self) -> str:
        """Return the value with its unit."""
        words = {ThresholdUnit.PERCENT: " percent", ThresholdUnit.MILLISECONDS: " ms"}
        return f"{self.value}{words.get(self.unit, '')}"


def check_thresholds(thresholds: Mapping[TableAlarm, Threshold]) -> None:
    """Reject a threshold in another unit than its alarm's, and of an alarm that has none."""
    for alarm, threshold in _checked("alarms.thresholds", thresholds, Threshold):
        facts, argument = FACTS[alarm], f"alarms.thresholds[TableAlarm.{alarm.name}]"
        if facts.unit is None:
            reject(argument, threshold, f"no threshold; it is set by {facts.instead}")
        is_time = facts.unit in (ThresholdUnit.SECONDS, ThresholdUnit.MILLISECONDS)
        expected = ThresholdUnit.MILLISECONDS if is_time else facts.unit
        if threshold.unit is not expected:
            make = "time(Duration)" if is_time else f"{expected.value}(number)"
            reject(argument, threshold, f"a threshold in its unit: Threshold.{make}")


def check_waived(waived: Mapping[TableAlarm, Waiver]) -> None:
    """Reject anything but a waiver of an alarm."""
    for _ in _checked("alarms.waived", waived, Waiver):
        pass


def waive_alarms(context: TableContext, waived: Mapping[TableAlarm, Waiver]) -> None:
    """Record the alarms that are left out.

    Raises:
        InvalidArgumentError: A `WaiverPolicy` does not allow a waiver.
    """
    for alarm, waiver in waived.items():
        waiver.require_policy(context.outer_scope)
        context.evidence.waive_alarm(alarm, waiver)


def chosen(
    measures: Iterable[Measure], thresholds: Mapping[TableAlarm, Threshold], waived: Mapping[TableAlarm, Waiver]
) -> Iterator[Measure]:
    """Return the measures without waived ones, with the chosen thresholds."""
    for measure in measures:
        alarm = alarm_of(measure.name)
        if alarm is None:
            yield measure
        elif alarm not in waived:
            threshold = thresholds.get(alarm)
            yield measure if threshold is None else replace(measure, threshold=_in_unit_of(alarm, threshold))


def _in_unit_of(alarm: TableAlarm, threshold: Threshold) -> float:
    is_seconds = FACTS[alarm].unit is ThresholdUnit.SECONDS
    return threshold.value / _MILLISECONDS_OF_SECOND if is_seconds else threshold.value


def _checked(
    argument: str, given: Mapping[TableAlarm, _Value], kind: type[_Value]
) -> Iterator[tuple[TableAlarm, _Value]]:
    if not isinstance(given, Mapping) or not all(isinstance(alarm, TableAlarm) for alarm in given):
        reject(argument, given, f"a mapping of TableAlarm to {kind.__name__}")
    for alarm, value in given.items():
        require_type(f"{argument}[TableAlarm.{alarm.name}]", value, kind)
        yield alarm, value
