"""A replica costs little beside its table, and further ones cost the same."""

from __future__ import annotations

from benchmarks.regions import MOST_CALLS, count


def test_calls_of_replicas_are_few_and_grow_with_their_number_alone() -> None:
    alone, one, two, three = (count(replicas) for replicas in range(4))
    assert one.calls - alone.calls <= MOST_CALLS * alone.calls
    # One more is one more metric, in the one alarm on replication of each Region.
    assert three.calls - two.calls == two.calls - one.calls
    assert set(one.resources) == set(two.resources) == set(three.resources)
