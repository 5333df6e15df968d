"""The page is one file that needs nothing, is small enough to send, and the same each time."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

from secure_ddb.evidence.page import page
from tests.evidence.page.html import read
from tests.evidence.sample import evidence

ROOT = Path(__file__).parents[3]
RENDER = """
from secure_ddb.evidence.page import page
from tests.evidence.sample import evidence
print(page(evidence(tables=12)))
"""
# What a browser would load by itself.
LOADS = ("src", "srcset", "data", "poster", "background", "action", "formaction", "ping", "xlink:href", "style")


def test_nothing_is_loaded_from_anywhere() -> None:
    tree = read(page(evidence()))
    assert not [one.tag for one in tree.all() if one.tag in ("link", "iframe", "object", "embed", "base", "img")]
    assert not [name for one in tree.all() for name in one.attributes if name in LOADS]
    assert {one.tag for one in tree.all() if "href" in one.attributes} == {"a", "use"}
    assert {one.attributes["href"][0] for one in tree.all("use")} == {"#"}
    style = tree.one("style").text
    assert "@import" not in style
    assert set(re.findall(r"url\((.)(.)", style)) == {('"', "#")}
    scripts = [script.text for script in tree.all("script")]
    assert not [script for script in scripts if re.search(r"\b(fetch|XMLHttpRequest|import|eval|innerHTML)\b", script)]


def test_policy_allows_this_style_and_this_script_and_nothing_else() -> None:
    html = page(evidence())
    policy = read(html).one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in (style, script)]
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{hashes[0]}'",
        f"script-src 'sha256-{hashes[1]}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert html.index("Content-Security-Policy") < html.index("<style>")


def test_page_is_the_same_in_each_process() -> None:
    pages = {
        subprocess.run(
            [sys.executable, "-c", RENDER],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert pages == {f"{page(evidence(tables=12))}\n".encode()}


def test_a_result_more_costs_less_than_700_bytes() -> None:
    few, many = evidence(tables=10), evidence(tables=30)
    grown = len(page(many).encode()) - len(page(few).encode())
    assert grown / (len(many.results) - len(few.results)) < 700
