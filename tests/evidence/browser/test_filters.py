"""What the filters leave, and how they are kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from secure_ddb.evidence.model import Status
from secure_ddb.evidence.standing import Standing, standing_of, standing_of_control

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from secure_ddb.evidence.model import ControlFacts, Evidence, Result

FILTERS: list[dict[str, str]] = [
    {"status": "not-met"},
    {"status": "met"},
    {"status": "accepted-by-design"},
    {"severity": "high"},
    {"pack": "AwsSolutions"},
    {"catalogue": "NIST CSF 1.1"},
    {"place": "table Shop0/Orders0/Table"},
    {"place": "stack Shop0"},
    {"text": "securEddb-enc1 CUSTOMER"},
    {"status": "waived", "severity": "medium", "pack": "SecureDdb", "text": "rotated"},
    {"status": "not-met", "catalogue": "Control statements", "place": "table Shop0/Orders0/Table"},
]
NOTHING = {"text": "there is no such text"}


def matches(result: Result, wanted: dict[str, str], shown: Evidence) -> bool:
    """Say whether a result should be left, from the evidence alone."""
    position = next(number for number, one in enumerate(shown.results) if one is result)
    kind, _, place = wanted.get("place", "").partition(" ")
    texts = (result.rule, result.title, result.property_path, result.detail, result.logical_id, result.construct)
    reason = result.waived_by.reason if result.waived_by else ""
    standing = standing_of(result).value
    text = " ".join((*texts, standing, result.resource_type, reason)).lower()
    return (
        wanted.get("status", standing.replace(" ", "-")) == standing.replace(" ", "-")
        and wanted.get("severity", result.severity) == result.severity
        and wanted.get("pack", result.pack) == result.pack
        and ("catalogue" not in wanted or any(position in one.results for one in of(wanted["catalogue"], shown)))
        and (kind != "table" or place in result.tables)
        and (kind != "stack" or place == result.stack)
        and all(word in text for word in wanted.get("text", "").lower().split())
    )


def of(catalogue: str, shown: Evidence) -> list[ControlFacts]:
    """Return the controls of a catalogue."""
    return [control for control in shown.controls if control.catalogue == catalogue]


def left(page: Page) -> set[int]:
    """Return the positions of the results that are left."""
    ids = page.eval_on_selector_all("#resources tr[id]:not([hidden])", "(rows) => rows.map((row) => row.id)")
    return {int(row.removeprefix("r")) for row in ids}


@pytest.mark.parametrize("wanted", FILTERS, ids="-".join)
def test_filters_leave_what_they_say(open_page: Callable[..., Page], shown: Evidence, wanted: dict[str, str]) -> None:
    page = open_page("#" + urlencode(wanted))
    expected = {number for number, result in enumerate(shown.results) if matches(result, wanted, shown)}
    assert 0 < len(expected) <= len(shown.results)
    assert left(page) == expected
    assert f"{len(expected)} of {len(shown.results)} results" in page.locator("#shown").inner_text()


def test_choosing_by_hand_filters_and_is_kept_in_the_address(open_page: Callable[..., Page], shown: Evidence) -> None:
    page = open_page()
    page.get_by_label("Status").select_option("not met")
    page.get_by_label("Rule pack").select_option("AwsSolutions")
    page.wait_for_url("**#status=not-met&pack=AwsSolutions")
    expected = left(page)
    assert expected == {
        number
        for number, result in enumerate(shown.results)
        if result.pack == "AwsSolutions" and result.status is Status.NOT_MET
    }
    page.reload()
    assert left(page) == expected
    assert page.get_by_label("Rule pack").input_value() == "AwsSolutions"
    page.get_by_role("button", name="Clear").click()
    page.wait_for_url("**/evidence.html")
    assert len(left(page)) == len(shown.results)


def test_controls_and_findings_and_tables_are_filtered_too(open_page: Callable[..., Page], shown: Evidence) -> None:
    page = open_page("#status=not-met")
    controls = [one for one in shown.controls if standing_of_control(one, shown.results) is Standing.NOT_MET]
    assert page.locator("#controls tbody[data-rules]:visible").count() == len(controls)
    found = [result for result in shown.results if result.status is Status.NOT_MET]
    assert page.locator("#findings tr[data-rules]:visible").count() == len(found)
    assert page.locator("#tables details.table:visible").count() == len({one for each in found for one in each.tables})
    assert re.search(rf"\b{len(controls)} of {len(shown.controls)} controls", page.locator("#shown").inner_text())


def test_few_results_are_shown_at_once(open_page: Callable[..., Page]) -> None:
    page = open_page()
    assert not page.locator("#r0").is_visible()
    page.get_by_label("Text").fill("SecureDdb-ENC1 Orders0")
    expect(page.locator("#r0")).to_be_visible()


def test_sections_say_that_nothing_matches(open_page: Callable[..., Page]) -> None:
    page = open_page("#" + urlencode(NOTHING))
    assert page.locator(".nothing:visible").count() == 7
    assert page.locator("main table:visible").count() == 3, "those of the summary and the checks are not filtered"
    assert "0 of " in page.locator("#shown").inner_text()


def test_how_many_are_shown_is_announced(open_page: Callable[..., Page]) -> None:
    assert open_page().locator("#shown").get_attribute("aria-live") == "polite"


def test_links_lead_to_results_that_the_filter_hid(open_page: Callable[..., Page], shown: Evidence) -> None:
    page = open_page("#status=not-met")
    met = next(number for number, result in enumerate(shown.results) if result.status is Status.MET)
    page.evaluate(f"location.hash = '#r{met}'")
    expect(page.locator(f"#r{met}")).to_be_visible()
    assert page.get_by_label("Status").input_value() == ""


def test_statuses_of_controls_filter(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.locator("#controls .matrix thead a", has_text="waived").click()
    expect(page.get_by_label("Status")).to_have_value("waived")
    assert page.locator("#controls tbody[data-status=met]:visible").count() == 0
    assert page.locator("#controls tbody[data-status=waived]:visible").count() > 0


def test_an_address_that_names_nothing_here_filters_nothing(open_page: Callable[..., Page], shown: Evidence) -> None:
    page = open_page("#pack=NoSuchPack&unknown=1")
    assert len(left(page)) == len(shown.results)
