"""The summary leaves nothing out and prints what it is given as it is."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from secure_ddb.synthesis.report import Finding, Report, StackReport, TableFacts
from secure_ddb.synthesis.summary import print_summary

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDE = 400


def stack_with(
    path: str = "Orders",
    *,
    resources: int = 7,
    tables: Sequence[TableFacts] = (),
    findings: Sequence[Finding] = (),
    waived: Sequence[Finding] = (),
) -> StackReport:
    return StackReport(
        path=path,
        template_file=Path(f"{path.replace('/', '')}.template.json"),
        resources=resources,
        tables=tables,
        findings=list(findings),
        waived=list(waived),
    )


def table_with(evidence: dict[str, Any]) -> StackReport:
    return stack_with(tables=[TableFacts(name="OrdersTable", classification="restricted", evidence=evidence)])


def finding(rule: str = "R1", construct: str = "Orders/Table", reason: str = "") -> Finding:
    return Finding(rule=rule, construct=construct, description=f"{rule} wants more", reason=reason)


def summary(*stacks: StackReport, elsewhere: Sequence[Finding] = (), width: int = WIDE) -> str:
    output = StringIO()
    report = Report(directory=Path("some/where/cdk.out"), stacks=stacks, elsewhere=elsewhere)
    print_summary(report, Console(file=output, width=width, highlight=False))
    return output.getvalue()


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def test_every_stack_is_named_with_what_it_holds() -> None:
    printed = lines(
        summary(
            stack_with("Orders", resources=12, findings=[finding()], waived=[finding(reason="a"), finding(reason="b")]),
            stack_with("Prod/Orders", resources=345),
        )
    )

    headings = [line.rstrip("─ ") for line in printed if line.endswith("─")]
    assert headings == ["Orders", "Prod/Orders", "result"]
    assert "12 resources, 1 findings, 2 waived, Orders.template.json" in printed
    assert "345 resources, 0 findings, 0 waived, ProdOrders.template.json" in printed


def test_every_finding_is_named_with_rule_construct_and_description() -> None:
    findings = [finding("R1", "Orders/A"), finding("R1", "Orders/B"), finding("R2", "Orders/A")]

    printed = lines(summary(stack_with(findings=findings)))

    for rule, construct in (("R1", "Orders/A"), ("R1", "Orders/B"), ("R2", "Orders/A")):
        place = printed.index(f"finding: {rule} on {construct}")
        assert printed[place + 1] == f"{rule} wants more"


def test_finding_outside_of_every_stack_is_named_and_counted() -> None:
    printed = lines(summary(stack_with(), elsewhere=[finding("Broken pack", "")]))

    assert any(line.startswith("finding: Broken pack") for line in printed)
    assert "1 findings to fix or to waive, 0 waived, 1 stacks" in printed


def test_result_counts_findings_of_all_stacks() -> None:
    stacks = [stack_with("A", findings=[finding(), finding()]), stack_with("B", findings=[finding()])]

    assert "4 findings to fix or to waive, 0 waived, 2 stacks" in lines(summary(*stacks, elsewhere=[finding()]))


def test_result_without_findings_says_so() -> None:
    stacks = [stack_with("A", waived=[finding(reason="because")] * 2), stack_with("B", waived=[finding(reason="x")])]

    assert "no open findings, 3 waived, 2 stacks" in lines(summary(*stacks))


def test_result_says_where_the_files_are_in_one_line_however_narrow_the_terminal() -> None:
    assert "templates and validation-report.json: some/where/cdk.out" in lines(summary(stack_with(), width=20))


def test_reason_of_waivers_stands_once_with_all_its_rules_and_constructs() -> None:
    waived = [
        finding("R1", "Orders/A", "one reason"),
        finding("R2", "Orders/A", "one reason"),
        finding("R1", "Orders/B", "one reason"),
        finding("R3", "Orders/A", "another reason"),
    ]

    printed = lines(summary(stack_with(waived=waived)))

    assert [printed.count(reason) for reason in ("one reason", "another reason")] == [1, 1]
    place = printed.index("one reason")
    assert printed[place - 4 : place] == ["waived: R1, R2", "on Orders/A", "waived: R1", "on Orders/B"]
    place = printed.index("another reason")
    assert printed[place - 2 : place] == ["waived: R3", "on Orders/A"]


def test_reason_stands_in_each_stack_that_needs_it() -> None:
    stacks = [stack_with(path, waived=[finding(reason="one reason")]) for path in ("A", "B")]

    assert lines(summary(*stacks)).count("one reason") == 2


def test_table_is_named_with_its_classification() -> None:
    assert "table OrdersTable, restricted" in lines(summary(table_with({})))


@pytest.mark.parametrize(
    ("evidence", "line"),
    [
        ({"ephemeral": "integration tests"}, "ephemeral: integration tests"),
        ({"waivers": {"Alarms (MON-1)": "a trial (approved by X)"}}, "waived: Alarms (MON-1): a trial (approved by X)"),
        ({"settings": {"alarms.latency": "25 ms (default 100 ms)"}}, "setting: alarms.latency: 25 ms (default 100 ms)"),
        (
            {"claims": {"audit.reads": "the trail organization (stated by X)"}},
            "claimed, not verified: audit.reads: the trail organization (stated by X)",
        ),
        ({"not_verifiable": ["first", "who administers the key"]}, "not verifiable: who administers the key"),
    ],
)
def test_table_s_evidence_is_printed(evidence: dict[str, Any], line: str) -> None:
    assert line in lines(summary(table_with(evidence)))
    assert line not in lines(summary(table_with({})))


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
    texts = {
        "ephemeral": name,
        "waivers": {name: name},
        "settings": {name: name},
        "claims": {name: name},
        "not_verifiable": [name],
    }
    stack = StackReport(
        path=name,
        template_file=Path("[bold].template.json"),
        resources=1,
        tables=[TableFacts(name=name, classification=name, evidence=texts)],
        findings=[Finding(rule=name, construct=name, description=name)],
        waived=[Finding(rule=name, construct=name, description="", reason=name)],
    )

    printed = lines(summary(stack))

    for line in (
        f"table {name}, {name}",
        f"ephemeral: {name}",
        f"waived: {name}: {name}",
        f"setting: {name}: {name}",
        f"claimed, not verified: {name}: {name}",
        f"not verifiable: {name}",
        f"finding: {name} on {name}",
        f"waived: {name}",
        f"on {name}",
        "1 resources, 1 findings, 1 waived, [bold].template.json",
    ):
        assert line in printed
    # The heading, the finding's description and the waiver's reason.
    assert printed[0].rstrip("─ ") == name
    assert printed.count(name) == 2


def test_default_console_prints_names_literally(capsys: pytest.CaptureFixture[str]) -> None:
    # `:secret:` is an emoji to rich, unless it is told otherwise.
    name = "AwsSolutions-IAM5[Resource::arn:aws:secretsmanager:eu-central-1:111122223333:secret:orders-*]"
    report = Report(directory=Path("out"), stacks=[stack_with(findings=[finding(name)])], elsewhere=[])

    print_summary(report)

    assert name in capsys.readouterr().out.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize("width", [20, 80])
def test_narrow_terminal_loses_nothing(width: int) -> None:
    reason = " ".join(f"word{number}" for number in range(100))
    stack = stack_with(waived=[finding("R1", "Orders/" + "Deep/" * 30 + "Table", reason)])

    words = summary(stack, width=width).split()

    assert [word for word in words if word.startswith("word")] == reason.split()
    assert "Deep/" * 30 + "Table" in "".join(words)
