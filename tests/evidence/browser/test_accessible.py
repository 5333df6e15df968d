"""The page can be read and used by everybody, on paper and on small screens too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from secure_ddb.evidence.page import page as page_of
from tests.evidence.browser.test_renders import OPEN_ALL
from tests.evidence.sample import evidence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from secure_ddb.evidence.model import Evidence


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 360)])
def test_axe_finds_nothing(open_page: Callable[..., Page], tmp_path: Path, scheme: str, width: int) -> None:
    # One control of each status; more of the same only take axe longer.
    shown = evidence(tables=1)
    one_of_each = {control.status: control for control in reversed(shown.controls)}
    file = tmp_path / "evidence.html"
    file.write_text(page_of(replace(shown, controls=tuple(one_of_each.values()))), encoding="utf-8")
    page = open_page(color_scheme=scheme, width=width)
    page.goto(file.as_uri())
    page.evaluate(OPEN_ALL)
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert not found.response["violations"], found.generate_report()
    checked = {rule["id"] for rule in found.response["passes"]}
    assert {"color-contrast", "document-title", "label", "landmark-one-main", "region"} <= checked


def test_dark_is_dark_and_light_is_light(open_page: Callable[..., Page]) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    dark, light = (open_page(color_scheme=scheme).evaluate(background) for scheme in ("dark", "light"))
    assert dark == "rgb(17, 21, 27)"
    assert light == "rgb(246, 247, 249)"


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_page_never_scrolls_sideways(open_page: Callable[..., Page], width: int) -> None:
    page = open_page(width=width)
    page.evaluate(OPEN_ALL)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_tab_leads_through_the_page_in_order(open_page: Callable[..., Page]) -> None:
    page = open_page()
    reached = []
    for _ in range(15):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()"))
    sections = ["Summary", "Findings", "Controls", "Tables", "Waivers", "Resources"]
    filters = ["status", "severity", "pack", "catalogue", "place", "text", "Clear"]
    assert reached[:14] == ["Skip to the summary", *sections, *filters]
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_details_open_with_enter(open_page: Callable[..., Page]) -> None:
    page = open_page()
    summary = page.locator("#controls summary").first
    summary.focus()
    assert not page.locator("#controls .panel table").first.is_visible()
    page.keyboard.press("Enter")
    assert page.locator("#controls .panel table").first.is_visible()


def test_drawings_can_be_scrolled_by_keyboard(open_page: Callable[..., Page]) -> None:
    page = open_page(width=360)
    canvas = page.locator(".canvas").first
    canvas.focus()
    page.keyboard.press("ArrowRight")
    scrolled = "(canvas) => new Promise((done) => { canvas.onscroll = () => done(canvas.scrollLeft); })"
    assert canvas.evaluate(f"(canvas) => canvas.scrollLeft || ({scrolled})(canvas)") > 0


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_print_shows_everything_and_no_filters(open_page: Callable[..., Page], *, script: bool) -> None:
    page = open_page(java_script_enabled=script)
    page.emulate_media(media="print")
    assert not page.locator("#filters").is_visible()
    assert not page.locator("nav").is_visible()
    assert page.locator("#controls .panel .chip").first.is_visible()
    assert page.locator("#tables .words li").first.is_visible()


def test_print_shows_each_result_once(open_page: Callable[..., Page], shown: Evidence) -> None:
    page = open_page()
    page.evaluate(OPEN_ALL)
    page.emulate_media(media="print")
    times = page.evaluate(
        """(count) => Array.from({length: count}, (_, number) => {
            const links = [...document.querySelectorAll(`:is(#findings, .results) a[href="#r${number}"]`)];
            const rows = [document.getElementById(`r${number}`), ...links.map((link) => link.closest("tr"))];
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
    assert page.locator("#resources .not-met").first.is_visible()
    assert not page.locator("#resources .printed").is_visible()


def test_print_repeats_heads_and_cuts_no_row(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.emulate_media(media="print")
    display = "(head) => getComputedStyle(head).display"
    broken = "(row) => getComputedStyle(row).breakInside"
    assert {head.evaluate(display) for head in page.locator("main > section > table > thead").all()} == {
        "table-header-group"
    }
    waived = page.locator("#resources tr.waived").first
    assert waived.evaluate(broken) == "avoid"
    assert page.locator("#findings tr[data-rules]").first.evaluate(broken) == "avoid"


def test_print_opens_all_details_and_closes_them_again(open_page: Callable[..., Page]) -> None:
    page = open_page()
    closed = "document.querySelectorAll('details:not([open])').length"
    before = page.evaluate(closed)
    page.evaluate(f"window.addEventListener('beforeprint', () => {{ window.closedInPrint = {closed}; }})")
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    assert before > 0
    assert page.evaluate("window.closedInPrint") == 0
    assert page.evaluate(closed) == before
