"""Alarms on the use of a table's capacity."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.values import as_list, at, is_unknown
from secure_ddb.rules.catalogues import nist
from secure_ddb.rules.monitoring.expected import has_alarm, in_region
from secure_ddb.rules.rule import Judgement, Rule, Severity
from secure_ddb.three_valued import all_of, any_of, negate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.alarm import Alarm, Metric
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth

_ON_DEMAND = "PAY_PER_REQUEST"
_INDEX = "GlobalSecondaryIndexName"
_KINDS = ("Read", "Write")
# The expression that the remedy names, without white space: the larger part in percent.
_PERCENT = re.compile(r"MAX\(\[(FILL\(\w+/\w+,0\)(?:,FILL\(\w+/\w+,0\))*)\]\)\*100/(\d+)")
_PARTS = re.compile(r"FILL\((\w+)/(\w+),0\)")
_FULL = 100
_HOUR = 60 * 60


@Rule(
    id="SecureDdb-MON16",
    title="High use of capacity raises an alarm",
    problem="High use of capacity raises no alarm",
    severity=Severity.LOW,
    requirements=("MON-1",),
    controls=("PR.PT-5", *nist("SI-4", "CA-7", "CP-2(2)")),
    rationale=(
        "Requests beyond provisioned capacity, or beyond an on-demand maximum, are throttled; by then it is too late."
    ),
    remedy=(
        "Create alarms on MAX([FILL(reads / mostReads, 0), FILL(writes / mostWrites, 0)]) * 100 / 300, with a period "
        "of 300, for the table and each index. The inputs are the sums of ConsumedReadCapacityUnits and "
        "ConsumedWriteCapacityUnits, and the maxima of ProvisionedReadCapacityUnits and "
        "ProvisionedWriteCapacityUnits, or for on-demand tables of OnDemandMaxReadRequestUnits and "
        "OnDemandMaxWriteRequestUnits."
    ),
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
)
def capacity_use(assembly: Assembly) -> Iterator[Judgement]:
    """Look for an alarm on each limit that a table or index has. On-demand tables without a maximum have none."""
    for table, replica in assembly.tables.replicas:
        for index in ("", *table.index_names):
            for kind in _KINDS:
                limited = _is_limited(table, index, kind)
                if limited is False:
                    continue
                watching = assembly.alarms.watching_table(table, f"Consumed{kind}CapacityUnits", replica)
                alarms = dict.fromkeys(alarm for alarm, metric in watching if metric.is_about(_INDEX, index))
                answer = any_of(_notices(alarm, table, index, kind) for alarm in alarms)
                answer = None if answer is False and limited is None else answer
                what = f"{kind.lower()} capacity of index {index}" if index else f"{kind.lower()} capacity"
                detail, key = f"use of {what} {has_alarm(answer)}", f"{kind}-{index}" if index else kind
                yield in_region(table, replica, answer, detail, key)


def _is_limited(table: Table, index: str, kind: str) -> Truth:
    """Return whether there is a limit: provisioned capacity, which is the default of both types, or a maximum."""
    properties = table.resource.properties
    mode = properties.get("BillingMode")
    if is_unknown(mode) or (mode is None and "GlobalTableSourceArn" in properties):
        return None
    if mode != _ON_DEMAND:
        return True
    return any_of(_has_maximum(each, index, kind) for each in (properties, *(r.properties for r in table.replicas)))


def _has_maximum(properties: Any, index: str, kind: str) -> Truth:  # noqa: ANN401 - a value of a template
    """Return whether a maximum stands in the properties of a table or replica, or of its index there."""
    if is_unknown(properties) and not isinstance(properties, dict):
        return None
    where = [properties]
    if index:
        where = [each for each in as_list(at(properties, "GlobalSecondaryIndexes")) if at(each, "IndexName") == index]
    limits = [
        limit
        for each in where
        for settings in ("OnDemandThroughput", f"{kind}OnDemandThroughputSettings")
        if (limit := at(each, settings, f"Max{kind}RequestUnits")) is not None
    ]
    # A maximum of -1 is none. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_OnDemandThroughput.html
    return any_of(None if is_unknown(limit) else str(limit) != "-1" for limit in limits)


def _notices(alarm: Alarm, table: Table, index: str, kind: str) -> Truth:
    """Return whether an alarm fires when a limit is reached, and not while nothing is used.

    Other expressions with a limit in them, and fixed numbers of units, are not compared with the limit.
    """
    if alarm.has_expressions and {each.name for each in alarm.metrics}.isdisjoint(_limits(kind)):
        return False
    found = _PERCENT.fullmatch("".join(alarm.expression.split()))
    metrics = {each.id: each for each in alarm.metrics}
    pairs = [(metrics.get(used), metrics.get(most)) for used, most in _PARTS.findall(found[1])] if found else []
    periods = {each.period for each in alarm.metrics}
    if not found or periods != {float(found[2])}:
        return None
    if not any(_compares(used, most, table, index, kind) for used, most in pairs):
        return None
    has_data = (each.has_data for each in alarm.metrics)
    return all_of(alarm.rings_while(_FULL), negate(alarm.rings_while(0)), *has_data, 0 < alarm.seconds <= _HOUR)


def _compares(used: Metric | None, most: Metric | None, table: Table, index: str, kind: str) -> bool:
    """Return whether consumed units are divided by the limit of the same table or index."""
    expected = {"TableName": table.name, **({_INDEX: index} if index else {})}
    return (
        used is not None
        and most is not None
        and (used.name, used.statistic) == (f"Consumed{kind}CapacityUnits", "Sum")
        and most.name in _limits(kind)
        and dict(used.dimensions) == dict(most.dimensions) == expected
    )


def _limits(kind: str) -> tuple[str, str]:
    return f"Provisioned{kind}CapacityUnits", f"OnDemandMax{kind}RequestUnits"
