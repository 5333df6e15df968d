"""Small apps to estimate, and prices that are easy to reckon with."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation.template import Template
from secure_ddb.cost.prices import Price, Prices, load_prices
from secure_ddb.landscape.assembly import Assembly

if TYPE_CHECKING:
    from secure_ddb.cost.model import Line

Body = dict[str, Any]
REGION = "eu-central-1"
DAY = date(2026, 1, 1)


def app(resources: Body, *, region: str = REGION, name: str = "Orders") -> Assembly:
    template = Template(
        name=name, stack_name=name, account="111122223333", region=region, body={"Resources": resources}
    )
    return Assembly([template], today=DAY)


def of(kind: str, **properties: Any) -> Body:
    return {"Type": kind, "Properties": properties}


def table(**properties: Any) -> Body:
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}]
    return of("AWS::DynamoDB::Table", **{"BillingMode": "PAY_PER_REQUEST", "KeySchema": keys, **properties})


def alarm(metric: str, namespace: str = "AWS/DynamoDB", **dimensions: Any) -> Body:
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    return of(
        "AWS::CloudWatch::Alarm",
        Namespace=namespace,
        MetricName=metric,
        Dimensions=named,
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )


def prices(**known: float) -> Prices:
    """Return prices in one Region; others of ours are not known."""
    return Prices(
        day=DAY,
        read_from="https://example.com/prices",
        by_name={
            name: Price(each.what, each.unit, each.source, each.listed_as, each.published, _regions(name, known))
            for name, each in load_prices().by_name.items()
        },
    )


def _regions(name: str, known: dict[str, float]) -> dict[str, float]:
    return {REGION: known[name]} if name in known else {}


def costs(lines: tuple[Line, ...] | list[Line]) -> dict[str, float | None]:
    return {line.what: None if line.cost is None else round(line.cost, 6) for line in lines}
