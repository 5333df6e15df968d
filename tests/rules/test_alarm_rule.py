"""Reading the rules of composite alarms, and telling when they hold."""

from __future__ import annotations

from functools import reduce
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_ddb.landscape.alarm_rule import AlarmRule

if TYPE_CHECKING:
    from collections.abc import Callable

ARN = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:orders"
NAMES = ["orders", "or", "Late (p99), all", 'so "called"', ARN, "${?Data.Stage}-orders", "${App (1).Late}"]

States = dict[str, bool]


class Written(NamedTuple):
    """A rule, and the same in Python."""

    text: str
    holds: Callable[[States], bool]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '\\"') + '"'


def leaf(function: str, name: str) -> Written:
    holds: dict[str, Callable[[States], bool]] = {
        "ALARM": lambda states: states[name],
        "OK": lambda states: not states[name],
        "INSUFFICIENT_DATA": lambda _: False,
    }
    return Written(f"{function}({quoted(name)})", holds[function])


def at_least(amount: int, unit: str, condition: str, names: list[str]) -> Written:
    function = condition.removeprefix("NOT ")
    leaves = [leaf(function, name).holds for name in names]
    needed = amount * len(names) if unit else amount * 100

    def holds(states: States) -> bool:
        return 100 * sum(each(states) is not condition.startswith("NOT ") for each in leaves) >= needed

    return Written(f"AT_LEAST({amount}{unit}, {condition}, ({', '.join(map(quoted, names))}))", holds)


def joined(operator: str, first: Written, second: Written) -> Written:
    if operator == "AND":
        return Written(f"({first.text} AND {second.text})", lambda each: first.holds(each) and second.holds(each))
    return Written(f"({first.text} OR\n{second.text})", lambda each: first.holds(each) or second.holds(each))


STATES = st.sampled_from(["ALARM", "OK", "INSUFFICIENT_DATA"])
NAME = st.sampled_from(NAMES)
LEAVES = st.one_of(
    st.builds(leaf, STATES, NAME),
    st.sampled_from([Written("TRUE", lambda _: True), Written("false", lambda _: False)]),
    st.builds(
        at_least,
        st.integers(0, 120),
        st.sampled_from(["", "%"]),
        st.builds(str.__add__, st.sampled_from(["", "NOT "]), STATES),
        st.lists(NAME, min_size=1, max_size=4),
    ),
    st.builds(at_least, st.integers(0, 4), st.just(""), STATES, st.lists(NAME, min_size=1, max_size=4)),
)
RULES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(joined, st.sampled_from(["AND", "OR"]), inner, inner),
        inner.map(lambda each: Written(f"NOT {each.text}", lambda states: not each.holds(states))),
        inner.map(lambda each: Written(f"( {each.text} )", each.holds)),
    ),
    max_leaves=12,
)
IN_ALARM_OR_NOT = st.fixed_dictionaries({name: st.booleans() for name in NAMES})


@given(RULES, IN_ALARM_OR_NOT)
def test_a_rule_holds_when_python_says_so(rule: Written, states: States) -> None:
    assert AlarmRule(rule.text).holds(states.__getitem__) is rule.holds(states)


@given(RULES, st.fixed_dictionaries({name: st.sampled_from([True, False, None]) for name in NAMES[:4]}))
def test_what_is_said_of_unknown_alarms_is_true_whatever_they_turn_out_to_do(
    rule: Written, states: dict[str, bool | None]
) -> None:
    answer = AlarmRule(rule.text).holds(lambda name: states.get(name, False))
    unknown = [name for name, each in states.items() if each is None]
    known = {**dict.fromkeys(NAMES, False), **{name: bool(each) for name, each in states.items()}}
    possible = {
        rule.holds({**known, **dict(zip(unknown, each, strict=True))})
        for each in product([True, False], repeat=len(unknown))
    }
    assert answer is None or possible == {answer}


@given(st.lists(st.tuples(st.sampled_from(["AND", "OR"]), st.booleans()), min_size=1, max_size=6))
def test_without_brackets_only_what_holds_in_either_order_is_said(words: list[tuple[str, bool]]) -> None:
    text = " ".join(f"{operator} {str(value).upper()}" for operator, value in words).partition(" ")[2]
    and_first = any(all(part == "TRUE" for part in each.split(" AND ")) for each in text.split(" OR "))
    (_, first), *others = words
    from_left = reduce(lambda left, each: (left and each[1]) if each[0] == "AND" else (left or each[1]), others, first)
    assert AlarmRule(text).holds(lambda _: False) is (and_first if and_first == from_left else None)


@given(st.lists(st.sampled_from(["ALARM", "OK", "(", ")", ",", "a", '"b"', '"', "'", "AND", "NOT", "TRUE", "2", "%"])))
def test_no_text_makes_it_fail(words: list[str]) -> None:
    assert AlarmRule(" ".join([*words, "AT_LEAST"])).holds(lambda _: True) is None
    assert AlarmRule("".join(words)).holds(lambda _: True) in {True, False, None}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ALARM(orders)", "orders"),
        ("alarm( orders )", "orders"),
        ("ALARM('orders')", "orders"),
        ("ALARM(bob's-orders)", "bob's-orders"),
        (f"ALARM({ARN})", ARN),
        ("ALARM(${App (1).Late})", "${App (1).Late}"),
        ("ALARM(late-${App (1).Late})", "late-${App (1).Late}"),
        ("ALARM(${?Data.Stage}-orders)", "${?Data.Stage}-orders"),
        ('ALARM("AND")', "AND"),
    ],
)
def test_names_are_read_with_and_without_quotes(text: str, name: str) -> None:
    assert AlarmRule(text).holds({name: True}.get) is True
    assert name in AlarmRule(text).words


@pytest.mark.parametrize(
    "text",
    [
        "",
        "None",
        "${?Parameter}",
        "ALARM(a) OR ${?Parameter}",
        "ALARM(a) ALARM(b)",
        "ALARM(a) OR",
        "OR ALARM(a)",
        "ALARM(a) XOR TRUE",
        "ALARM(a, b)",
        "ALARM()",
        "ALARM a",
        "(ALARM(a)",
        "ALARM(a))",
        'ALARM("a)',
        "MISSING(a)",
        "AT_LEAST(${?Parameter}, ALARM, (a))",
        "AT_LEAST(-1, ALARM, (a))",
        "AT_LEAST(1, ALARM, ())",
        "AT_LEAST(1, ALARM, (a b))",
        "AT_LEAST(1, ALARM, a)",
        "AT_LEAST(1, ALARM)",
        "AT_LEAST(1, ALARM, (a)",
        "NOT " * 9999 + "ALARM(a)",
        "(" * 9999 + "ALARM(a)" + ")" * 9999,
    ],
    ids=lambda text: text[:40],
)
def test_what_is_not_understood_holds_for_nobody_for_sure(text: str) -> None:
    rule = AlarmRule(text)
    assert not rule.is_understood
    assert rule.holds(lambda _: True) is rule.holds(lambda _: False) is None


def test_a_hundredth_bracket_is_still_understood() -> None:
    assert AlarmRule("(" * 99 + "ALARM(a)" + ")" * 99).holds({"a": True}.get) is True
