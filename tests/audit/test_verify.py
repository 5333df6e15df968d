"""Whatever is done to a trail is found; what happens to one by itself is not taken for damage."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from secure_ddb.audit_trail.verify import Entry, Kind, batches, verify
from secure_ddb.audit_trail.verify.report import MOST_SHOWN
from tests.audit.trail import (
    Environment,
    chain_of,
    change,
    failure,
    flat,
    interleaved,
    kinds,
    link_of,
    trail_of,
    verified,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

ANY_TRAIL = st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=4), min_size=1, max_size=3)
ONE_CHAIN = st.lists(st.integers(1, 4), min_size=1, max_size=5)


def test_the_format_is_the_document_s() -> None:
    # Written and linked by hand, from docs/audit-trail.md alone.
    first = (
        '{"schema":1,"event_id":"7de3041dd709b024af6f29e4fa13d34c","table":"Visits","region":"eu-central-1",'
        '"action":"INSERT","cause":"request","shard":null,"sequence_number":"5200000000047189201511001",'
        '"created":1764230401.0,"keys":{"patient":{"S":"a"}},"added":{"scan":["B",9]},"clear":{"a":[null,{"N":"1"}]},'
        '"batch":["5200000000047189201511001",0,2],"previous":null,"link":"Q8KjMwbuHtKq9RwTVdkzr6Vi79--lP9l8dKLlPtUke0"}'
    )
    second = (
        '{"schema":1,"event_id":"c81e728d9d4c2f636f067f89cc14862c","table":"Visits","region":"eu-central-1",'
        '"action":"REMOVE","cause":"time to live","shard":null,"sequence_number":"5200000000047189201511002",'
        '"created":1764230402,"key":"q1Zt8sVw0mKxT5yBfN2rJ7uHc9LpDgEa4oIiSvXzQbM","removed":{"scan":["B",9]},'
        '"batch":["5200000000047189201511001",1,2],"link":"oJ8RhAwVH5IPLtInsjQByHLTUV5r3GoX36tooEi9Ff4"}'
    )
    report = verified([first, second])
    assert report.findings == []
    assert report.intact
    assert report.records == 2
    assert report.tables == {"Visits": 2}


@settings(deadline=None)
@given(sizes=ANY_TRAIL, data=st.data())
def test_an_intact_trail_is_intact_in_whatever_turns_environments_write(
    sizes: list[list[int]], data: st.DataObject
) -> None:
    report = verified(interleaved(data, [flat(chain) for chain in trail_of(sizes)]), from_beginning=True)
    assert report.findings == []
    assert report.intact
    assert report.records == sum(map(sum, sizes))
    assert report.batches == sum(map(len, sizes))
    assert report.chains_started == report.chains_ended == len(sizes)
    assert (report.duplicates, report.copies, report.chains_before) == (0, 0, 0)


@settings(deadline=None)
@given(sizes=ANY_TRAIL, data=st.data())
def test_whole_batches_may_come_in_any_order(sizes: list[list[int]], data: st.DataObject) -> None:
    every_batch = [batch for chain in trail_of(sizes) for batch in chain]
    report = verified(flat(data.draw(st.permutations(every_batch))), from_beginning=True)
    assert report.intact
    assert report.chains_ended == len(sizes)


@settings(max_examples=300, deadline=None)
@given(sizes=ANY_TRAIL, data=st.data())
def test_any_altered_character_is_found(sizes: list[list[int]], data: st.DataObject) -> None:
    lines = interleaved(data, [flat(chain) for chain in trail_of(sizes)])
    number = data.draw(st.integers(0, len(lines) - 1))
    line = lines[number]
    place = data.draw(st.integers(0, len(line) - 1))
    other = data.draw(st.characters() | st.sampled_from('0123456789abcdefABCDEF"{}[]:,_- \n\r'))
    assume(other != line[place])
    lines[number] = line[:place] + other + line[place + 1 :]
    report = verified(lines)
    assert not report.intact
    assert report.findings


def test_each_altered_character_of_a_line_is_found() -> None:
    lines = flat(chain_of([2, 3]))
    for place, character in enumerate(lines[3]):
        altered = lines[3][:place] + ("0" if character != "0" else "1") + lines[3][place + 1 :]
        assert not verified([*lines[:3], altered, lines[4]]).intact, place


def test_an_alteration_is_called_one_and_its_place_is_named() -> None:
    lines = flat(chain_of([1, 4, 1]))
    lines[2] = lines[2].replace('"cause":"request"', '"cause":"time to live"')
    report = verified(lines)
    assert [(finding.kind, finding.where) for finding in report.findings] == [(Kind.ALTERATION, "lines:3")]


@settings(deadline=None)
@given(sizes=ONE_CHAIN, data=st.data())
def test_any_missing_line_is_found_unless_its_chain_ends_with_it(sizes: list[int], data: st.DataObject) -> None:
    chain = chain_of(sizes)
    number = data.draw(st.integers(0, len(chain) - 1))
    place = data.draw(st.integers(0, len(chain[number]) - 1))
    del chain[number][place]
    report = verified(flat(chain))
    if sizes[number] > 1:
        assert kinds(report) >= {Kind.GAP}
    elif len(sizes) == 1:
        assert report.is_empty
        assert not report.intact
    elif number == 0:
        # Nobody can tell that from a period that begins later, so the report says so.
        assert report.chains_before == 1
        assert any("Chains that continue from a line outside the input: 1." in note for note in report.notes())
        assert kinds(verified(flat(chain), from_beginning=True)) == {Kind.GAP}
    elif number == len(sizes) - 1:
        assert report.intact
        assert any("can be missing unnoticed" in note for note in report.notes())
    else:
        assert kinds(report) == {Kind.GAP}


@pytest.mark.parametrize(
    ("missing", "places"), [([0], "0"), ([1, 2], "1 to 2"), ([4], "4"), ([0, 2, 3], "0, 2 to 3"), ([1, 4], "1, 4")]
)
def test_a_gap_in_a_batch_says_which_places_are_missing(missing: list[int], places: str) -> None:
    lines = [line for place, line in enumerate(flat(chain_of([5]))) if place not in missing]
    report = verified(lines)
    assert report.counts == {Kind.GAP: 1}
    assert report.findings[0].text.endswith(f"of 5 lines: missing in places {places}")


@settings(deadline=None)
@given(order=st.permutations(range(5)))
def test_reordered_lines_of_a_batch_are_found_and_not_called_altered(order: list[int]) -> None:
    before, moved, after = chain_of([2, 5, 2])
    report = verified([*before, *(moved[place] for place in order), *after])
    assert report.counts == ({} if order == sorted(order) else {Kind.REORDERING: 1})


@pytest.mark.parametrize("number", range(4))
def test_an_altered_line_is_called_so_among_reordered_ones(number: int) -> None:
    (lines,) = chain_of([4])
    lines[number] = lines[number].replace("request", "time to live")
    report = verified(lines[place] for place in (0, 2, 1, 3))
    assert report.counts == {Kind.ALTERATION: 1, Kind.REORDERING: 1}


@settings(deadline=None)
@given(sizes=ANY_TRAIL, data=st.data())
def test_any_inserted_line_is_found(sizes: list[list[int]], data: st.DataObject) -> None:
    lines = interleaved(data, [flat(chain) for chain in trail_of(sizes)])
    pattern = json.loads(data.draw(st.sampled_from(lines)))
    inserted = {**pattern, "event_id": "f" * 32, "created": 1}
    lines.insert(data.draw(st.integers(0, len(lines))), json.dumps(inserted, separators=(",", ":")))
    assert not verified(lines).intact


def test_a_line_in_a_taken_place_is_called_inserted() -> None:
    lines = flat(chain_of([4]))
    inserted = lines[1].replace("MODIFY", "INSERT").replace(f"{2:032x}", "f" * 32)
    report = verified([*lines[:3], inserted, lines[3]])
    assert [(finding.kind, finding.where) for finding in report.findings] == [(Kind.INSERTION, "lines:4")]


def test_a_second_batch_after_the_same_line_is_called_inserted() -> None:
    chain = chain_of([1, 2, 1])
    forged = Environment(json.loads(chain[0][0])["link"]).batch([change(7), change(8)])
    report = verified(flat([*chain, forged]))
    assert [(finding.kind, finding.where) for finding in report.findings] == [(Kind.INSERTION, "lines:5")]


def test_lines_that_contradict_each_other_are_an_alteration() -> None:
    first, second = Environment(), Environment()
    lines = first.batch([change(1)]) + second.batch([change(1, action="REMOVE")])
    report = verified(lines)
    assert [(finding.kind, finding.where) for finding in report.findings] == [(Kind.ALTERATION, "lines:2")]
    assert "another line says something else" in report.findings[0].text


@pytest.mark.parametrize("field", ["batch", "previous", "shard"])
def test_a_copy_with_another_batch_or_shard_is_no_copy(field: str) -> None:
    lines = flat(chain_of([3]))
    value = {"batch": ["100000000000047189201511001", 1, 3], "previous": "A" * 43, "shard": "other"}[field]
    altered = json.dumps(json.loads(lines[0]) | {field: value}, separators=(",", ":"))
    report = verified([*lines, altered])
    assert not report.intact
    assert report.copies == 0


def test_a_change_that_was_never_logged_is_a_finding_and_one_that_was_later_is_none() -> None:
    lines = [failure(f"{1:032x}"), failure(f"{1:032x}"), failure(None, "5", "ValueError"), *flat(chain_of([2]))]
    report = verified(lines)
    assert [(finding.kind, finding.where) for finding in report.findings] == [(Kind.NOT_LOGGED, "lines:3")]
    assert report.findings[0].text == (
        "the change with sequence number 5 (ValueError) is not in the log. The failure bucket keeps it, perhaps with "
        "others of its batch that came after it"
    )
    assert (report.failures, report.failures_logged) == (2, 1)
    assert any("failure bucket" in note for note in report.notes())
    assert verified(lines[:2] + lines[3:]).intact


def test_only_one_table_is_looked_at_if_asked_for() -> None:
    orders = flat(chain_of([2, 2]))
    visits = Environment().batch([change(number, table="Visits") for number in range(100, 103)])
    assert verified([*orders, visits[0]], table="Orders").intact
    report = verified([*orders, *visits], table="Visits")
    assert (report.records, report.other_tables) == (3, 4)
    assert report.tables == {"Visits": 3}
    assert verified(orders, table="Visits").is_empty


def test_nothing_is_not_intact() -> None:
    assert not verified([]).intact
    assert verified([]).is_empty


def test_all_findings_are_counted_and_the_first_of_each_kind_are_kept() -> None:
    report = verified(["x"] * (MOST_SHOWN + 5) + flat(chain_of([3]))[:1])
    assert report.counts == {Kind.ALTERATION: MOST_SHOWN + 5, Kind.GAP: 1}
    assert len(report.findings) == MOST_SHOWN + 1


@pytest.mark.parametrize(("most", "seen"), [(3, True), (2, False)])
def test_open_batches_are_bounded(monkeypatch: pytest.MonkeyPatch, most: int, seen: bool) -> None:  # noqa: FBT001
    monkeypatch.setattr(batches, "_MOST_OPEN", most)
    late, *others = [Environment().batch([change(number), change(number + 1)]) for number in (1, 3, 5)]
    # Two more are open before the first becomes whole.
    lines = [late[0], others[0][0], others[1][0], late[1]]
    gaps = [finding.where for finding in verified(lines).findings if finding.kind is Kind.GAP]
    assert ("lines:1" not in gaps) is seen
    assert {"lines:2", "lines:3"} <= set(gaps)
    assert verified(flat(chain_of([2] * 10))).intact


@pytest.mark.parametrize(("most", "gaps"), [(3, 0), (2, 4)])
def test_lines_that_wait_for_others_are_bounded(monkeypatch: pytest.MonkeyPatch, most: int, gaps: int) -> None:
    monkeypatch.setattr(batches, "_MOST_WAITING", most)
    shuffled, after = chain_of([6, 6])
    lines = [*shuffled[1::2], *shuffled[::2], *after[1::2], *after[::2]]
    assert verified(lines).counts[Kind.GAP] == gaps


@pytest.mark.parametrize(("most", "gaps"), [(1500, 0), (1200, 4)])
def test_text_that_waits_for_other_lines_is_bounded(monkeypatch: pytest.MonkeyPatch, most: int, gaps: int) -> None:
    shuffled, after = chain_of([6, 6])
    assert 1200 < 3 * len(shuffled[1]) < 1500
    monkeypatch.setattr(batches, "_MOST_WAITING_TEXT", most)
    lines = [*shuffled[1::2], *shuffled[::2], *after[1::2], *after[::2]]
    assert verified(lines).counts[Kind.GAP] == gaps


def many(records: int, peak: list[int]) -> Iterator[Entry]:
    """Four environments in turns, and the most memory blocks that were in use while they wrote."""
    before, after = json.dumps(change(0, event_id="|"), separators=(",", ":"))[:-1].split("|")
    links = ["", "", "", ""]
    for number in range(records):
        environment, place = number // 50 % 4, number % 50
        text = f'{before}{number:032x}{after},"batch":["{number - place}",{place},50]'
        if place == 0:
            peak[0] = max(peak[0], sys.getallocatedblocks())
            text += f',"previous":{json.dumps(links[environment] or None)}'
        links[environment] = link_of(links[environment], text)
        yield Entry(f'{text},"link":"{links[environment]}"}}', "many", number)


def test_memory_does_not_grow_with_the_number_of_lines() -> None:
    # Counts every object of Python; tracemalloc would take minutes. sqlite's cache is bounded by its setting.
    growth = []
    for records in (10_000, 100_000):
        before, peak = sys.getallocatedblocks(), [0]
        report = verify(many(records, peak))
        assert (report.intact, report.records) == (True, records)
        growth.append(peak[0] - before)
    # One object for each ten lines would be 9,000 more.
    assert growth[1] < 1.5 * growth[0] + 1_000
