"""The page can be read and used by everybody, on small screens too, and says first whether tables are OK."""

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


@pytest.mark.parametrize("width", [320, 360, 390, 768, 1280])
def test_page_never_scrolls_sideways(open_page: Callable[..., Page], width: int) -> None:
    page = open_page(width=width)
    page.evaluate(OPEN_ALL)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_tab_leads_through_the_page_in_order(open_page: Callable[..., Page], shown: Evidence) -> None:
    page = open_page()
    reached = []
    for _ in range(32):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()"))
    sections = ["Summary", "Open findings", "Not verifiable", "Waivers", "Accepted by design", "Manual evidence"]
    sections += ["Tables", "Controls", "Checks", "Resources"]
    tables = [table.id for table in sorted(shown.tables, key=lambda table: table.id)]
    filters = ["status", "severity", "pack", "catalogue", "place", "text", "Clear"]
    assert reached[:13] == ["Skip to the summary", *sections, *tables]
    # In between are the figures, and what the words mean.
    place = reached.index("status")
    assert reached[place : place + 7] == filters
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


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 740)])
def test_first_screen_says_the_verdict_and_the_worst_table(
    open_page: Callable[..., Page], width: int, height: int
) -> None:
    page = open_page(width=width)
    page.set_viewport_size({"width": width, "height": height})
    for locator in (
        page.get_by_role("heading", name="Not OK: 1 of 2 tables has open findings"),
        page.locator(".verdicts tbody tr").first,
    ):
        assert locator.is_visible()
        box = locator.bounding_box()
        assert box
        assert box["y"] + box["height"] <= height


def test_first_screen_of_five_tables_has_all_of_them_and_what_was_waived(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    file = tmp_path / "evidence.html"
    file.write_text(page_of(evidence(tables=5)), encoding="utf-8")
    page = open_page()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(file.as_uri())
    assert page.locator(".verdicts tbody tr").count() == 6
    tiles = page.locator(".tiles li")
    assert [tile.inner_text().split("\n")[0] for tile in tiles.all()] == [
        "8 open findings",
        "6 not verifiable",
        "3 waivers",
        "1 accepted by design",
        "33 controls met",
    ]
    box = tiles.last.bounding_box()
    assert box
    assert box["y"] + box["height"] <= 800
