"""Printed is a short form of at most ten pages for five tables; the long form on request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from secure_ddb.evidence.collect import collect
from secure_ddb.evidence.page import page as page_of
from tests.evidence.browser.test_renders import OPEN_ALL
from tests.evidence.sample import evidence
from tests.evidence.written import BARE, assembly, plugin, validation_report, violation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from secure_ddb.evidence.model import Evidence
    from tests.synthesis.runs import Run

MOST_PAGES = 10


def pages(page: Page) -> int:
    """Print a page and count its sheets."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True)))


@pytest.fixture
def reference(checked: Callable[[str], Run]) -> Evidence:
    """Return evidence of the reference app, whose stacks have five tables."""
    return collect(checked("app.py").directory)


@pytest.fixture
def bare(tmp_path: Path) -> Evidence:
    """Return evidence of five tables that lack everything, of which cdk-nag finds much too."""
    directory = assembly(tmp_path / "cdk.out", {"Orders": {f"Table{number}": BARE for number in range(5)}})
    found = (violation(f"R{rule}", *(f"Orders/Table{number}" for number in range(5))) for rule in range(5))
    validation_report(directory, plugin(*found))
    return collect(directory)


@pytest.fixture
def made_up() -> Evidence:
    """Return evidence with something in every status."""
    return evidence(tables=5)


@pytest.mark.parametrize("made", ["reference", "bare", "made_up"])
def test_five_tables_are_printed_on_at_most_ten_pages(
    open_page: Callable[..., Page], tmp_path: Path, request: pytest.FixtureRequest, made: str
) -> None:
    shown: Evidence = request.getfixturevalue(made)
    assert len(shown.tables) == 5
    file = tmp_path / "evidence.html"
    file.write_text(page_of(shown), encoding="utf-8")
    page = open_page()
    page.goto(file.as_uri())
    assert pages(page) <= MOST_PAGES


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_short_form_has_verdicts_findings_waivers_and_how_controls_stand(
    open_page: Callable[..., Page], shown: Evidence, *, script: bool
) -> None:
    page = open_page(java_script_enabled=script)
    page.emulate_media(media="print")
    for shows in ("#summary .verdicts", "#findings .findings", "#unverifiable .by-rule", "#waivers .waivers"):
        assert page.locator(shows).is_visible(), shows
    for shows in ("#by-design .designs", "#controls .matrix", "#checks .checks", "#table-0 dl"):
        assert page.locator(shows).first.is_visible(), shows
    for control in shown.controls:
        assert control.id.rpartition(" ")[2] in page.locator("#controls").inner_text()
    for hides in ("#filters", "nav", "#resources", ".drawing", "#controls .controls", "#waivers details p"):
        assert not page.locator(hides).first.is_visible(), hides
    assert page.get_by_text("This is the short form.").is_visible()


def long_form(open_page: Callable[..., Page]) -> Page:
    page = open_page()
    page.get_by_label("Print the long form").check()
    page.evaluate(OPEN_ALL)
    page.emulate_media(media="print")
    return page


def test_long_form_is_printed_on_request(open_page: Callable[..., Page]) -> None:
    page = open_page()
    short = pages(page)
    page.get_by_label("Print the long form").check()
    assert pages(page) > 2 * short


def test_long_form_has_drawings_controls_and_resources(open_page: Callable[..., Page]) -> None:
    page = long_form(open_page)
    for shows in ("#resources", ".drawing", "#controls .panel .chip", "#tables .words li", "#waivers details p"):
        assert page.locator(shows).first.is_visible(), shows
    assert not page.get_by_text("This is the short form.").is_visible()


def test_long_form_shows_each_result_once(open_page: Callable[..., Page], shown: Evidence) -> None:
    page = long_form(open_page)
    times = page.evaluate(
        """(count) => Array.from({length: count}, (_, number) => {
            const around = ":is(#findings, #unverifiable, .results)";
            const links = [...document.querySelectorAll(`${around} a[href="#r${number}"]`)];
            const rows = [document.getElementById(`r${number}`), ...links.map((link) => link.closest("li, tr"))];
            return rows.filter((row) => row.checkVisibility()).length;
        })""",
        len(shown.results),
    )
    assert times == [1] * len(times)
    assert page.locator("#resources .printed").is_visible()
    met = page.locator("#resources .results tr.met").first
    assert met.locator("td:nth-child(2) code").is_visible()
    assert [cell.is_visible() for cell in met.locator("td:first-child, td:last-child").all()] == [False, False]


def test_on_screen_nothing_of_the_results_is_left_out(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.evaluate(OPEN_ALL)
    assert page.locator("#r0").is_visible()
    assert page.locator("#controls .panel table").first.is_visible()
    assert page.locator("#tables .looked-at").first.is_visible()
    assert page.locator("#tables .drawing").first.is_visible()
    assert page.locator("#resources .not-met").first.is_visible()
    assert page.locator(":is(.short, .printed):visible").count() == 0


def test_print_repeats_heads_and_cuts_no_row(open_page: Callable[..., Page]) -> None:
    page = long_form(open_page)
    display = "(head) => getComputedStyle(head).display"
    broken = "(row) => getComputedStyle(row).breakInside"
    assert {head.evaluate(display) for head in page.locator("main > section > table > thead").all()} == {
        "table-header-group"
    }
    waived = page.locator("#resources tr.waived").first
    assert waived.evaluate(broken) == "avoid"
    assert page.locator("#findings tr[data-rules]").first.evaluate(broken) == "avoid"


@pytest.mark.parametrize("long", [True, False])
def test_print_opens_what_it_shows_and_closes_it_again(open_page: Callable[..., Page], *, long: bool) -> None:
    page = open_page()
    page.locator("#table-0 > summary").click()
    page.get_by_label("Print the long form").set_checked(long)
    closed = "document.querySelectorAll('details:not([open])').length"
    before = page.evaluate(closed)
    page.evaluate(f"window.addEventListener('beforeprint', () => {{ window.closedInPrint = {closed}; }})")
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    opened = before if long else 1
    assert page.evaluate("window.closedInPrint") == before - opened
    assert page.evaluate(closed) == before
