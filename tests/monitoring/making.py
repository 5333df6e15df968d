"""Templates of tables with other alarms than most tests have."""

from __future__ import annotations

from typing import Any

from aws_cdk import App, Environment, Stack

from secure_ddb import SecureTable, SharedResources
from tests.orders import OWNERSHIP, PK, orders
from tests.template import Template, text

ENVIRONMENT = Environment(account="111122223333", region="eu-central-1")


def alone(**arguments: Any) -> Template:
    """Return the template of a table that shares nothing."""
    app = App()
    orders(Stack(app, "Test", env=ENVIRONMENT), **arguments)
    return Template(app.synth().get_stack_by_name("Test").template)


def sharing(shared: dict[str, Any], **arguments: Any) -> Template:
    """Return the template of shared resources, and of a table that uses them."""
    app = App()
    stack = Stack(app, "Test", env=ENVIRONMENT)
    resources = SharedResources(stack, "Shared", **{"ownership": OWNERSHIP, **shared})
    SecureTable(
        stack,
        "Carts",
        **{"partition_key": PK, "ownership": OWNERSHIP, "shared_resources": resources, **arguments},
    )
    return Template(app.synth().get_stack_by_name("Test").template)


def metrics_of(alarm: dict[str, Any]) -> dict[str, tuple[str, str, dict[str, str]]]:
    """Return the metrics of an alarm's expression: id to name, statistic and dimensions."""
    return {
        each["Id"]: (
            each["MetricStat"]["Metric"]["MetricName"],
            each["MetricStat"]["Stat"],
            {item["Name"]: text(item["Value"]) for item in each["MetricStat"]["Metric"]["Dimensions"]},
        )
        for each in alarm["Metrics"]
        if "MetricStat" in each
    }


def expression_of(alarm: dict[str, Any]) -> str:
    """Return the expression of an alarm."""
    (found,) = (each["Expression"] for each in alarm["Metrics"] if "Expression" in each)
    return text(found)
