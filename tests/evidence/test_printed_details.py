"""The details leave nothing out and print what they are given as it is."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from secure_ddb.evidence.details import print_details
from secure_ddb.evidence.model import Status, WaivedBy
from tests.evidence.facts import TRIAL, evidence_with, finding, stack_with, table_with

if TYPE_CHECKING:
    from secure_ddb.evidence.model import Evidence

WIDE = 400
NOBODY = "(no approver recorded, no expiry)"
ONE, ANOTHER = f"one reason {NOBODY}", f"another reason {NOBODY}"


def details(evidence: Evidence, width: int = WIDE) -> str:
    output = StringIO()
    print_details(evidence, Console(file=output, width=width, highlight=False))
    return output.getvalue()


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def test_every_stack_is_named_with_what_it_holds() -> None:
    results = [finding(), finding(reason="a"), finding(reason="b"), finding(status=Status.MET)]

    printed = lines(details(evidence_with(stack_with(resources=12), stack_with("Prod/Orders", 345), results=results)))

    assert [line for line in printed if "resources, " in line] == [
        "Orders: 12 resources, 1 open finding, 2 waived, 0 accepted by design, Orders.template.json",
        "Prod/Orders: 345 resources, 0 open findings, 0 waived, 0 accepted by design, ProdOrders.template.json",
    ]


def test_every_finding_is_named_with_rule_construct_and_description() -> None:
    findings = [
        finding("R1", "Orders/A"),
        finding("R1", "Orders/B", key="GetItem"),
        finding("R2", "Orders/A", detail="it is not there"),
    ]

    printed = lines(details(evidence_with(results=findings)))

    for name, description in (
        ("R1 on Orders/A", "R1 wants more"),
        ("R1[GetItem] on Orders/B", "R1 wants more"),
        ("R2 on Orders/A", "R2 wants more: it is not there"),
    ):
        assert printed[printed.index(f"finding: {name}") + 1] == description


def test_resource_whose_construct_is_unknown_is_named_by_its_template() -> None:
    result = finding("R1", "", template="assembly-Prod/Orders.template.json", logical_id="Key")

    assert "finding: R1 on assembly-Prod/Orders.template.json/Key" in lines(details(evidence_with(results=[result])))


def test_what_is_missing_of_the_evidence_is_said() -> None:
    printed = lines(details(evidence_with(problems=("no report", "[bold] broke down"))))

    assert "problem: no report" in printed
    assert "problem: [bold] broke down" in printed


def test_reason_of_waivers_stands_once_with_all_its_rules_and_constructs() -> None:
    waived = [
        finding("R1", "Orders/A", "one reason"),
        finding("R2", "Orders/A", "one reason"),
        finding("R1", "Orders/B", "one reason"),
        finding("R3", "Orders/A", "another reason"),
    ]

    printed = lines(details(evidence_with(results=waived)))

    assert [printed.count(reason) for reason in (ONE, ANOTHER)] == [1, 1]
    place = printed.index(ONE)
    assert printed[place - 4 : place] == ["waived: R1, R2", "on Orders/A", "waived: R1", "on Orders/B"]
    place = printed.index(ANOTHER)
    assert printed[place - 2 : place] == ["waived: R3", "on Orders/A"]


def test_waiver_says_who_approved_it_and_until_when() -> None:
    printed = lines(details(evidence_with(results=[finding(status=Status.WAIVED, waived_by=TRIAL)])))

    assert "a trial (approved by SEC-1, expires 2030-06-30)" in printed


def test_reason_stands_in_each_stack_that_needs_it() -> None:
    results = [finding(reason="one reason", stack=name) for name in ("A", "B")]

    printed = lines(details(evidence_with(stack_with("A"), stack_with("B"), results=results)))

    assert printed.count(ONE) == 2


def test_what_cannot_be_verified_of_several_constructs_is_said_once() -> None:
    results = [finding("R1", path, status=Status.NOT_VERIFIABLE) for path in ("Orders/A", "Orders/B")]

    printed = lines(details(evidence_with(results=results)))

    place = printed.index("not verifiable: R1 on Orders/A, Orders/B")
    assert printed[place + 1] == "R1 wants more"
    assert printed.count("R1 wants more") == 1


def test_table_is_named_with_its_classification_in_its_stack_only() -> None:
    printed = lines(details(evidence_with(stack_with(), stack_with("Other"), tables=(table_with(),))))

    assert printed.index("table OrdersTable, restricted") == 1
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
    assert line in lines(details(evidence_with(tables=(table_with(**said),))))
    assert line not in lines(details(evidence_with(tables=(table_with(),))))


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

    printed = lines(details(evidence_with(stack, results=results, tables=(table,))))

    for line in (
        f"table {name}, {name}",
        f"ephemeral: {name}",
        f"waived: {name}: {name} {NOBODY}",
        f"setting: {name}: {name}",
        f"claimed, not verified: {name}: {name}",
        f"not verifiable: {name}",
        f"finding: {name} on {name}",
        f"not verifiable: {name} on {name}",
        f"waived: {name}",
        f"on {name}",
        f"{name}: 1 resource, 1 open finding, 1 waived, 0 accepted by design, [bold].template.json",
    ):
        assert line in printed
    # Both descriptions, and the waiver's reason.
    assert [printed.count(name), printed.count(f"{name} {NOBODY}")] == [2, 1]


def test_default_console_prints_names_literally(capsys: pytest.CaptureFixture[str]) -> None:
    # `:secret:` is an emoji to rich, unless it is told otherwise.
    name = "AwsSolutions-IAM5[Resource::arn:aws:secretsmanager:eu-central-1:111122223333:secret:orders-*]"

    print_details(evidence_with(results=[finding(name)]))

    assert f"finding: {name} on " in capsys.readouterr().out


@pytest.mark.parametrize("terminal", [True, False])
def test_narrow_terminal_loses_nothing_and_a_log_has_each_line_as_one(*, terminal: bool) -> None:
    reason = " ".join(f"word{number}" for number in range(100))
    result = finding("R1", "Orders/" + "Deep/" * 30 + "Table", reason)
    output = StringIO()

    print_details(
        evidence_with(results=[result]), Console(file=output, width=20, force_terminal=terminal, color_system=None)
    )

    text = output.getvalue()
    assert [word for word in text.split() if word.startswith("word")] == reason.split()
    assert "Deep/" * 30 + "Table" in "".join(text.split())
    assert (f"    {reason} {NOBODY}" in text.splitlines()) is not terminal
    assert any(len(line) > 20 for line in text.splitlines()) is not terminal


def test_what_is_accepted_by_design_is_apart_and_needs_no_approver() -> None:
    by_design = finding("R2", reason="it does not fit", by_design=True)

    printed = lines(details(evidence_with(results=[finding("R1", reason="one reason"), by_design])))

    assert printed[0].startswith("Orders: 7 resources, 0 open findings, 1 waived, 1 accepted by design, ")
    assert printed[1:] == [
        "waived: R1",
        "on Orders/Table",
        ONE,
        "accepted by design: R2",
        "on Orders/Table",
        "it does not fit",
    ]
