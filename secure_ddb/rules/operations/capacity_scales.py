"""Provisioned capacity scales: reads and writes, of the table and of each global secondary index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.values import as_list, at, is_unknown
from secure_ddb.rules.operations.scaling import ScalableTargets, tracks, within_limits
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, shown
from secure_ddb.three_valued import all_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth

_ON_DEMAND = "PAY_PER_REQUEST"
_INDEXES = "GlobalSecondaryIndexes"


def check(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the billing mode of each table, and at each capacity that is provisioned."""
    targets = ScalableTargets(assembly)
    for table in assembly.tables:
        # Both types are provisioned unless they say otherwise.
        mode = table.resource.properties.get("BillingMode")
        source = table.resource.properties.get("GlobalTableSourceArn")
        if mode is None and source is not None:
            detail = f"BillingMode is that of its source table, {shown(source)}"
            yield judged(table.resource, "Properties.BillingMode", None, detail, tables=[table])
            continue
        if mode == _ON_DEMAND or is_unknown(mode):
            answer = None if is_unknown(mode) else True
            detail = f"BillingMode is {shown(mode)}"
            yield judged(table.resource, "Properties.BillingMode", answer, detail, tables=[table])
            continue
        indexes = as_list(table.resource.properties.get(_INDEXES))
        if any(is_unknown(index) for index in indexes if not isinstance(index, dict)):
            detail = "the global secondary indexes are known only at deployment"
            yield judged(table.resource, f"Properties.{_INDEXES}", None, detail, key="Indexes", tables=[table])
        yield from _of_global_table(table) if table.is_global else _of_table(table, targets)


def _of_table(table: Table, targets: ScalableTargets) -> Iterator[Judgement]:
    for index in ("", *table.index_names):
        for kind in ("Read", "Write"):
            answer = targets.scale(table, index, f"{kind}CapacityUnits")
            yield _judged(table, "Properties", answer, kind, index)


def _of_global_table(table: Table) -> Iterator[Judgement]:
    """Writes scale in all Regions alike, reads in each Region by itself."""
    properties = table.resource.properties
    for index in ("", *table.index_names):
        settings, path = _of_index(properties, "Properties", index)
        yield _judged(table, path, _scales(settings, "Write"), "Write", index)
        for replica in table.replicas:
            settings, path = _of_index(replica.properties, replica.path, index)
            yield _judged(table, path, _scales(settings, "Read"), f"Read-{replica.region}", index)


def _of_index(properties: Any, path: str, name: str) -> tuple[Any, str]:  # noqa: ANN401 - a value of a template
    """Return where the capacity of the table or of an index is set, and its path."""
    if not name:
        return properties, path
    indexes = at(properties, _INDEXES)
    for position, index in enumerate(as_list(indexes)):
        if at(index, "IndexName") == name:
            return index, f"{path}.{_INDEXES}.{position}"
    return (indexes if is_unknown(indexes) else None), f"{path}.{_INDEXES}"


def _scales(settings: Any, kind: str) -> Truth:  # noqa: ANN401 - a value of a template
    """Tell whether auto scaling is set up; a global table's settings contain the scaling policy."""
    scaling = at(settings, f"{kind}ProvisionedThroughputSettings", f"{kind}CapacityAutoScalingSettings")
    if isinstance(scaling, dict):
        return all_of(within_limits(scaling), tracks(scaling))
    return None if is_unknown(settings) else False


def _judged(table: Table, path: str, answer: Truth, key: str, index: str) -> Judgement:
    capacity = f"{key.partition('-')[0].lower()} capacity"
    capacity = f"{capacity} of index {index}" if index else capacity
    scales = "scales" if answer else "may scale" if answer is None else "does not scale"
    key = f"{key}-{index}" if index else key
    return judged(table.resource, path, answer, f"{capacity} {scales}", key=key, tables=[table])


RULE = Rule(
    id="SecureDdb-OPS3",
    title="Capacity scales with demand",
    severity=Severity.MEDIUM,
    requirements=("OPS-7",),
    controls=("PR.PT-5", "NIST.800-53.r5 CP-2(2)", "Security Hub DynamoDB.1"),
    explanation=(
        "Fixed capacity throttles requests as soon as the load exceeds it, and a throttled index blocks writes to its "
        "table."
    ),
    remedy=(
        "Use on-demand capacity, or auto scaling with a maximum above the minimum for reads and writes of the table "
        "and of each global secondary index. Let it track the predefined utilization metric of that capacity, at 20 to "
        "90 percent."
    ),
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html",
    check=check,
)
