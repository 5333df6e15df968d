"""One browser for all tests, and a new page for each."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from secure_ddb.evidence.page import page as page_of
from tests.evidence.browser.chromium import find_chromium
from tests.evidence.sample import evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page, Playwright

    from secure_ddb.evidence.model import Evidence
    from tests.evidence.browser.chromium import Chromium


@dataclass(frozen=True)
class Seen:
    """What the browser had to say, and what it asked for."""

    said: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)


@contextmanager
def started(playwright: Playwright, chromium: Chromium) -> Iterator[Browser]:
    """Start a Chromium; without its sandbox, which root cannot have."""
    browser = playwright.chromium.launch(
        executable_path=chromium.file, env={**os.environ, **chromium.environment}, chromium_sandbox=False
    )
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Return what drives browsers."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Return a Chromium."""
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium here: the locked one is for Linux on x86-64; install one, such as Debian's chromium")
    with started(playwright, chromium) as running:
        yield running


@pytest.fixture(scope="session")
def shown() -> Evidence:
    """Return the evidence that the page shows."""
    return evidence()


@pytest.fixture(scope="session")
def file(shown: Evidence, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of the page."""
    file = tmp_path_factory.mktemp("page") / "evidence.html"
    file.write_text(page_of(shown), encoding="utf-8")
    return file


@pytest.fixture
def seen() -> Seen:
    """Return what is noted while a page is open."""
    return Seen()


@pytest.fixture
def open_page(browser: Browser, file: Path, seen: Seen) -> Iterator[Callable[..., Page]]:
    """Return what opens the page, with a hash and with options of a browser context."""
    contexts = []

    def opened(hash_: str = "", *, width: int = 1280, **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: seen.said.append(message.text))
        page.on("pageerror", lambda error: seen.said.append(str(error)))
        page.on("request", lambda request: seen.requested.append(request.url))
        page.goto(file.as_uri() + hash_)
        return page

    yield opened
    for context in contexts:
        context.close()
