"""Alarms that are on while something is contained."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.values import as_list, as_number, at, is_unknown
from secure_ddb.landscape.responses import steps_of, values_of
from secure_ddb.rules.catalogues import nist, pci
from secure_ddb.rules.detection.watchers import tells_people
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged
from secure_ddb.three_valued import all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.alarm import Alarm
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.three_valued import Truth

_COMPARISONS = {"GreaterThanOrEqualToThreshold": operator.ge, "GreaterThanThreshold": operator.gt}


@Rule(
    id="SecureDdb-MON20",
    title="An alarm is on while a table, key or role is contained",
    problem="No alarm is on while a table, key or role is contained",
    severity=Severity.MEDIUM,
    requirements=("IR-1", "IR-3", "IR-4"),
    controls=(*nist("IR-4", "SI-4(5)"), *pci("12.10.5")),
    rationale=(
        "A forgotten quarantine is an outage, and a release by an attacker must not go unnoticed. The runbook writes "
        "the metric once, so the alarm must keep its state while data is missing."
    ),
    remedy=(
        "Create an alarm on the runbook's metric for each table, key, role or user, with TreatMissingData ignore and "
        "a topic as its action, as Containment does."
    ),
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html",
)
def contained(assembly: Assembly) -> Iterator[Judgement]:
    """Look for alarms on the metrics that runbooks set which change policies."""
    for document, role in assembly.responses.runbooks:
        tables = assembly.responses.runbook_roles[role]
        for namespace, data in _raised(document):
            metric = str(at(data, "MetricName"))
            for name, values in _dimensions(document, data):
                alarms = {each: _of_value(assembly, document, namespace, metric, (name, each)) for each in values}
                answer = all_of(*alarms.values()) if alarms else None
                lacking = ", ".join(each for each, found in alarms.items() if found is answer)
                detail = choose(
                    answer,
                    f"an alarm on {metric} stays on for each {name}",
                    f"no alarm on {metric} stays on and reports to a topic for {lacking}",
                    f"whether an alarm on {metric} stays on is known only at deployment",
                )
                yield judged(document, "Properties.Content", answer, detail, key=metric, tables=tables)


def _raised(document: Resource) -> Iterator[tuple[str, Any]]:
    """Yield the metric data with which a runbook reports containment: the namespace, and the data."""
    for step in steps_of(document):
        inputs = at(step, "inputs")
        if at(inputs, "Api") == "PutMetricData":
            for data in as_list(at(inputs, "MetricData")):
                if (as_number(at(data, "Value")) or 0) >= 1:
                    yield str(at(inputs, "Namespace")), data


def _dimensions(document: Resource, data: Any) -> Iterator[tuple[str, list[str]]]:  # noqa: ANN401 - a value of a template
    """Yield each dimension with the possible values of the runbook's parameter."""
    for dimension in as_list(at(data, "Dimensions")):
        value = str(at(dimension, "Value"))
        parameter = value.strip("{} ")
        yield str(at(dimension, "Name")), values_of(document, parameter) if value.startswith("{{") else [value]


def _of_value(assembly: Assembly, near: Resource, namespace: str, metric: str, dimension: tuple[str, str]) -> Truth:
    return any_of(
        _stays_on(assembly, alarm) for alarm, _ in assembly.alarms.watching(near, namespace, metric, dimension)
    )


def _stays_on(assembly: Assembly, alarm: Alarm) -> Truth:
    """Return whether an alarm goes on at one, stays on while nothing is measured, and reports to a topic."""
    missing, threshold = alarm.properties.get("TreatMissingData"), alarm.properties.get("Threshold")
    compare, level = _COMPARISONS.get(str(alarm.properties.get("ComparisonOperator"))), as_number(threshold)
    switches = compare is not None and level is not None and compare(1, level) and not compare(0, level)
    rings: Truth = None if is_unknown(threshold) else switches
    stays: Truth = None if is_unknown(missing) else missing == "ignore"
    return all_of(rings, stays, tells_people(assembly, alarm))
