"""A token says nothing of its value, requests at a time make no duplicates, and a crash leaves nothing dangling."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples.tokenization.service import tokenizing
from examples.tokenization.service.detokenizing import Detokenizing
from examples.tokenization.service.forgetting import Forgetting
from examples.tokenization.service.requests import RequestError
from examples.tokenization.service.tokenizing import Tokenizing, Wanted
from tests.examples.tokenization.token_tables import (
    REFERENCES,
    VAULT,
    Crash,
    crashing,
    dangling,
    empty_tables,
    items,
    one_call_at_a_time,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from examples.tokenization.service.items import Tables

THREADS = 12
KINDS = {"one-time": 600, "expiring": 600, "reusable": None}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
FEW = settings(max_examples=15, deadline=None)


def wanted(value: str, kind: str = "reusable", person: str = "P-1", purpose: str = "payment") -> Wanted:
    return Wanted(person=person, value=value, purpose=purpose, kind=kind, life=KINDS[kind])


class Repeated:
    """Randomness that is the same each time."""

    def __init__(self) -> None:
        self._count = 0

    def token_bytes(self, length: int) -> bytes:
        self._count += 1
        return self._count.to_bytes(length)

    def token_hex(self, length: int) -> str:
        return self.token_bytes(length).hex()

    def token_urlsafe(self, length: int) -> str:
        return self.token_hex(length)


@FEW
@given(TEXTS, TEXTS, st.sampled_from(sorted(KINDS)))
def test_references_are_the_same_whatever_the_value(one: str, other: str, kind: str) -> None:
    # With the same randomness and time, a value that shows anywhere makes a difference.
    seen = []
    for value in (one, other):
        with empty_tables() as tables, pytest.MonkeyPatch.context() as patch:
            patch.setattr(tokenizing, "secrets", Repeated())
            patch.setattr(tokenizing, "seconds", lambda: 1_790_000_000)
            Tokenizing(tables).token(wanted(value, kind))
            references = items(tables, REFERENCES)
            macs = [item for item in references if item["record"] == "mac"]
            seen.append([item for item in references if item not in macs])
            # But for the MAC, whose key is in the vault.
            assert [len(item.pop("reference")) for item in macs] == [68] * (kind == "reusable")
            seen[-1] += macs
    assert seen[0] == seen[1]


@FEW
@given(TEXTS)
def test_nobody_without_the_person_s_key_can_try_values_out(value: str) -> None:
    # Equal values of two persons, or for two purposes, have MACs and tokens that have nothing in common.
    with empty_tables() as tables:
        tokens = [
            Tokenizing(tables).token(wanted(value, person=person, purpose=purpose))
            for person in ("P-1", "P-2")
            for purpose in ("payment", "contact")
        ]
        macs = {item["reference"] for item in items(tables, REFERENCES, "mac#")}
        keys = {item["lookup_key"] for item in items(tables, VAULT) if item["record"] == "person"}
    assert (len(set(tokens)), len(macs), len(keys)) == (4, 4, 2)
    assert all(len(key) == 32 for key in keys)


@FEW
@given(TEXTS, st.sampled_from(sorted(KINDS)))
def test_a_value_comes_back_as_it_was(value: str, kind: str) -> None:
    with empty_tables() as tables:
        token = Tokenizing(tables).token(wanted(value, kind))
        assert Detokenizing(tables, "Billing", "payment", 1).value(token, "anna") == value


def test_purpose_and_value_are_not_mixed_up() -> None:
    key = bytes(32)
    assert tokenizing._mac(key, wanted("bc", purpose="a")) != tokenizing._mac(key, wanted("c", purpose="ab"))


def at_a_time(action: Callable[[int], Any]) -> list[Any]:
    """Return what many threads got, errors as their field."""

    def answer(number: int) -> Any:
        try:
            return action(number)
        except RequestError as error:
            return error.field

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(answer, range(THREADS)))


@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_requests_at_a_time_for_one_value_make_one_token(seed: int, is_known: bool) -> None:  # noqa: FBT001
    with empty_tables() as tables:
        if is_known:
            Tokenizing(tables).token(wanted("another"))
        shared = one_call_at_a_time(tables, seed)
        tokens = at_a_time(lambda _: Tokenizing(shared).token(wanted("DE89")))
        assert len(set(tokens)) == 1
        assert [item.get("value") for item in items(tables, VAULT)].count("DE89") == 1
        assert dangling(tables) == []


@pytest.mark.parametrize("seed", range(5))
def test_a_one_time_token_is_given_out_once_to_requests_at_a_time(seed: int) -> None:
    with empty_tables() as tables:
        token = Tokenizing(tables).token(wanted("DE89", "one-time"))
        mine = Detokenizing(one_call_at_a_time(tables, seed), "Billing", "payment", THREADS)
        assert Counter(at_a_time(lambda _: mine.value(token, "anna"))) == {"DE89": 1, "token": THREADS - 1}
        outcomes = Counter(item["outcome"] for item in items(tables, REFERENCES, "record#"))
        assert outcomes == {"given out": 1, "refused": THREADS - 1}


@pytest.mark.parametrize("seed", range(5))
def test_requests_at_a_time_do_not_exceed_the_rate(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("examples.tokenization.service.detokenizing.seconds", lambda: 1_790_000_000)
    with empty_tables() as tables:
        token = Tokenizing(tables).token(wanted("DE89"))
        mine = Detokenizing(one_call_at_a_time(tables, seed), "Billing", "payment", 5)
        assert Counter(at_a_time(lambda _: mine.value(token, "anna"))) == {"DE89": 5, "caller": THREADS - 5}


@pytest.mark.parametrize("seed", range(5))
def test_tokens_that_are_made_while_the_person_is_deleted_do_not_outlive_it(seed: int) -> None:
    with empty_tables() as tables:
        Tokenizing(tables).token(wanted("first"))
        shared = one_call_at_a_time(tables, seed)

        def act(number: int) -> object:
            if number == THREADS // 2:
                return Forgetting(shared).forget("P-1")
            return Tokenizing(shared).token(wanted(f"value {number}", sorted(KINDS)[number % 3]))

        at_a_time(act)
        Forgetting(tables).forget("P-1")
        assert [item["record"] for item in items(tables, VAULT)] == ["person"]
        assert items(tables, REFERENCES) == []


def make(tables: Tables, value: str, kind: str) -> None:
    Tokenizing(tables).token(wanted(value, kind))


def use(tables: Tables, value: str, kind: str) -> None:
    tokens = [item for item in items(tables, VAULT) if item.get("value") == value]
    if tokens:
        Detokenizing(tables, "Billing", "payment", 100).value(tokens[0]["token"], kind)


def forget(tables: Tables, _value: str, _kind: str) -> None:
    Forgetting(tables).forget("P-1")


STEPS = st.tuples(
    st.sampled_from([make, make, make, use, use, forget]),
    st.sampled_from(["DE89", "FR76", "anna@example.com"]),
    st.sampled_from(sorted(KINDS)),
    st.integers(0, 8),
    st.booleans(),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=12))
def test_a_crash_at_any_call_leaves_nothing_dangling(steps: list[Any]) -> None:
    with empty_tables() as tables:
        for step, value, kind, at, is_done in steps:
            with suppress(Crash, RequestError):
                step(crashing(tables, at, is_done=is_done), value, kind)
            assert dangling(tables) == []
            # A one-time token that is used up has a record.
            used = {item["reference"] for item in items(tables, REFERENCES, "tok_") if "used_at" in item}
            recorded = items(tables, REFERENCES, "record#")
            assert used <= {item["token"] for item in recorded if item["outcome"] == "given out"}
