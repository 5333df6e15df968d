"""The page says first whether tables are OK, and keeps apart what is no failure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.evidence.model import ControlFacts, PackFacts, Status, WaivedBy
from secure_ddb.evidence.page import page
from tests.evidence.facts import JUDGED_ON, TRIAL, evidence_with, finding, table_with
from tests.evidence.page.html import read
from tests.evidence.sample import BY_DESIGN, evidence

if TYPE_CHECKING:
    from secure_ddb.evidence.model import Evidence, Result
    from tests.evidence.page.html import Element

NONE = "\N{EN DASH}"
TABLE = table_with(id="Orders/Table/Resource", classification="internal")


def of_table(rule: str = "R1", **values: Any) -> Result:
    return finding(rule, "Orders/Table/Resource", tables=(TABLE.id,), **values)


def section(name: str, evidence: Evidence) -> Element:
    return read(page(evidence)).one("section", id=name)


def verdicts(evidence: Evidence) -> list[list[str]]:
    """Return the cells of each row of the first table."""
    (body, *_) = section("summary", evidence).all("tbody")
    return [[cell.text for cell in row.all() if cell.tag in ("th", "td")] for row in body.all("tr")]


def test_summary_is_the_first_section_and_begins_with_the_verdict() -> None:
    tree = read(page(evidence_with(tables=(TABLE,), results=[of_table()])))
    first = next(tree.one("main").all())
    assert (first.tag, first.attributes["id"]) == ("section", "summary")
    assert next(first.all()).text == "Not OK: the table has open findings"


@pytest.mark.parametrize(
    ("results", "problems", "verdict"),
    [
        ([of_table(status=Status.MET)], (), "OK"),
        ([of_table(status=Status.MANUAL), of_table(status=Status.NOT_VERIFIABLE)], (), "OK"),
        ([of_table(reason="no time"), of_table(reason="it does not fit", by_design=True)], (), "OK"),
        ([of_table(status=Status.MET)], ("no report",), "incomplete"),
        ([of_table()], ("no report",), "not OK"),
        ([], (), "not checked"),
    ],
)
def test_each_table_has_a_verdict(results: list[Result], problems: tuple[str, ...], verdict: str) -> None:
    (row,) = verdicts(evidence_with(tables=(TABLE,), results=results, problems=problems))
    assert row[:2] == ["Orders internal", verdict]


def test_a_table_says_its_findings_waivers_and_what_is_accepted_by_design() -> None:
    results = [
        of_table("R1", severity="low"),
        of_table("R2", severity="critical"),
        of_table("R3", status=Status.NOT_VERIFIABLE),
        of_table("R4", status=Status.WAIVED, waived_by=TRIAL),
        of_table("R5", reason="no time"),
        of_table("R6", reason="it does not fit", by_design=True),
    ]
    (row,) = verdicts(evidence_with(tables=(TABLE,), results=results))
    assert row == [
        "Orders internal",
        "not OK",
        "2 1 critical, 1 low",
        "1",
        "2 1 without an approver , next expiry 2030-06-30",
        "1",
    ]


def test_findings_outside_of_tables_are_in_a_row_of_their_own_and_no_table_is_blamed() -> None:
    rows = verdicts(evidence_with(tables=(TABLE,), results=[of_table(status=Status.MET), finding(stack="")]))
    assert [row[:2] for row in rows] == [["Orders internal", "OK"], ["Other resources", "not OK"]]
    assert rows[0][2:] == [NONE] * 4


def test_waiver_that_has_expired_is_said_to_have() -> None:
    expired = replace(TRIAL, expires=JUDGED_ON - timedelta(days=1))
    table = replace(TABLE, waivers={"Alarms (MON-1)": expired})
    (row,) = verdicts(evidence_with(tables=(table,), results=[of_table()]))
    assert row[4] == "1 expired on 2029-12-31"


def test_of_many_tables_the_worst_ten_are_on_the_first_screen_and_all_in_the_page() -> None:
    many = evidence(tables=25)
    shown = section("summary", many)
    first, further = shown.all("table")
    assert len(list(first.all("tr"))) == 11
    assert all("not OK" in row.text for row in list(first.all("tr"))[1:])
    assert shown.one("details", **{"class": "further"}).text.startswith("16 more tables, none of them worse")
    assert len(list(further.all("tr"))) == 17


def test_waivers_of_people_and_what_is_accepted_by_design_are_two_sections() -> None:
    shown = evidence()
    waivers, designs = section("waivers", shown).text, section("by-design", shown).text
    assert BY_DESIGN.reason in designs
    assert BY_DESIGN.reason not in waivers
    for result in shown.results:
        if result.waived_by and not result.by_design:
            assert result.waived_by.reason in waivers
            assert result.waived_by.reason not in designs
    assert "no approver" not in designs


def test_waivers_without_an_approver_come_first() -> None:
    results = [
        of_table(status=Status.WAIVED, waived_by=TRIAL),
        of_table(status=Status.WAIVED, waived_by=WaivedBy(reason="x")),
    ]
    rows = list(section("waivers", evidence_with(tables=(TABLE,), results=results)).one("table").all("tr"))
    assert "no approver recorded no expiry" in rows[1].text
    assert "a trial SEC-1 2030-06-30, 180 days left" in rows[2].text


def test_manual_evidence_does_not_look_like_a_failure() -> None:
    controls = (ControlFacts(catalogue="C", id="C-1", title="t", status=Status.MANUAL, manual="show it"),)
    shown = evidence_with(tables=(TABLE,), results=[of_table(status=Status.MANUAL)], controls=controls)
    assert section("summary", shown).attributes["class"] == "ok"
    assert "0 not met, 1 need manual evidence" in section("summary", shown).text
    assert "No failures" in section("manual", shown).text
    assert "R1 wants more" in section("manual", shown).text
    assert section("findings", shown).text.endswith("None.")
    chip = next(one for one in section("controls", shown).one("table", **{"class": "controls"}).all("span"))
    assert chip.attributes["class"] == "chip manual"


def test_checks_say_what_ran_without_findings_and_what_did_not_run() -> None:
    packs = (
        PackFacts(name="SecureDdb", rules=5, not_applicable=("SecureDdb-OPS2",)),
        PackFacts(name="AwsSolutions"),
        PackFacts(name="Broken", succeeded=False),
        PackFacts(name="CloudFormation Validate", succeeded=False, ran=False),
    )
    checks = section("checks", evidence_with(packs=packs, results=[of_table(pack="SecureDdb")]))
    rows = {row.one("th").text: [cell.text for cell in row.all("td")] for row in next(checks.all("tbody")).all("tr")}
    assert rows["SecureDdb"] == [
        "ran",
        "1 not met",
        "4 of 5 had something to check. 1 rule is not applicable here SecureDdb-OPS2",
    ]
    assert rows["AwsSolutions"][0] == "ran without findings"
    assert rows["Broken"][0].startswith("broke down")
    assert rows["CloudFormation Validate"][0] == "did not run"
    assert rows["Serverless"][0].startswith("did not run, or found nothing")


def test_control_that_only_the_library_waived_counts_as_accepted_by_design() -> None:
    control = ControlFacts(catalogue="C", id="C-1", title="t", status=Status.WAIVED, results=(0,))
    shown = evidence_with(results=[of_table(reason="it does not fit", by_design=True)], controls=(control,))
    (row,) = [one for one in section("controls", shown).all("tbody") if "data-catalogue" in one.attributes]
    assert row.attributes["data-status"] == "accepted-by-design"
