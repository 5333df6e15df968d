"""The page shows all of the evidence, as text."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from enum import Enum
from typing import Any

import pytest

from secure_ddb.evidence.model import Evidence, Status, WaivedBy
from secure_ddb.evidence.page import page
from secure_ddb.evidence.standing import Standing, standing_of, standing_of_control
from tests.evidence.page.html import Element, read
from tests.evidence.sample import JUDGED_ON, evidence

ATTACK = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}</style>"
NONE = "\N{EN DASH}"
EMPTY = Evidence(
    title="Nothing", judged_on=JUDGED_ON, version="0.1.0", packs=(), stacks=(), tables=(), results=(), controls=()
)


@pytest.fixture(scope="module")
def shown() -> Evidence:
    return evidence()


@pytest.fixture(scope="module")
def tree(shown: Evidence) -> Element:
    return read(page(shown))


def attacked(value: Any) -> Any:
    """Put an attack at the end of each text of the evidence."""
    if isinstance(value, str):
        return value + ATTACK
    if isinstance(value, Enum | date):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: attacked(getattr(value, one.name)) for one in fields(value)})
    if isinstance(value, tuple):
        return tuple(attacked(one) for one in value)
    if isinstance(value, dict):
        return {attacked(key): attacked(one) for key, one in value.items()}
    return value


def waived(expires: date | None, approved_by: str = "") -> Evidence:
    """Return evidence of one result that is waived."""
    result = evidence().results[0]
    waived_by = WaivedBy(reason="For a test", approved_by=approved_by, expires=expires)
    return replace(EMPTY, results=(replace(result, status=Status.WAIVED, waived_by=waived_by),))


def row(text: str, section: Element) -> Element:
    """Return the only row with a text."""
    (found,) = [one for one in section.all("tr") if text in one.text and not list(one.all("tr"))]
    return found


def test_each_result_is_among_the_resources_once(shown: Evidence, tree: Element) -> None:
    resources = tree.one("section", id="resources")
    found = [one for one in resources.all("tr") if "id" in one.attributes]
    rows = {one.attributes["id"]: one.text for one in found}
    assert len(found) == len(rows) == len(shown.results)
    for number, result in enumerate(shown.results):
        text = rows[f"r{number}"]
        reason = result.waived_by.reason if result.waived_by else ""
        standing = standing_of(result).value
        for says in (standing, result.rule, result.title, result.property_path, result.detail, reason):
            assert says in text


def test_resources_stand_below_their_stack_and_template(shown: Evidence, tree: Element) -> None:
    headings: dict[str | None, tuple[str, str]] = {}
    for stack in tree.all("details", **{"class": "stack"}):
        of_stack = f"{stack.one('h3').text} {next(stack.all('p')).text}"
        for resource in stack.all("tbody"):
            heading = resource.one("th", scope="rowgroup").text
            headings |= {one.attributes.get("id"): (of_stack, heading) for one in resource.all("tr")}
    for number, result in enumerate(shown.results):
        of_stack, heading = headings[f"r{number}"]
        assert of_stack.startswith(f"{result.stack} Template {result.template}")
        for says in (result.logical_id, result.resource_type, result.construct):
            assert says in heading


def test_stacks_say_which_template_was_judged(shown: Evidence) -> None:
    stacks = tuple(replace(stack, sha256=f"{number:064x}") for number, stack in enumerate(shown.stacks))
    judged = {result.stack for result in shown.results}
    text = page(replace(shown, stacks=stacks))
    digests = [f"SHA-256 <code>{stack.sha256}</code>" for stack in stacks if stack.name in judged]
    assert digests
    assert all(digest in text for digest in digests)


def test_each_control_says_how_it_stands_and_what_shows_it(shown: Evidence, tree: Element) -> None:
    section = tree.one("section", id="controls")
    rows = [one for one in section.all("tbody") if "data-catalogue" in one.attributes]
    assert len(rows) == len(shown.controls)
    for control, found in zip(shown.controls, by_catalogue(rows, shown), strict=True):
        first = next(found.all("tr")).text
        for says in (control.status.value, control.id, control.title, control.manual, *control.rules, *control.claims):
            assert says in first
        assert ("claimed, not verified" in first) == bool(control.claims)
        shows = [one for one in found.all("tr") if one.attributes.get("class") in {"met", "not-met", "waived"}]
        assert bool(shows) == bool(control.results)


def by_catalogue(rows: list[Element], shown: Evidence) -> list[Element]:
    """Return the rows in the order of the controls, which the page sorts by catalogue."""
    names = list(dict.fromkeys(control.catalogue for control in shown.controls))
    order = sorted(range(len(shown.controls)), key=lambda number: names.index(shown.controls[number].catalogue))
    return [rows[order.index(number)] for number in range(len(rows))]


def test_a_control_shows_its_worst_results_and_how_many_there_are() -> None:
    many = evidence(tables=12)
    control = max(many.controls, key=lambda one: len(one.results))
    section = read(page(many)).one("section", id="controls")
    (found,) = [
        one
        for one in section.all("tbody")
        if "data-catalogue" in one.attributes and control.id + " What" in next(one.all("tr")).text
    ]
    statuses = [one.attributes["class"] for one in found.all("tr") if "class" in one.attributes][1:]
    assert len(statuses) == 20
    worst = sorted((many.results[number].status for number in control.results), key=list(Status).index)[:20]
    assert statuses == [status.value.replace(" ", "-") for status in worst]
    assert f"worst 20 of {len(control.results)} results" in found.text


def test_controls_are_counted_by_catalogue(shown: Evidence, tree: Element) -> None:
    matrix = next(tree.one("section", id="controls").all("table"))
    for catalogue in {control.catalogue for control in shown.controls}:
        its = [control for control in shown.controls if control.catalogue == catalogue]
        counts = Counter(standing_of_control(control, shown.results) for control in its)
        numbers = " ".join(str(counts[standing] or NONE) for standing in Standing)
        assert row(catalogue, matrix).text == f"{catalogue} {numbers}"


def test_open_findings_of_all_packs_are_in_one_table_the_worst_first(shown: Evidence, tree: Element) -> None:
    table = tree.one("section", id="findings").one("table")
    rows = [[cell.text for cell in one.all("td")] for one in table.all("tr") if "data-status" in one.attributes]
    is_open = [one for one in shown.results if one.status is Status.NOT_MET]
    assert len(rows) == len(is_open)
    severities = ["critical", "high", "error", "medium", "warning", "low", "info"]
    order = [severities.index(severity) for severity, *_ in rows]
    assert order == sorted(order)
    assert {pack for _, pack, *_ in rows} == {"SecureDdb", "AwsSolutions"}
    for result in is_open:
        assert result.remedy in table.text


def test_what_is_not_verifiable_stands_apart_once_with_all_its_places(shown: Evidence, tree: Element) -> None:
    section = tree.one("section", id="unverifiable")
    found = [one for one in section.all("li") if "data-rules" in one.attributes]
    unknown = [one for one in shown.results if one.status is Status.NOT_VERIFIABLE]
    assert len(found) == len(unknown)
    for result in unknown:
        assert section.text.count(result.title) == 1
        assert result.construct.removesuffix("/Resource") in section.text


def test_tables_say_what_they_are(shown: Evidence, tree: Element) -> None:
    for number, table in enumerate(shown.tables):
        text = tree.one("details", id=f"table-{number}").text
        for says in (table.id, table.name, table.template, table.classification, *table.regions, *table.not_verifiable):
            assert says in text
        for argument, value in table.settings.items():
            assert f"{argument} {value}" in text
        for argument, value in table.claims.items():
            assert f"{argument} claimed, not verified {value}" in text
        for arrow in table.arrows:
            (start,), (end,) = (
                [part.label for part in table.parts if part.id == one] for one in (arrow.start, arrow.end)
            )
            assert any(
                one.text.startswith(start) and f"→ {end}" in one.text and arrow.flow.value in one.text
                for one in tree.one("details", id=f"table-{number}").all("li")
            )


def test_properties_that_show_it_are_with_each_table(shown: Evidence, tree: Element) -> None:
    looked_at = tree.one("details", id="table-0").one("table").text.replace(" ", "")
    for result in shown.results:
        if shown.tables[0].id in result.tables:
            assert result.property_path in looked_at


@pytest.mark.parametrize(
    ("days", "says"),
    [
        (45, "2026-03-01, 45 days left"),
        (1, "2026-01-16, 1 day left"),
        (0, "2026-01-15, its last day"),
        (-1, "expired on 2026-01-14 , 1 day ago"),
        (-14, "expired on 2026-01-01 , 14 days ago"),
        (None, "no expiry"),
    ],
)
def test_waivers_say_how_long_they_hold(days: int | None, says: str) -> None:
    section = read(page(waived(None if days is None else JUDGED_ON + timedelta(days=days)))).one(id="waivers")
    cells = [cell.text for cell in row("For a test", section).all("td")]
    assert cells[:2] == ["no approver recorded", says]


def test_waivers_say_who_approved_them_and_what_they_cover(shown: Evidence, tree: Element) -> None:
    section = tree.one("section", id="waivers")
    assert "A. Reviewer" in row("rotated by hand", section).text
    covered = row("rotated by hand", section).text
    for result in shown.results:
        if result.waived_by and "rotated by hand" in result.waived_by.reason:
            assert result.rule in covered
            assert result.logical_id in covered
    assert "BAK-2 of Shop0/Orders0/Table" in row("another plan", section).text
    assert "acknowledged at Shop0/Network/Vpc" in row("network team", section).text


def test_problems_stand_beside_the_verdict_and_only_then(shown: Evidence, tree: Element) -> None:
    summary = tree.one("section", id="summary")
    assert shown.problems[0] in summary.one("div", **{"class": "problems"}).text
    whole = read(page(replace(shown, problems=()))).one("section", id="summary")
    assert list(whole.all("div", **{"class": "problems"})) == []


def test_no_text_of_the_evidence_becomes_markup(shown: Evidence) -> None:
    tree = read(page(attacked(shown)))
    assert len(list(tree.all("script"))) == 2
    assert not list(tree.all("img"))
    assert not [name for one in tree.all() for name in one.attributes if name.startswith("on")]
    assert ATTACK in tree.one("h1").text
    assert "49" not in tree.one("h1").text
    assert {one.tag for one in tree.all()} == {one.tag for one in read(page(shown)).all()}


def test_only_secure_pages_are_linked(shown: Evidence) -> None:
    results = tuple(replace(result, source="javascript:alert(1)") for result in shown.results)
    controls = tuple(replace(control, source="http://example.com/") for control in shown.controls)
    tree = read(page(replace(shown, results=results, controls=controls)))
    assert {one.attributes["href"][0] for one in tree.all("a")} == {"#"}


def test_names_within_the_page_are_unique_and_links_lead_to_them(tree: Element) -> None:
    names = Counter(one.attributes["id"] for one in tree.all() if "id" in one.attributes)
    assert set(names.values()) == {1}
    for one in tree.all():
        target = one.attributes.get("href", "")
        if target.startswith("#") and "=" not in target:
            assert target[1:] in names, target


def test_a_page_of_nothing_says_so() -> None:
    tree = read(page(EMPTY))
    assert "No tables: no open findings" in tree.one("h2", id="summary-title").text
    text = tree.text
    for says in (
        "No tables",
        "No person waived anything",
        "No rule had anything to check",
        "No catalogue was given",
    ):
        assert says in text
    assert tree.one("section", id="findings").text == "Open findings Nothing here matches the filters. None."


def test_results_that_no_stack_or_resource_is_known_of_are_shown() -> None:
    result = replace(evidence().results[0], stack="", template="", logical_id="", construct="", tables=("elsewhere",))
    text = read(page(replace(EMPTY, results=(result,)))).one("section", id="resources").text
    assert "Not in one stack" in text
    assert result.title in text
