"""What records who uses a table, and what keeps the audit log for longer.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/logging-using-cloudtrail.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.rules import names
from secure_ddb.rules.values import as_list, at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.rules.assembly import Assembly
    from secure_ddb.rules.resources import Resource
    from secure_ddb.rules.tables import Table

_ITEMS = "AWS::DynamoDB::Table"
_SUBSCRIPTION = "AWS::Logs::SubscriptionFilter"
_DELIVERY = "AWS::KinesisFirehose::DeliveryStream"
_DESTINATIONS = ("ExtendedS3DestinationConfiguration", "S3DestinationConfiguration")


def records(trail: Resource, table: Table) -> bool:
    """Tell whether a trail selects data events of a table's items, by its ARN or as one of all tables."""
    arns = [arn for replica in table.replicas for arn in (replica.arn, f"{replica.arn}/")]
    for selector in as_list(trail.properties.get("EventSelectors")):
        for resource in as_list(at(selector, "DataResources")):
            values = [str(value) for value in as_list(at(resource, "Values"))]
            # `arn:aws:dynamodb` stands for all tables.
            if at(resource, "Type") == _ITEMS and any(arn.startswith(value) for value in values for arn in arns):
                return True
    advanced = as_list(trail.properties.get("AdvancedEventSelectors"))
    return any(_selects(dict(_fields(selector)), arns) for selector in advanced)


def _fields(selector: Any) -> Iterator[tuple[str, dict[str, Any]]]:  # noqa: ANN401 - a value of a template
    for field in as_list(at(selector, "FieldSelectors")):
        yield str(at(field, "Field")), field


def _selects(fields: dict[str, dict[str, Any]], arns: list[str]) -> bool:
    if _ITEMS not in as_list(at(fields.get("resources.type"), "Equals")):
        return False
    chosen = fields.get("resources.ARN")
    if chosen is None:
        return True
    starts = tuple(map(str, as_list(chosen.get("StartsWith"))))
    return any(arn in as_list(chosen.get("Equals")) or arn.startswith(starts) for arn in arns)


def archives_of(log_group: Resource, assembly: Assembly) -> tuple[list[Resource], list[object]]:
    """Return the buckets that Firehose copies a log group to, and what else subscribes to it."""
    deliveries = {each.attribute("Arn"): each for each in assembly.of_type(_DELIVERY)}
    buckets, others = [], []
    for subscription in assembly.of_type(_SUBSCRIPTION):
        if assembly.find(subscription.properties.get("LogGroupName"), subscription, names.LOG_GROUP) is not log_group:
            continue
        named = subscription.properties.get("DestinationArn")
        bucket = _bucket_of(deliveries.get(str(named)), assembly)
        if bucket:
            buckets.append(bucket)
        else:
            others.append(named)
    return buckets, others


def _bucket_of(delivery: Resource | None, assembly: Assembly) -> Resource | None:
    if delivery is None:
        return None
    arns = (at(delivery.properties, name, "BucketARN") for name in _DESTINATIONS)
    found = (assembly.find(arn, delivery, names.BUCKET) for arn in arns if arn)
    return next(filter(None, found), None)
