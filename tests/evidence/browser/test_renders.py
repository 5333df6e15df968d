"""The page renders by itself, and asks nobody for anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.evidence.browser.chromium import locked_chromium
from tests.evidence.browser.conftest import started

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page, Playwright, Route

    from secure_ddb.evidence.model import Evidence
    from tests.evidence.browser.conftest import Seen

OPEN_ALL = "document.querySelectorAll('details').forEach((details) => { details.open = true; })"


def test_page_is_all_that_is_requested_and_nothing_goes_wrong(
    open_page: Callable[..., Page], seen: Seen, file: Path
) -> None:
    page = open_page()
    page.evaluate(OPEN_ALL)
    page.get_by_label("Text").fill("key")
    page.wait_for_url("**#text=key")
    assert page.title() == "Security evidence: Shop"
    assert seen.requested == [file.as_uri()]
    assert seen.said == []


def test_page_on_a_server_asks_for_nothing_more(open_page: Callable[..., Page], seen: Seen, file: Path) -> None:
    page = open_page()

    def serve(route: Route) -> None:
        route.fulfill(body=file.read_text("utf-8"), content_type="text/html")

    page.context.route("https://example.com/**", serve)
    seen.requested.clear()
    page.goto("https://example.com/evidence.html")
    assert page.locator("#shown").inner_text()
    assert seen.requested == ["https://example.com/evidence.html"]
    assert seen.said == []


@pytest.mark.parametrize(
    "attempt",
    [
        "document.body.append(Object.assign(new Image(), {src: 'https://example.com/i.png'}))",
        "document.head.append(Object.assign(document.createElement('script'), {src: 'https://example.com/s.js'}))",
        "fetch('https://example.com/data').catch(() => null)",
        "document.body.insertAdjacentHTML('beforeend', '<iframe src=\"https://example.com/f\"></iframe>')",
        "document.body.insertAdjacentHTML('beforeend', '<b id=\"b\" onclick=\"document.title = 1\">x</b>'); b.click()",
    ],
)
def test_what_got_in_nevertheless_is_stopped(open_page: Callable[..., Page], attempt: str) -> None:
    page = open_page()
    left: list[str] = []

    def note(route: Route) -> None:
        left.append(route.request.url)
        route.fulfill(body="")

    page.context.route("https://example.com/**", note)
    with page.expect_console_message(lambda message: "Content Security Policy" in message.text):
        page.evaluate(attempt)
    assert page.title() == "Security evidence: Shop"
    assert left == []


def test_page_works_without_script(open_page: Callable[..., Page], shown: Evidence) -> None:
    page = open_page(java_script_enabled=False)
    assert not page.locator("#filters").is_visible()
    assert page.locator("[hidden]:not(#filters):not(.nothing)").count() == 0
    page.locator(".stack > summary").first.click()
    assert page.locator("#r0").is_visible()
    assert page.locator(".results tr[id]").count() == len(shown.results)


def test_drawing_shows_each_part_and_arrow(open_page: Callable[..., Page], shown: Evidence) -> None:
    page = open_page()
    table = shown.tables[0]
    drawn = page.locator("#table-0 .canvas svg")
    for part in table.parts:
        assert drawn.get_by_text(part.label, exact=True).first.is_visible(), part.label
    assert drawn.locator(".arrow path").count() == len(table.arrows)
    styles = {
        page.eval_on_selector(f"#table-0 .arrow.{flow}", "(arrow) => getComputedStyle(arrow).strokeDasharray")
        for flow in ("data", "key", "alarm")
    }
    assert len(styles) == 3
    inside = """(svg) => [...svg.querySelectorAll('.part')].filter((part) => {
        const box = part.querySelector('use').getBoundingClientRect();
        return [...part.querySelectorAll('text')].some((text) => text.getBoundingClientRect().right > box.right);
    }).map((part) => part.textContent)"""
    assert drawn.evaluate(inside) == []


def test_locked_chromium_shows_the_page_too(playwright: Playwright, file: Path) -> None:
    chromium = locked_chromium()
    if chromium is None:
        pytest.skip("the locked Chromium is for Linux on x86-64")
    with started(playwright, chromium) as browser:
        page = browser.new_page()
        page.goto(file.as_uri())
        assert page.locator("#shown").inner_text().startswith("Shown: ")
