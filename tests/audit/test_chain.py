"""Links: what an auditor finds out by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from secure_ddb.audit_trail.handler.audit_trail.batch import write_batch
from secure_ddb.audit_trail.handler.audit_trail.chain import link_lines
from tests.audit.checks import chain_holds, golden, read
from tests.audit.lines import ITEM_CHANGES, SETTINGS, text_of
from tests.audit.strategies import PROPERTY, records

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.audit.checks import Record

MALFORMED = {"eventID": "x", "dynamodb": {"SequenceNumber": "5200000000047189201511999"}}


def log_of(batches: Iterable[Sequence[Record]]) -> str:
    """Return all that an execution environment writes of batches."""
    output = ""
    previous = None
    for batch in batches:
        written = write_batch(batch, SETTINGS, None, previous)
        output, previous = output + text_of(written), written.link
    return output


LOG = log_of([[golden(name) for name in ITEM_CHANGES], [golden("hostile_names"), MALFORMED], [golden("insert")]])


_batches = st.builds(
    list.__add__,
    st.lists(st.sampled_from([golden(name) for name in ITEM_CHANGES]), min_size=1, max_size=3),
    st.sampled_from(([], [], [MALFORMED])),
)
logs = st.lists(_batches, min_size=1, max_size=3).map(log_of)
"""Logs of ordinary batches, some of which fail in part; what is in a line makes no difference to its link."""


def _linked(log: str) -> list[str]:
    """Return the lines that are part of the chain, which failures are not."""
    return [line for line in log.splitlines(keepends=True) if '"link":"' in line]


def _without_last_batches(lines: list[str]) -> list[list[str]]:
    """Return what remains of a log without its last batches, which nobody can miss."""
    starts = [number for number, line in enumerate(read("".join(lines))) if line["batch"][1] == 0]
    return [lines[:start] for start in (*starts, len(lines))]


def test_links_are_these() -> None:
    # By OpenSSL, from "\n" and the text, and from the link before, "\n" and the text.
    lines, link = link_lines(['{"a":1', '{"b":2'], '"7"', None)
    assert lines == [
        '{"a":1,"batch":["7",0,2],"previous":null,"link":"TBWGCAvRn8_mkTypsonNE4zdo1xoRcYUKxEeIIWVOhg"}',
        '{"b":2,"batch":["7",1,2],"link":"iAsyun421S70rA2h-7TWgoBJ5SRklpGG0LBr27zxQQg"}',
    ]
    lines, link = link_lines(['{"c":3'], '"8"', link)
    assert lines == [
        '{"c":3,"batch":["8",0,1],"previous":"iAsyun421S70rA2h-7TWgoBJ5SRklpGG0LBr27zxQQg","link":"qVWiUgXKFfE6RjxjwNb04aYqi2vIbNoKfvkZcxD9ooI"}'
    ]
    assert link == "qVWiUgXKFfE6RjxjwNb04aYqi2vIbNoKfvkZcxD9ooI"


@PROPERTY
@given(st.lists(records, max_size=2))
def test_a_log_as_it_was_written_holds(batches: list[list[Record]]) -> None:
    assert chain_holds(log_of(batches))


def test_the_chain_goes_on_over_batches_and_failures() -> None:
    lines = read(LOG)
    assert ["failure" in line for line in lines] == [False] * 5 + [True, False]
    assert [line["batch"][1:] for line in lines if "batch" in line] == [[0, 4], [1, 4], [2, 4], [3, 4], [0, 1], [0, 1]]
    assert [line["previous"] for line in lines if "previous" in line] == [None, lines[3]["link"], lines[4]["link"]]
    assert chain_holds(LOG)


@pytest.mark.parametrize("other", ["0", "Z", '"', "\\", "\n", " ", "\u00e9"])
def test_every_single_altered_character_is_found(other: str) -> None:
    log = "".join(_linked(LOG))
    missed = [
        place
        for place, character in enumerate(log)
        if character != other and chain_holds(log[:place] + other + log[place + 1 :])
    ]
    assert missed == []


@PROPERTY
@given(logs, st.data())
def test_an_alteration_is_found(log: str, data: st.DataObject) -> None:
    log = "".join(_linked(log))
    start = data.draw(st.integers(0, len(log) - 1))
    end = data.draw(st.integers(start, min(len(log), start + 3)))
    altered = log[:start] + data.draw(st.text(max_size=3)) + log[end:]
    assume(altered != log)
    assert not chain_holds(altered)


@PROPERTY
@given(logs, st.data())
def test_a_removal_is_found_unless_nothing_comes_after(log: str, data: st.DataObject) -> None:
    lines = _linked(log)
    kept = data.draw(st.lists(st.booleans(), min_size=len(lines), max_size=len(lines)))
    remaining = [line for line, keep in zip(lines, kept, strict=True) if keep]
    assert chain_holds("".join(remaining)) == (remaining in _without_last_batches(lines))


@PROPERTY
@given(logs, st.data())
def test_another_order_is_found(log: str, data: st.DataObject) -> None:
    lines = _linked(log)
    reordered = data.draw(st.permutations(lines))
    assert chain_holds("".join(reordered)) == (reordered == lines)


@PROPERTY
@given(logs, logs, st.data())
def test_lines_from_elsewhere_are_found(log: str, other: str, data: st.DataObject) -> None:
    lines = _linked(log)
    inserted = data.draw(st.lists(st.sampled_from(lines + _linked(other)), min_size=1, max_size=3))
    place = data.draw(st.integers(0, len(lines)))
    # Otherwise the other environment has written the same, and then went on.
    assume(_linked(other)[: len(lines)] != lines)
    assert not chain_holds("".join(lines[:place] + inserted + lines[place:]))


def test_a_repeated_batch_holds_as_a_batch_of_its_own() -> None:
    records_of_batch = [golden(name) for name in ITEM_CHANGES]
    log = log_of([records_of_batch, records_of_batch])
    assert chain_holds(log)
    lines = read(log)
    assert [line["event_id"] for line in lines[:4]] == [line["event_id"] for line in lines[4:]]
    assert len({line["link"] for line in lines}) == 8


def test_two_environments_write_chains_that_do_not_depend_on_each_other() -> None:
    batch = [golden("insert")]
    assert log_of([batch]) == log_of([batch])
