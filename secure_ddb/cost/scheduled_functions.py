"""The cost of scheduled functions: those that watch over tables, or export them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, as_number
from secure_ddb.cost.model import Line
from secure_ddb.cost.schedule import DAYS_OF_MONTH, runs_per_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.cost.prices import Prices
    from secure_ddb.landscape.assembly import Assembly

# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html
_DEFAULT_SECONDS, _DEFAULT_MEMORY_MB = 3, 128


def scheduled_functions(assembly: Assembly) -> list[Resource]:
    """Return the functions that run on a schedule which is on."""
    functions = assembly.of_type(kinds.FUNCTION)
    return [each for each in functions if any(schedule.is_on for schedule in assembly.schedules.of(each))]


def scheduled_lines(assembly: Assembly, prices: Prices) -> Iterator[Line]:
    """Yield their monthly cost. The duration of a run is unknown; its timeout is the maximum."""
    for function in scheduled_functions(assembly):
        runs = [runs_per_day(each.times) for each in assembly.schedules.of(function) if each.is_on]
        known = [each for each in runs if each is not None]
        month = sum(known) * DAYS_OF_MONTH if len(known) == len(runs) else None
        arm = "_arm" if "arm64" in as_list(function.properties.get("Architectures")) else ""
        yield _line(function, prices, f"lambda_request{arm}", what="runs of functions on a schedule", quantity=month)
        most = _most_gb_seconds(function, month)
        detail = "" if most is None else f"at most {most:,.0f} for {function.logical_id}, if each run took its timeout"
        what = "GB-seconds of functions on a schedule"
        yield _line(function, prices, f"lambda_gb_second{arm}", what=what, quantity=None, detail=detail)


def _line(function: Resource, prices: Prices, price_name: str, **about: Any) -> Line:  # noqa: ANN401 - of several types
    region = function.region
    resources = (f"{function.template.name}/{function.logical_id}",)
    price = prices.find(price_name, region)
    return Line(price=price, price_name=price_name, region=region, resources=resources, **about)


def _most_gb_seconds(function: Resource, runs: float | None) -> float | None:
    seconds = as_number(function.properties.get("Timeout", _DEFAULT_SECONDS))
    memory = as_number(function.properties.get("MemorySize", _DEFAULT_MEMORY_MB))
    if runs is None or seconds is None or memory is None:
        return None
    return runs * seconds * memory / 1024
