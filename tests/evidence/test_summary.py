"""The summary leaves nothing out and prints what it is given as it is."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from secure_ddb.evidence.model import ControlFacts, PackFacts, Status, WaivedBy
from secure_ddb.evidence.summary import print_summary
from tests.evidence.facts import TRIAL, evidence_with, finding, stack_with, table_with

if TYPE_CHECKING:
    from secure_ddb.evidence.model import Evidence

WIDE = 400


def summary(evidence: Evidence, width: int = WIDE) -> str:
    output = StringIO()
    print_summary(evidence, Path("some/where/cdk.out"), Console(file=output, width=width, highlight=False))
    return output.getvalue()


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def test_every_stack_is_named_with_what_it_holds() -> None:
    results = [finding(), finding(reason="a"), finding(reason="b"), finding(status=Status.MET)]

    printed = lines(summary(evidence_with(stack_with(resources=12), stack_with("Prod/Orders", 345), results=results)))

    headings = [line.rstrip("─ ") for line in printed if line.endswith("─")]
    assert headings == ["Orders", "Prod/Orders", "result"]
    assert "12 resources, 1 finding, 2 waived, Orders.template.json" in printed
    assert "345 resources, 0 findings, 0 waived, ProdOrders.template.json" in printed


def test_every_finding_is_named_with_rule_construct_and_description() -> None:
    findings = [
        finding("R1", "Orders/A"),
        finding("R1", "Orders/B", key="GetItem"),
        finding("R2", "Orders/A", detail="it is not there"),
    ]

    printed = lines(summary(evidence_with(results=findings)))

    for name, description in (
        ("R1 on Orders/A", "R1 wants more"),
        ("R1[GetItem] on Orders/B", "R1 wants more"),
        ("R2 on Orders/A", "R2 wants more: it is not there"),
    ):
        assert printed[printed.index(f"finding: {name}") + 1] == description


def test_resource_whose_construct_is_unknown_is_named_by_its_template() -> None:
    result = finding("R1", "", template="assembly-Prod/Orders.template.json", logical_id="Key")

    assert "finding: R1 on assembly-Prod/Orders.template.json/Key" in lines(summary(evidence_with(results=[result])))


def test_finding_outside_of_every_stack_is_named_and_counted() -> None:
    results = [finding("Lost", "", stack=""), finding("Waived", "Prod", "because", stack="")]

    printed = lines(summary(evidence_with(results=results)))

    assert "finding: Lost on" in printed
    assert "waived: Waived" in printed
    assert "1 finding to fix or to waive, 1 waived, 1 stack" in printed


def test_result_counts_findings_of_all_stacks() -> None:
    results = [finding(), finding(), finding(stack="B"), finding(stack="")]

    printed = lines(summary(evidence_with(stack_with(), stack_with("B"), results=results)))

    assert "4 findings to fix or to waive, 0 waived, 2 stacks" in printed


def test_result_without_findings_says_so() -> None:
    results = [*[finding(reason="because")] * 2, finding(reason="x", stack="B")]

    printed = lines(summary(evidence_with(stack_with(), stack_with("B"), results=results)))

    assert "no open findings, 3 waived, 2 stacks" in printed
    assert "missing" not in {line.rstrip("─ ") for line in printed}


def test_result_counts_what_is_met_and_what_cannot_be_verified() -> None:
    statuses = (Status.MET, Status.MET, Status.NOT_VERIFIABLE, Status.MANUAL, Status.MANUAL, Status.MANUAL)
    results = [finding(status=status) for status in statuses]

    assert "2 met, 1 not verifiable, 3 manual" in lines(summary(evidence_with(results=results)))


def test_what_is_missing_of_the_evidence_is_said_and_counted() -> None:
    printed = lines(summary(evidence_with(problems=("no report", "[bold] broke down"))))

    assert "problem: no report" in printed
    assert "problem: [bold] broke down" in printed
    assert "no open findings, 0 waived, 1 stack, 2 problems" in printed


def test_packs_are_named_and_those_that_broke_down_are_told_apart() -> None:
    packs = (PackFacts(name="SecureDdb"), PackFacts(name="[bold]", succeeded=False))

    assert "packs: SecureDdb, [bold] (broke down)" in lines(summary(evidence_with(packs=packs)))


def test_controls_are_counted_the_worst_first() -> None:
    statuses = (Status.MET, Status.NOT_MET, Status.MET, Status.MANUAL)
    controls = tuple(ControlFacts(catalogue="C", id="1", title="t", status=status) for status in statuses)

    assert "controls: 1 not met, 1 manual, 2 met" in lines(summary(evidence_with(controls=controls)))
    assert "controls" not in summary(evidence_with())


def test_result_says_where_the_files_are_in_one_line_however_narrow_the_terminal() -> None:
    assert "templates and evidence: some/where/cdk.out" in lines(summary(evidence_with(), width=20))


def test_reason_of_waivers_stands_once_with_all_its_rules_and_constructs() -> None:
    waived = [
        finding("R1", "Orders/A", "one reason"),
        finding("R2", "Orders/A", "one reason"),
        finding("R1", "Orders/B", "one reason"),
        finding("R3", "Orders/A", "another reason"),
    ]

    printed = lines(summary(evidence_with(results=waived)))

    assert [printed.count(reason) for reason in ("one reason", "another reason")] == [1, 1]
    place = printed.index("one reason")
    assert printed[place - 4 : place] == ["waived: R1, R2", "on Orders/A", "waived: R1", "on Orders/B"]
    place = printed.index("another reason")
    assert printed[place - 2 : place] == ["waived: R3", "on Orders/A"]


def test_waiver_says_who_approved_it_and_until_when() -> None:
    printed = lines(summary(evidence_with(results=[finding(status=Status.WAIVED, waived_by=TRIAL)])))

    assert "a trial (approved by SEC-1, expires 2030-06-30)" in printed


def test_reason_stands_in_each_stack_that_needs_it() -> None:
    results = [finding(reason="one reason", stack=name) for name in ("A", "B")]

    printed = lines(summary(evidence_with(stack_with("A"), stack_with("B"), results=results)))

    assert printed.count("one reason") == 2


def test_what_cannot_be_verified_of_several_constructs_is_said_once() -> None:
    results = [finding("R1", path, status=Status.NOT_VERIFIABLE) for path in ("Orders/A", "Orders/B")]

    printed = lines(summary(evidence_with(results=results)))

    place = printed.index("not verifiable: R1 on Orders/A, Orders/B")
    assert printed[place + 1] == "R1 wants more"
    assert printed.count("R1 wants more") == 1


def test_table_is_named_with_its_classification_in_its_stack_only() -> None:
    printed = lines(summary(evidence_with(stack_with(), stack_with("Other"), tables=(table_with(),))))

    assert printed.index("table OrdersTable, restricted") == 2
    assert printed.count("table OrdersTable, restricted") == 1


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ({"ephemeral": "integration tests"}, "ephemeral: integration tests"),
        (
            {"waivers": {"Alarms (MON-1)": TRIAL}},
            "waived: Alarms (MON-1): a trial (approved by SEC-1, expires 2030-06-30)",
        ),
        ({"settings": {"alarms.latency": "25 ms (default 100 ms)"}}, "setting: alarms.latency: 25 ms (default 100 ms)"),
        (
            {"claims": {"audit.reads": "the trail organization (stated by X)"}},
            "claimed, not verified: audit.reads: the trail organization (stated by X)",
        ),
        ({"not_verifiable": ("first", "who administers the key")}, "not verifiable: who administers the key"),
    ],
)
def test_what_a_table_states_is_printed(said: dict[str, Any], line: str) -> None:
    assert line in lines(summary(evidence_with(tables=(table_with(**said),))))
    assert line not in lines(summary(evidence_with(tables=(table_with(),))))


@pytest.mark.parametrize(
    "name",
    [
        "[bold]",
        "[/]",
        "[/bold]",
        "[red]x[/red]",
        "AwsSolutions-IAM5[Resource::*]",
        "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::a/*]",
        "[link=https://example.com]x",
        "a\\[bold]",
    ],
)
def test_names_are_printed_literally(name: str) -> None:
    table = table_with(
        name=name,
        stack=name,
        classification=name,
        ephemeral=name,
        waivers={name: WaivedBy(reason=name)},
        settings={name: name},
        claims={name: name},
        not_verifiable=(name,),
    )
    stack = replace(stack_with(name, 1), template="[bold].template.json")
    found = finding(name, name, title=name, stack=name)
    results = [
        found,
        replace(found, status=Status.WAIVED, waived_by=WaivedBy(reason=name)),
        replace(found, status=Status.NOT_VERIFIABLE),
    ]

    printed = lines(summary(evidence_with(stack, results=results, tables=(table,))))

    for line in (
        f"table {name}, {name}",
        f"ephemeral: {name}",
        f"waived: {name}: {name}",
        f"setting: {name}: {name}",
        f"claimed, not verified: {name}: {name}",
        f"not verifiable: {name}",
        f"finding: {name} on {name}",
        f"not verifiable: {name} on {name}",
        f"waived: {name}",
        f"on {name}",
        "1 resource, 1 finding, 1 waived, [bold].template.json",
    ):
        assert line in printed
    # The heading, both descriptions and the waiver's reason.
    assert printed[0].rstrip("─ ") == name
    assert printed.count(name) == 3


def test_default_console_prints_names_literally(capsys: pytest.CaptureFixture[str]) -> None:
    # `:secret:` is an emoji to rich, unless it is told otherwise.
    name = "AwsSolutions-IAM5[Resource::arn:aws:secretsmanager:eu-central-1:111122223333:secret:orders-*]"

    print_summary(evidence_with(results=[finding(name)]), Path("out"))

    assert name in capsys.readouterr().out.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize("width", [20, 80])
def test_narrow_terminal_loses_nothing(width: int) -> None:
    reason = " ".join(f"word{number}" for number in range(100))
    result = finding("R1", "Orders/" + "Deep/" * 30 + "Table", reason)

    words = summary(evidence_with(results=[result]), width=width).split()

    assert [word for word in words if word.startswith("word")] == reason.split()
    assert "Deep/" * 30 + "Table" in "".join(words)
