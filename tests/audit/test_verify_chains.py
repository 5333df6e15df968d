"""Chains of batches: what is missing between two of them, and what only looks as if it were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secure_ddb.audit_trail.verify import Entry, Kind, verify
from tests.audit.trail import Environment, chain_of, change, flat, interleaved, kinds, trail_of, verified

if TYPE_CHECKING:
    from collections.abc import Iterable

ANY_TRAIL = st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=4), min_size=1, max_size=3)


@settings(deadline=None)
@given(sizes=st.lists(st.integers(1, 3), min_size=3, max_size=6), data=st.data())
def test_missing_batches_between_others_are_one_gap(sizes: list[int], data: st.DataObject) -> None:
    chain = chain_of(sizes)
    first = data.draw(st.integers(1, len(chain) - 2))
    last = data.draw(st.integers(first + 1, len(chain) - 1))
    report = verified(flat(chain[:first] + chain[last:]))
    assert report.counts == {Kind.GAP: 1}


@settings(deadline=None)
@given(sizes=ANY_TRAIL, data=st.data())
def test_any_missing_line_is_found_among_several_environments(sizes: list[list[int]], data: st.DataObject) -> None:
    trail = trail_of(sizes)
    chain = data.draw(st.sampled_from(trail))
    batch = data.draw(st.sampled_from(chain))
    ends_its_chain = batch is chain[-1] and len(batch) == 1
    del batch[data.draw(st.integers(0, len(batch) - 1))]
    report = verified(interleaved(data, [flat(chain) for chain in trail]), from_beginning=True)
    assert (Kind.GAP in report.counts) is not ends_its_chain
    if ends_its_chain:
        assert report.intact or report.is_empty
        assert any("can be missing unnoticed" in note for note in report.notes())


@settings(deadline=None)
@given(size=st.integers(1, 5), data=st.data())
def test_a_batch_that_lambda_repeats_is_no_damage(size: int, data: st.DataObject) -> None:
    first, second = Environment(), Environment()
    changes = [change(number) for number in range(size)]
    repeated = [{**fields, "shard": None} for fields in changes[: data.draw(st.integers(1, size))]]
    sequences = [
        first.batch([change(10)]) + first.batch(changes) + first.batch([change(11)]),
        second.batch([change(20)]) + second.batch(repeated) + second.batch([change(21)]),
    ]
    report = verified(interleaved(data, sequences), from_beginning=True)
    assert report.findings == []
    assert report.intact
    assert (report.duplicates, report.copies) == (len(repeated), 0)
    assert report.records == size + 4


@pytest.mark.parametrize("missing", range(4))
def test_a_repeated_batch_does_not_hide_what_is_missing_in_the_first(missing: int) -> None:
    changes = [change(number) for number in range(4)]
    first = Environment().batch(changes)
    again = Environment().batch([{**fields, "shard": None} for fields in changes])
    for lines in ([*first[:missing], *first[missing + 1 :], *again], [*again, *first[:missing], *first[missing + 1 :]]):
        assert verified(lines).counts == {Kind.GAP: 1}


@settings(deadline=None)
@given(sizes=ANY_TRAIL, data=st.data())
def test_copies_of_lines_are_no_damage_wherever_they_are(sizes: list[list[int]], data: st.DataObject) -> None:
    lines = interleaved(data, [flat(chain) for chain in trail_of(sizes)])
    copied = data.draw(st.sets(st.integers(0, len(lines) - 1)))
    for number in sorted(copied, reverse=True):
        lines.insert(data.draw(st.integers(number, len(lines))), lines[number])
    report = verified(lines, from_beginning=True)
    assert report.intact
    assert (report.copies, report.duplicates) == (len(copied), 0)
    assert report.chains_ended == len(sizes)


def test_two_new_environments_with_the_same_batch_may_both_go_on() -> None:
    lines = []
    for number in (1, 2):
        environment = Environment()
        lines += environment.batch([change(0)]) + environment.batch([change(number)])
    assert verified(lines, from_beginning=True).intact


def streamed(chain: Iterable[list[str]], stream: str | None) -> list[Entry]:
    return [Entry(line, f"{stream}.gz", number, 0, stream) for number, line in enumerate(flat(chain), start=1)]


def test_each_log_stream_may_continue_from_before() -> None:
    # As an export has them: one stream after the other, so the first ends before the second begins.
    chains = [chain[1:] for chain in trail_of([[2, 2, 1], [1, 3, 1]])]
    report = verify(streamed(chains[0], "a") + streamed(chains[1], "b"))
    assert report.intact
    assert report.chains_before == 2
    assert kinds(verify(streamed(chains[0], "a") + streamed(chains[1], "b"), from_beginning=True)) == {Kind.GAP}


def test_a_batch_missing_in_one_of_several_log_streams_is_a_gap() -> None:
    chains = trail_of([[2, 2, 1], [1, 3, 1]])
    report = verify(streamed(chains[0][1:], "a") + streamed([chains[1][0], chains[1][2]], "b"))
    assert [(finding.kind, finding.where) for finding in report.findings] == [(Kind.GAP, "b.gz:2")]
    assert "silent" not in report.findings[0].text
    assert report.chains_before == 1


@pytest.mark.parametrize("stream", ["a", None])
def test_what_follows_a_batch_without_its_last_line_does_not_continue_from_before(stream: str | None) -> None:
    chain = chain_of([2, 2])
    report = verify(streamed([chain[0][:1], chain[1]], stream))
    assert report.counts == {Kind.GAP: 2}
    assert report.chains_before == 0
    report = verify(streamed([chain[1][:1]], stream))
    assert report.counts == {Kind.GAP: 1}
    assert report.chains_before == 1


def test_a_gap_inside_of_a_batch_does_not_touch_other_chains() -> None:
    (damaged, after), (_, other) = trail_of([[3, 1], [1, 1]])
    report = verified([damaged[0], damaged[2], *other, *after])
    assert report.counts == {Kind.GAP: 1}
    assert report.chains_before == 1


def test_without_log_streams_a_late_beginning_is_a_gap_that_says_what_else_it_could_be() -> None:
    chains = [chain[1:] for chain in trail_of([[2, 2, 1], [1, 3, 1]])]
    report = verified(flat(chains[0]) + flat(chains[1]))
    assert report.counts == {Kind.GAP: 1}
    assert "wrote nothing since before the exported period" in report.findings[0].text
    assert report.chains_before == 1


@pytest.mark.parametrize("stream", ["b", None])
def test_a_chain_whose_log_stream_was_deleted_is_a_gap_although_it_could_continue_from_before(
    stream: str | None,
) -> None:
    environment = Environment()
    before = environment.batch([change(1)])
    after = [environment.batch([change(2), change(3)], lost=True), environment.batch([change(4)])]
    report = verify(streamed(after, stream))
    assert [(finding.kind, finding.where) for finding in report.findings] == [(Kind.GAP, f"{stream}.gz:1")]
    assert "so it was deleted, or the log group was" in report.findings[0].text
    assert report.chains_before == 0
    # Nothing is missing where the archive, or an export made before, has the line.
    assert verify(streamed([before], "a") + streamed(after, stream)).intact


def test_a_new_environment_after_a_deletion_is_no_gap() -> None:
    assert verified(flat([Environment().batch([change(1)]), Environment().batch([change(2)])])).intact


def test_a_repeated_change_whose_chain_was_cut_is_a_duplicate_and_no_contradiction() -> None:
    environment = Environment()
    lines = [*environment.batch([change(1)]), *environment.batch([change(1)], lost=True)]
    report = verified(lines)
    assert (report.intact, report.duplicates) == (True, 1)
