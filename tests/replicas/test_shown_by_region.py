"""The evidence draws each Region of a table, and the cost estimate says what each one costs."""

from __future__ import annotations

import json
from functools import cache

import pytest
from rich.console import Console

from secure_ddb.cli.cost_report import print_cost
from secure_ddb.cloudformation.template import Template
from secure_ddb.cost.estimate import estimate
from secure_ddb.cost.model import total
from secure_ddb.cost.prices import load_prices
from secure_ddb.evidence.drawing import drawing_of
from secure_ddb.evidence.model import Arrow, Flow, Part
from secure_ddb.evidence.users import Users
from secure_ddb.landscape.assembly import Assembly
from tests.replicas.test_rules_of_replicas import ACCOUNT, HERE, WEST, with_reader

AWAY = f"in {WEST}"


@cache
def assembly() -> Assembly:
    bodies = json.loads(with_reader(common=True))
    regions = {"Test": HERE, "Test-eu-west-1": WEST}
    return Assembly(
        Template(name=name, stack_name=name, body=body, account=ACCOUNT, region=regions[name])
        for name, body in bodies.items()
    )


@cache
def drawn() -> tuple[dict[str, Part], tuple[Arrow, ...]]:
    (table,) = assembly().tables
    parts, arrows = drawing_of(table, assembly(), Users(assembly()))
    return {part.id: part for part in parts}, arrows


def ends(flow: Flow) -> set[tuple[str, str]]:
    """Return the arrows of a flow by what they connect; what is in Ireland says so."""
    parts, arrows = drawn()
    named = {name: f"{part.label} away" if WEST in part.detail else part.label for name, part in parts.items()}
    return {(named[each.start], named[each.end]) for each in arrows if each.flow is flow}


def test_each_region_has_a_table_a_stream_and_what_records_its_changes() -> None:
    assert {
        ("Table", "Replica away"),
        ("Replica away", "Table"),
        ("Replica away", "Stream away"),
        ("Stream away", "Audit function away"),
        ("Audit function away", "Audit log away"),
        ("Audit function away", "Failure bucket away"),
        ("Replica away", "Backup vault away"),
        ("Table", "Backup vault"),
        ("Audit function", "Audit log"),
    } <= ends(Flow.DATA)


@pytest.mark.parametrize("flow", Flow)
def test_nothing_but_replication_leads_from_one_region_to_the_other(flow: Flow) -> None:
    across = {pair for pair in ends(flow) if pair[0].endswith("away") != pair[1].endswith("away")}
    assert across == ({("Table", "Replica away"), ("Replica away", "Table")} if flow is Flow.DATA else set())


def test_keys_and_alarms_are_those_of_the_region() -> None:
    assert {("Key away", "Replica away"), ("Digest key away", "Audit function away"), ("Key", "Table")} <= ends(
        Flow.KEY
    )
    assert {("Replica away", "Alarms away"), ("Alarms away", "Topic away"), ("Alarms", "Topic")} <= ends(Flow.ALARM)


def test_the_cost_of_each_region_is_said_and_nothing_is_left_to_no_table() -> None:
    found = estimate(assembly(), load_prices())
    (table,) = found.tables
    assert table.regions == (HERE, WEST)
    assert found.other == ()
    for lines in (table.monthly, table.per_gb, table.per_million_writes):
        there = [total([line for line in lines if line.region == region]) for region in (HERE, WEST)]
        assert all(each > 0 for each in there)
        assert sum(there) == pytest.approx(total(lines))
    # Both keys of each Region, the replica of the digest key among them.
    keys = {line.region: line.quantity for line in table.monthly if line.what == "KMS keys"}
    assert keys == {HERE: 2, WEST: 2}


def test_the_report_adds_up_each_region(capsys: pytest.CaptureFixture[str]) -> None:
    print_cost(estimate(assembly(), load_prices()), details=True, console=Console(width=200))
    printed = capsys.readouterr().out
    assert f"in {HERE}, {WEST}" in printed
    assert printed.count(f"of that in {WEST}") == 3
