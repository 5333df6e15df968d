"""The summary says the verdict first, in few lines, and where the rest is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from secure_ddb.evidence.model import ControlFacts, PackFacts, Status, WaivedBy
from secure_ddb.evidence.summary import print_summary
from tests.evidence.facts import TRIAL, evidence_with, finding, table_with
from tests.evidence.sample import evidence as sample

if TYPE_CHECKING:
    from secure_ddb.evidence.model import Evidence, Result

DIRECTORY = Path("some/where/cdk.out")
LONGEST = 40


def summary(evidence: Evidence, **console: Any) -> str:
    output = StringIO()
    print_summary(evidence, DIRECTORY, Console(file=output, highlight=False, **{"width": 400, **console}))
    return output.getvalue()


def lines(evidence: Evidence) -> list[str]:
    return [line.strip() for line in summary(evidence).splitlines()]


def orders(number: int = 1, **values: Any) -> Any:
    return table_with(id=f"Orders{number}/Table/Resource", **values)


def of_table(number: int = 1, rule: str = "R1", **values: Any) -> Result:
    return finding(rule, f"Orders{number}/Table", tables=(f"Orders{number}/Table/Resource",), **values)


def test_verdict_comes_first_and_the_worst_table_next() -> None:
    tables = tuple(map(orders, (1, 2, 3)))
    results = [
        of_table(1, status=Status.MET),
        of_table(2, severity="low"),
        of_table(3, severity="critical"),
        of_table(3, severity="low"),
        of_table(1, status=Status.NOT_VERIFIABLE),
    ]

    printed = lines(evidence_with(tables=tables, results=results))

    assert printed[:4] == [
        "Not OK: 2 of 3 tables have open findings; 3 open (1 critical, 2 low), 1 not verifiable",
        "not OK  Orders3  2 open (1 critical, 1 low)",
        "not OK  Orders2  1 open (1 low)",
        "OK      Orders1  1 not verifiable",
    ]


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ({"results": [of_table(status=Status.MET)]}, "OK: no open findings in 1 table"),
        ({"results": [of_table()]}, "Not OK: the table has open findings; 1 open (1 high)"),
        ({"results": []}, "Incomplete: 1 table had no rule to check"),
        (
            {"results": [of_table(status=Status.MET)], "problems": ("no report",)},
            "Incomplete: no open findings, but not everything was checked",
        ),
        ({"results": [of_table()], "problems": ("no report",)}, "Not OK: the table has open findings; 1 open (1 high)"),
        (
            {"results": [of_table(status=Status.MET), finding(stack="")]},
            "Not OK: open findings outside of the tables; 1 open (1 high)",
        ),
        ({"results": [], "tables": ()}, "No tables: no open findings, and no table to check"),
    ],
)
def test_verdict_on_all(said: dict[str, Any], verdict: str) -> None:
    assert lines(evidence_with(**{"tables": (orders(),), **said}))[0] == verdict


def test_a_table_is_incomplete_where_a_check_is_missing() -> None:
    evidence = evidence_with(tables=(orders(),), results=[of_table(status=Status.MET)], problems=("no report",))

    assert "incomplete  Orders1" in lines(evidence)
    assert "problem: no report" in lines(evidence)


def test_findings_of_a_rule_are_one_line_the_most_severe_first() -> None:
    results = [
        of_table(1, "R1", severity="low", detail="it is off"),
        of_table(2, "R1", severity="low", detail="it is off"),
        of_table(1, "R2", severity="critical", key="eu-west-1"),
        of_table(2, "R3", severity="info", detail="no first one"),
        of_table(2, "R3", severity="info", detail="no second one"),
    ]

    printed = lines(evidence_with(results=results))

    place = printed.index("Open findings (5): fix them, or have them waived")
    assert printed[place + 1 : place + 4] == [
        "critical R2[eu-west-1] on Orders1/Table: R2 wants more",
        "low R1 on Orders1/Table and 1 more: R1 wants more: it is off",
        "info R3 on Orders2/Table: R3 wants more: no first one (and 1 more)",
    ]


def test_waivers_of_people_say_approver_and_expiry_and_those_without_come_first() -> None:
    table = orders(waivers={"Alarms (MON-1)": TRIAL})
    results = [of_table(status=Status.WAIVED, waived_by=TRIAL), of_table(reason="no time")]

    printed = lines(evidence_with(tables=(table,), results=results))

    assert printed[1] == "OK  Orders1  2 waivers (next expiry 2030-06-30, 1 without an approver)"
    place = printed.index("Waivers (2)")
    assert printed[place + 1 : place + 3] == [
        "1 finding: no time (no approver recorded, no expiry)",
        "Alarms (MON-1) of Orders1, 1 finding: a trial (approved by SEC-1, expires 2030-06-30)",
    ]


def test_what_is_accepted_by_design_is_no_waiver() -> None:
    printed = lines(evidence_with(tables=(orders(),), results=[of_table(reason="it does not fit", by_design=True)]))

    assert printed[:2] == ["OK: no open findings in 1 table", "OK  Orders1"]
    assert "Results: 1 accepted by design" in printed
    assert "it does not fit" not in "".join(printed)


def test_what_people_show_is_no_failure_and_stands_apart() -> None:
    statuses = (Status.NOT_MET, Status.MET, Status.MANUAL, Status.MANUAL)
    controls = tuple(ControlFacts(catalogue="C", id="1", title="t", status=status) for status in statuses)

    printed = lines(evidence_with(results=[of_table(status=Status.MANUAL)], tables=(orders(),), controls=controls))

    assert printed[0] == "OK: no open findings in 1 table"
    assert "Results: 1 need manual evidence" in printed
    assert "Controls: 1 not met, 1 met; 2 need manual evidence" in printed


def test_a_control_that_only_the_library_waived_is_not_waived_by_people() -> None:
    results = [of_table(reason="it does not fit", by_design=True), of_table(reason="no time")]
    control = ControlFacts(catalogue="C", id="1", title="t", status=Status.WAIVED, results=(0,))
    controls = (control, replace(control, results=(0, 1)), replace(control, manual="show it"))

    printed = lines(evidence_with(results=results, controls=controls))

    assert "Controls: 1 waived, 1 accepted by design; 1 need manual evidence" in printed


def test_checks_that_ran_without_findings_are_told_from_those_that_did_not_run() -> None:
    packs = (
        PackFacts(name="SecureDdb", rules=5, not_applicable=("A", "B")),
        PackFacts(name="AwsSolutions"),
        PackFacts(name="[bold]", succeeded=False),
        PackFacts(name="CloudFormation Validate", ran=False),
    )

    (checks,) = (
        line for line in lines(evidence_with(packs=packs, results=[of_table(pack="SecureDdb")])) if "Checks" in line
    )

    assert checks == (
        "Checks: ran: SecureDdb (3 of 5 rules apply); ran without findings: AwsSolutions; broke down: [bold]; "
        "did not run: CloudFormation Validate; did not run, or found nothing: HIPAA.Security, NIST.800.53.R4, "
        "NIST.800.53.R5, PCI.DSS.321, Serverless"
    )


def crowded() -> Evidence:
    """Return three tables with more of everything than anybody reads."""
    results = [
        of_table(number, f"R{rule}", status=status, reason="", waived_by=waived_by, detail=f"seen {rule}")
        for number in (1, 2, 3)
        for rule in range(60)
        for status, waived_by in (
            (Status.NOT_MET, None),
            (Status.NOT_VERIFIABLE, None),
            (Status.WAIVED, WaivedBy(reason=f"reason {rule}", approved_by="A", expires=date(2030, 1, 1))),
        )
    ]
    problems = tuple(f"problem {number}" for number in range(30))
    controls = tuple(ControlFacts(catalogue="C", id="1", title="t", status=status) for status in Status)
    return evidence_with(
        tables=tuple(map(orders, (1, 2, 3))),
        results=[*results, finding(stack="")],
        problems=problems,
        controls=controls,
        packs=(PackFacts(name="A"), PackFacts(name="B", succeeded=False), PackFacts(name="C", ran=False)),
    )


def test_summary_of_three_tables_has_at_most_40_lines() -> None:
    printed = lines(crowded())

    assert len(printed) <= LONGEST
    assert "and 26 more problems" in printed
    assert "and 50 more kinds of findings" in printed
    assert "and 56 more waivers" in printed
    assert printed[-1] == f"Details: {DIRECTORY}/evidence.html, or: secure-ddb report --details {DIRECTORY}"


def test_of_many_tables_the_worst_are_named() -> None:
    printed = lines(sample(tables=200))

    assert printed[0].startswith("Not OK: 100 of 200 tables have open findings")
    assert "and 189 more tables: 89 not OK, 100 incomplete" in printed
    assert len(printed) <= LONGEST


@pytest.mark.parametrize("width", [20, 80])
def test_without_a_terminal_no_line_is_wrapped_or_cut(width: int) -> None:
    assert summary(crowded(), width=width) == summary(crowded(), width=4000)


def test_a_narrow_terminal_loses_nothing() -> None:
    wide, narrow = summary(crowded()), summary(crowded(), width=30, force_terminal=True, color_system=None)

    assert "".join(narrow.split()) == "".join(wide.split())
    assert max(map(len, narrow.splitlines())) <= 30


@pytest.mark.parametrize("name", ["[bold]", "[/]", "[red]x[/red]", "AwsSolutions-IAM5[Resource::*]", "a\\[bold]"])
def test_names_are_printed_literally(name: str) -> None:
    waiver = WaivedBy(reason=name, approved_by=name)
    table = orders(waivers={name: waiver})
    results = [
        of_table(rule=name, title=name, severity=name),
        of_table(status=Status.WAIVED, waived_by=waiver),
        finding(name, name, stack=name, detail=name),
    ]

    printed = lines(evidence_with(results=results, tables=(replace(table, id=name),), problems=(name,)))

    for line in (
        f"problem: {name}",
        f"{name} {name} on Orders1/Table: {name}",
        f"high {name} on {name}: {name} wants more: {name}",
        f"{name} of {name}, 1 finding: {name} (approved by {name}, no expiry)",
    ):
        assert line in printed
    assert any(line.startswith(f"incomplete  {name}") for line in printed)
