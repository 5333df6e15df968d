"""Capacity and its scaling."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.kinds import SCALABLE_TARGET, SCALING_POLICY
from secure_ddb.cloudformation.values import as_bool, as_list, as_number, at, is_unknown
from secure_ddb.rules.catalogues import nist, security_hub
from secure_ddb.rules.rule import Judgement, Rule, Severity, judged, shown
from secure_ddb.three_valued import all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth

_NAMESPACE = "dynamodb"
# Step scaling is not supported for DynamoDB, and a schedule does not follow demand.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-applicationautoscaling-scalingpolicy.html
_FOLLOWS_DEMAND = "TargetTrackingScaling"
_TRACKING = "TargetTrackingScalingPolicyConfiguration"
# In percent. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html
_LEAST_TARGET, _MOST_TARGET = 20, 90
# Account, Region, resource, dimension and namespace of a capacity.
_Name = tuple[str, ...]


def within_limits(settings: Mapping[str, Any]) -> Truth:
    """Return whether there is room between minimum and maximum."""
    limits = [settings.get(name) for name in ("MinCapacity", "MaxCapacity")]
    if any(map(is_unknown, limits)):
        return None
    least, most = map(as_number, limits)
    return least is not None and most is not None and least < most


def tracks(settings: Any) -> Truth:  # noqa: ANN401 - a value of a template
    """Return whether target tracking keeps a utilization that DynamoDB accepts."""
    value = at(settings, _TRACKING, "TargetValue")
    target = as_number(value)
    return None if is_unknown(value) else target is not None and _LEAST_TARGET <= target <= _MOST_TARGET


class ScalableTargets:
    """Which capacities scale."""

    def __init__(self, assembly: Assembly) -> None:
        """Find all targets and their policies."""
        policies: defaultdict[_Name, list[Resource]] = defaultdict(list)
        for policy in assembly.of_type(SCALING_POLICY):
            policies[_target_of(policy)].append(policy)
        # A policy may turn out to be of any target, a target of any capacity.
        open_policy = any(is_unknown("".join(name)) for name in policies)
        self._targets: defaultdict[_Name, list[Truth]] = defaultdict(list)
        for target in assembly.of_type(SCALABLE_TARGET):
            name = _name(target)
            follows = [_follows(policy, target) for policy in (*policies[name], *policies[target.ref,])]
            self._targets[name].append(all_of(_can_grow(target), any_of([*follows, *([None] if open_policy else [])])))
        self._open = [name for name in self._targets if is_unknown("".join(name))]

    def scale(self, table: Table, index: str, dimension: str) -> Truth:
        """Return whether a capacity of a table, or of one of its indexes, scales."""
        kind, suffix = ("index", f"/index/{index}") if index else ("table", "")
        place = (table.resource.account, table.resource.region)
        name = (*place, f"table/{table.name}{suffix}", f"{_NAMESPACE}:{kind}:{dimension}", _NAMESPACE)
        if name in self._targets:
            return any_of(self._targets[name])
        return None if any(_may_be(each, name) for each in self._open) else False


def _follows(policy: Resource, target: Resource) -> Truth:
    """Return whether a policy follows the demand for the capacity of a target.

    https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html
    """
    kind = policy.properties.get("PolicyType")
    metric = at(policy.properties, _TRACKING, "PredefinedMetricSpecification", "PredefinedMetricType")
    dimension = str(target.properties.get("ScalableDimension", ""))
    capacity = dimension.rpartition(":")[2].removesuffix("Units")
    return all_of(
        None if is_unknown(kind) else kind == _FOLLOWS_DEMAND,
        None if is_unknown(metric) or is_unknown(dimension) else metric == f"DynamoDB{capacity}Utilization",
        tracks(policy.properties),
    )


def _can_grow(target: Resource) -> Truth:
    suspended = at(target.properties, "SuspendedState", "DynamicScalingOutSuspended")
    return all_of(within_limits(target.properties), None if is_unknown(suspended) else not as_bool(suspended))


def _target_of(policy: Resource) -> _Name:
    """Return the id of a policy's target, or its name."""
    target = policy.properties.get("ScalingTargetId")
    return _name(policy) if target is None else (str(target),)


def _name(resource: Resource) -> _Name:
    names = (str(resource.properties.get(name, "")) for name in ("ResourceId", "ScalableDimension", "ServiceNamespace"))
    return resource.account, resource.region, *names


def _may_be(name: _Name, other: _Name) -> bool:
    return all(is_unknown(part) or part == expected for part, expected in zip(name, other, strict=True))


_ON_DEMAND = "PAY_PER_REQUEST"
_INDEXES = "GlobalSecondaryIndexes"


@Rule(
    id="SecureDdb-OPS3",
    title="The table's capacity scales with demand",
    problem="The table's capacity does not scale with demand",
    severity=Severity.MEDIUM,
    requirements=("OPS-7",),
    controls=("PR.PT-5", *nist("CP-2(2)"), *security_hub("DynamoDB.1")),
    rationale=(
        "With fixed capacity, requests beyond it are throttled, and a throttled index blocks writes to its table."
    ),
    remedy=(
        "Use on-demand capacity, or auto scaling with a maximum above the minimum for reads and writes of the table "
        "and of each global secondary index. Have it track the predefined utilization metric of that capacity at 20 "
        "to 90 percent."
    ),
    source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html",
)
def capacity_scales(assembly: Assembly) -> Iterator[Judgement]:
    """Look at the billing mode of each table, and at each capacity that is provisioned."""
    targets = ScalableTargets(assembly)
    for table in assembly.tables:
        # Both types are provisioned unless they say otherwise.
        mode = table.resource.properties.get("BillingMode")
        source = table.resource.properties.get("GlobalTableSourceArn")
        of_source = mode is None and source is not None
        if of_source or mode == _ON_DEMAND or is_unknown(mode):
            answer = True if mode == _ON_DEMAND else None
            detail = f"BillingMode is {f'that of its source table, {shown(source)}' if of_source else shown(mode)}"
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
    """Return whether auto scaling is set up; a global table's settings contain the scaling policy."""
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
