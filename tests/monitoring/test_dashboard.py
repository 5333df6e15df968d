"""A dashboard shows how tables are, and the document's picture of it is what is synthesized."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_cdk import App, Stack

from secure_ddb import AlarmSettings, InvalidArgumentError, SecureTable, SharedResources, TableDashboard
from secure_ddb.cloudformation.template import Template as Read
from secure_ddb.cost.estimate import estimate
from secure_ddb.cost.prices import load_prices
from secure_ddb.judging.judge import judge
from secure_ddb.landscape.assembly import Assembly
from secure_ddb.monitoring.widgets import ShownTable, dashboard_body
from secure_ddb.rules.rule import Verdict
from tests.monitoring.dashboard_drawing import DRAWING, svg, synthesized
from tests.monitoring.making import ENVIRONMENT
from tests.orders import OWNERSHIP, PK, WAIVER, orders

TABLE = ShownTable(
    name="orders",
    indexes=["by-status"],
    key_arn="arn:aws:kms:eu-central-1:111122223333:key/1234abcd",
    function_name="audit",
    log_group_name="log",
    vault_name="vault",
)


def titles(body: dict[str, Any]) -> list[str]:
    return [widget["properties"]["title"] for widget in body["widgets"]]


def metrics_shown(body: dict[str, Any]) -> set[str]:
    return {
        line[1]
        for widget in body["widgets"]
        for line in widget["properties"].get("metrics", ())
        if len(line) > 1 and isinstance(line[1], str)
    }


def both(**settings: Any) -> Assembly:
    """Return two tables with their dashboard, of which one uses shared resources."""
    app = App()
    stack = Stack(app, "Test", env=ENVIRONMENT)
    shared = SharedResources(stack, "Shared", ownership=OWNERSHIP, alarms=AlarmSettings(**settings))
    carts = SecureTable(stack, "Carts", partition_key=PK, ownership=OWNERSHIP, shared_resources=shared)
    TableDashboard(stack, "Dashboard", tables=[orders(stack), carts], ownership=OWNERSHIP, shared_resources=shared)
    template = app.synth().get_stack_by_name("Test").template
    return Assembly([Read(name="Test", body=template, account="111122223333", region="eu-central-1")])


def test_it_shows_what_the_requirement_names() -> None:
    said = " ".join(titles(dashboard_body([TABLE], ["arn:alarm"], "eu-central-1"))).lower()
    for word in ("alarms", "traffic", "throttles", "latency", "errors", "cost", "audit lag", "backups", "age", "keys"):
        assert word in said, word


def test_metrics_are_those_of_the_table_and_of_its_parts() -> None:
    body = dashboard_body([TABLE], [], "eu-central-1")
    assert {
        "ConsumedReadCapacityUnits",
        "ReadThrottleEvents",
        "SuccessfulRequestLatency",
        "UserErrors",
        "IncomingBytes",
        "IteratorAge",
        "NumberOfBackupJobsCompleted",
        "SecondsUntilKeyMaterialExpiration",
    } <= metrics_shown(body)
    text = json.dumps(body)
    assert 'MetricName=\\"SystemErrors\\" \\"orders\\"' in text
    assert "KeyArn,Operation" in text
    assert body["widgets"][-1]["properties"]["metrics"][0][2:4] == ["KeyId", "1234abcd"]


def test_widgets_do_not_overlap_and_fit_the_grid() -> None:
    places: set[tuple[int, int]] = set()
    for widget in dashboard_body([TABLE], ["arn:alarm"], "eu-central-1")["widgets"]:
        assert widget["x"] + widget["width"] <= 24
        cells = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        assert not places & cells
        places |= cells


def test_parts_that_were_left_out_are_not_asked_for() -> None:
    app = App()
    stack = Stack(app, "Test", env=ENVIRONMENT)
    table = orders(stack, audit=WAIVER, backup=WAIVER, alarms=WAIVER)
    TableDashboard(stack, "Dashboard", tables=[table], ownership=OWNERSHIP)
    body = json.dumps(app.synth().get_stack_by_name("Test").template["Resources"])
    assert "IteratorAge" not in body
    assert "NumberOfBackupJobs" not in body


def test_dashboard_of_several_tables_shows_shared_alarms_and_is_judged_for_each() -> None:
    assembly = both(health=True)
    (dashboard,) = assembly.dashboards.shown
    body = json.loads(dashboard.properties["DashboardBody"])
    alarms = body["widgets"][0]["properties"]["alarms"]
    assert len(alarms) == len(set(alarms))
    assert any("SharedUserErrors" in arn for arn in alarms)
    assert "SharedHealth" in alarms[0]
    found = [judgement for rule, judgement in judge(assembly) if rule.id == "SecureDdb-MON17"]
    assert [each.verdict for each in found] == [Verdict.MET, Verdict.MET]


def test_dashboard_has_tags_and_a_price_and_serves_its_tables() -> None:
    assembly = both()
    (dashboard,) = assembly.of_type("AWS::CloudWatch::Dashboard")
    assert len(assembly.taggable_resources[dashboard]) == 2
    found = estimate(assembly, load_prices())
    (shared,) = (line for cost in found.shared for line in cost.lines if line.what == "dashboards")
    assert shared.cost == 3
    assert "AWS::CloudWatch::Dashboard" not in found.not_estimated


def test_other_arguments_are_refused() -> None:
    stack = Stack(App(), "Test", env=ENVIRONMENT)
    table = orders(stack)
    for position, wrong in enumerate((table, [], [table] * 31, ["orders"])):
        with pytest.raises(InvalidArgumentError, match="1 to 30 SecureTables"):
            TableDashboard(stack, f"Dashboard{position}", tables=wrong, ownership=OWNERSHIP)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgumentError, match="SharedResources or None"):
        TableDashboard(stack, "Dashboard", tables=[table], ownership=OWNERSHIP, shared_resources=table)  # type: ignore[arg-type]


def test_example_shows_its_alarms_without_the_waived_one() -> None:
    body, names = synthesized()
    assert "UserErrors" not in names.values()
    assert {"Health", "CapacityUse", "BulkLatency", "UnusualReads", "Unused"} <= set(names.values())
    assert set(body["widgets"][0]["properties"]["alarms"]) == set(names)


def test_picture_in_the_documents_is_up_to_date() -> None:
    assert DRAWING.read_text(encoding="utf-8") == svg(), "make snapshots writes docs/dashboard.svg"
