"""Monthly charges for resources, independent of use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_bool, as_list, as_number, at, is_unknown
from secure_ddb.cost.alarm_metrics import billed_metrics
from secure_ddb.cost.model import Line
from secure_ddb.landscape.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cost.prices import Prices

SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a type
HOURS_OF_MONTH = 730

_ROTATIONS = 2
_RUN_EVERY = {"One_Hour": 1, "Three_Hours": 3, "Six_Hours": 6, "Twelve_Hours": 12, "TwentyFour_Hours": 24}
_WHAT = {
    "alarm_metric": "alarm metrics",
    "alarm_metric_high_resolution": "alarm metrics of high resolution",
    "alarm_query_metric": "alarm metrics found by queries",
}


def fixed_lines(resource: Resource, prices: Prices, tables: int = 1) -> list[Line]:
    """Return the fixed monthly cost of a resource that serves some tables."""
    if resource.type == kinds.ALARM:
        return [_line(resource, prices, **each) for each in _alarm(resource, tables)]
    make = _MAKERS.get(resource.type)
    return [] if make is None else [_line(resource, prices, **each) for each in make(resource)]


def _line(resource: Resource, prices: Prices, **line: Any) -> Line:  # noqa: ANN401 - of several types
    region = line.pop("region", resource.region)
    return Line(
        price=prices.find(line["price_name"], region),
        region=region,
        resources=(f"{resource.template.name}/{resource.logical_id}",),
        **line,
    )


def _key(key: Resource) -> Iterator[dict[str, Any]]:
    yield {"what": "KMS keys", "quantity": 1, "price_name": "kms_key"}
    rotates = key.properties.get("EnableKeyRotation")
    if is_unknown(rotates):
        yield _rotations(None)
    elif as_bool(rotates):
        yield _rotations(_ROTATIONS)


def _rotations(quantity: int | None) -> dict[str, Any]:
    return {"what": "rotations of KMS keys", "quantity": quantity, "price_name": "kms_key", "after_rotations": True}


def _alarm(alarm: Resource, tables: int) -> Iterator[dict[str, Any]]:
    for billed in billed_metrics(alarm.properties, tables):
        yield {
            "what": _WHAT[billed.price_name],
            "quantity": billed.metrics,
            "price_name": billed.price_name,
            "detail": billed.detail,
        }


def _composite_alarm(_: Resource) -> Iterator[dict[str, Any]]:
    yield {"what": "composite alarms", "quantity": 1, "price_name": "composite_alarm"}


def _dashboard(_: Resource) -> Iterator[dict[str, Any]]:
    yield {"what": "dashboards", "quantity": 1, "price_name": "dashboard", "detail": "three of an account are free"}


def _config_rule(rule: Resource) -> Iterator[dict[str, Any]]:
    """Yield the evaluations of a rule: of one resource for each run, or when something changes."""
    hours = _RUN_EVERY.get(str(rule.properties.get("MaximumExecutionFrequency")))
    yield {
        "what": "evaluations of AWS Config rules",
        "quantity": HOURS_OF_MONTH / hours if hours else None,
        "price_name": "config_rule_evaluation",
        "detail": "of one resource" if hours else "one for each change of a resource",
    }


def _recorder(recorder: Resource) -> Iterator[dict[str, Any]]:
    """Yield the records of an AWS Config recorder, of unknown number."""
    is_daily = at(recorder.properties, "RecordingMode", "RecordingFrequency") == "DAILY"
    yield {
        "what": "configuration items of AWS Config",
        "quantity": None,
        "price_name": "configuration_item_daily" if is_daily else "configuration_item",
        "detail": "one a day for each resource that changed" if is_daily else "one for each change of a resource",
    }


def _hook(_: Resource) -> Iterator[dict[str, Any]]:
    yield {
        "what": "operations of CloudFormation Hooks",
        "quantity": None,
        "price_name": "hook_operation",
        "detail": "one for each table that is created or changed; 1,000 a month are free",
    }


def _endpoint(endpoint: Resource) -> Iterator[dict[str, Any]]:
    kind = endpoint.properties.get("VpcEndpointType", "Gateway")
    if kind != "Interface":
        return
    subnets = endpoint.properties.get("SubnetIds")
    zones = len(subnets) if isinstance(subnets, list) and subnets else None
    yield {
        "what": "hours of interface endpoints",
        "quantity": None if zones is None else zones * HOURS_OF_MONTH,
        "price_name": "interface_endpoint_hour",
        "detail": "" if zones else "the number of subnets is not known",
    }


def _stream(stream: Resource) -> Iterator[dict[str, Any]]:
    if at(stream.properties, "StreamModeDetails", "StreamMode") == "ON_DEMAND":
        yield {"what": "hours of Kinesis streams", "quantity": HOURS_OF_MONTH, "price_name": "kinesis_stream_hour"}
        return
    shards = as_number(stream.properties.get("ShardCount"))
    hours = None if shards is None else shards * HOURS_OF_MONTH
    yield {"what": "hours of Kinesis shards", "quantity": hours, "price_name": "kinesis_shard_hour"}


def _secret(_: Resource) -> Iterator[dict[str, Any]]:
    yield {"what": "secrets", "quantity": 1, "price_name": "secret"}


def _table(resource: Resource) -> Iterator[dict[str, Any]]:
    """Yield the Contributor Insights of a table and its indexes, in each Region.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/contributorinsights_HowItWorks.html
    """
    table = Table(resource)
    indexes = [each for each in as_list(resource.properties.get("GlobalSecondaryIndexes")) if isinstance(each, dict)]
    of_indexes = {str(index.get("IndexName")): index for index in indexes}
    for replica in table.replicas:
        watched = [(replica.at("ContributorInsightsSpecification"), resource.properties)]
        own = as_list(replica.at("GlobalSecondaryIndexes")) if table.is_global else indexes
        watched += [
            (at(each, "ContributorInsightsSpecification"), of_indexes.get(str(at(each, "IndexName")), {}))
            for each in own
        ]
        rules = sum(_rules(insights, keyed) for insights, keyed in watched)
        if rules:
            yield {
                "what": "Contributor Insights rules",
                "quantity": rules,
                "price_name": "contributor_insights_rule",
                "region": replica.region,
            }


def _rules(insights: Any, keyed: dict[str, Any]) -> int:  # noqa: ANN401 - a value of a template
    """Return how many rules watch keys: one for each attribute of the key, two where accesses are watched too."""
    if not as_bool(at(insights, "Enabled")):
        return 0
    attributes = len(as_list(keyed.get("KeySchema"))) or 1
    return attributes if at(insights, "Mode") == "THROTTLED_KEYS" else 2 * attributes


_MAKERS: dict[str, Callable[[Resource], Iterator[dict[str, Any]]]] = {
    kinds.COMPOSITE_ALARM: _composite_alarm,
    kinds.CONFIG_RECORDER: _recorder,
    kinds.CONFIG_RULE: _config_rule,
    kinds.DASHBOARD: _dashboard,
    kinds.ENDPOINT: _endpoint,
    kinds.GLOBAL_TABLE: _table,
    kinds.GUARD_HOOK: _hook,
    kinds.KEY: _key,
    kinds.STREAM: _stream,
    kinds.TABLE: _table,
    kinds.REPLICA_KEY: _key,
    SECRET: _secret,
}
