"""Alarms that there should be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from secure_ddb.rules.rule import Judgement, choose, judged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.alarm import Alarm, Metric
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Replica, Table
    from secure_ddb.three_valued import Truth

_HOUR = 60 * 60
# Of a count that is zero, or not there at all, while all is well.
COUNTS = frozenset({"Sum", "SampleCount"})
AVERAGES = frozenset({"Average", "Maximum"})


@dataclass(frozen=True, kw_only=True)
class Expected:
    """An alarm that there should be.

    Attributes:
        metric: The metric that it watches.
        rings_at: A value at which it must fire; firing earlier is fine.
        falls: Whether low and missing values are bad. Then it must not fire at the next higher count.
        within: Seconds within which it must fire.

        statistics: Statistics that reveal a problem; percentiles do wherever averages do.
    """

    metric: str
    rings_at: float
    falls: bool = False
    within: float = _HOUR

    statistics: frozenset[str] = COUNTS

    def found(self, watching: Iterable[tuple[Alarm, Metric]]) -> Truth:
        """Return whether one of the alarms on the metric is the expected one."""
        unknown = False
        for alarm, metric in watching:
            if self._shows(metric):
                rings = self._rings(alarm) and alarm.seconds <= self.within
                if rings and metric.has_data:
                    return True
                unknown = unknown or rings or alarm.is_unknown or (self.falls and alarm.has_expressions)
        return None if unknown else False

    def _rings(self, alarm: Alarm) -> bool:
        return alarm.rings_down_at(self.rings_at) if self.falls else alarm.rings_at(self.rings_at)

    def _shows(self, metric: Metric) -> bool:
        percentile = "Average" in self.statistics and metric.statistic[:1] in ("p", "t")
        return percentile or metric.statistic.capitalize() in self.statistics or metric.statistic in self.statistics


def has_alarm(answer: Truth) -> str:
    """Return the words for an alarm that exists or not."""
    return choose(answer, "has an alarm", "has no alarm with an active action", "may have an alarm")


def in_region(table: Table, replica: Replica, answer: Truth, detail: str, key: str = "") -> Judgement:
    """Return a judgement on an alarm of a table in one of its Regions."""
    if replica is not table.replicas[0]:
        detail, key = f"{detail} in {replica.region}", f"{key}-{replica.region}" if key else replica.region
    return judged(table.resource, "Properties", answer, detail, key=key, tables=[table])


def judged_alarms(
    assembly: Assembly,
    resource: Resource,
    namespace: str,
    dimension: tuple[str, str],
    expected: Iterable[Expected],
    *,
    of: str = "",
    tables: Sequence[Table],
) -> Iterator[Judgement]:
    """Judge whether each expected alarm on a resource exists."""
    for each in expected:
        answer = each.found(assembly.alarms.watching(resource, namespace, each.metric, dimension))
        detail = f"{each.metric}{of} {has_alarm(answer)}"
        yield judged(resource, "Properties", answer, detail, key=each.metric, tables=tables)
