"""What is read with a regular expression is what parsing it would give, and lines of the handler are read so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_ddb.audit_trail.handler.audit_trail.batch import write_batch
from secure_ddb.audit_trail.handler.audit_trail.keys import key_digest, plain_keys
from secure_ddb.audit_trail.handler.audit_trail.settings import Settings
from secure_ddb.audit_trail.verify.line import Line, read_line
from secure_ddb.audit_trail.verify.usual_line import _read_usual, read_quickly
from tests.audit.aws import STREAMS, mac_of
from tests.audit.checks import golden
from tests.audit.lines import ITEM_CHANGES, SECRET
from tests.audit.strategies import PROPERTY, records
from tests.audit.trail import Environment, change, failure, with_mac

if TYPE_CHECKING:
    from tests.audit.checks import Record

CLEAR = frozenset({"note", "history", "insurer"})


def lines_of(batch: list[Record], settings: Settings, shard: str | None = None) -> list[str]:
    written = write_batch(batch, settings, shard, "A" * 43)
    written.add_mac(lambda link: mac_of(link.encode()))
    return written.lines


@pytest.mark.parametrize("shard", [None, "shardId-00000001732217679123-5a6b7c8d"])
@pytest.mark.parametrize("name", ITEM_CHANGES)
def test_lines_of_the_handler_are_usual(name: str, shard: str | None) -> None:
    for settings in (Settings(key_digest(SECRET), STREAMS), Settings(plain_keys, STREAMS)):
        for line in lines_of([golden(name)] * 3, settings, shard):
            assert _read_usual(line) == read_line(line)


def test_lines_with_values_in_clear_are_usual_as_long_as_values_are_plain() -> None:
    pair = {"a": [{"S": "x y: [],{}"}, {"N": "-1.5"}], "b": [None, {"BOOL": True}], "c": [{"B": "AA=="}, None]}
    for clear, is_usual in ((pair, True), ({"a": [None, {"S": "\u00e4"}]}, False), ({"a": [None, {"L": []}]}, False)):
        (line,) = Environment().batch([change(1, clear=clear)])
        assert bool(_read_usual(line)) is is_usual
        assert read_quickly(line) == read_line(line)


@PROPERTY
@given(records, st.none() | st.text(max_size=8), st.booleans(), st.booleans())
def test_any_line_of_the_handler_is_what_parsing_gives(
    batch: list[Record],
    shard: str | None,
    in_clear: bool,  # noqa: FBT001 - drawn
    has_clear: bool,  # noqa: FBT001 - drawn
) -> None:
    settings = Settings(plain_keys if in_clear else key_digest(SECRET), STREAMS, CLEAR if has_clear else frozenset())
    for line in lines_of(batch, settings, shard):
        parsed = read_line(line)
        assert isinstance(parsed, Line)
        assert read_quickly(line) == parsed


_ODD: dict[str, dict[str, Any]] = {
    "all sorts of change": {"added": {"b": ["S", 1], "a": ["BS", 0]}, "removed": {"c": ["M", 7]}},
    "names in an order that quotation marks could change": {"added": {"a!": ["S", 1], "a": ["S", 2], "a b": ["S", 3]}},
    "names with marks": {"added": {"]": ["S", 1], "],": ["S", 2], ":": ["N", 3], "}{": ["L", 4], "#~[": ["NS", 5]}},
    "names of other characters": {"added": {"\u00e4": ["S", 1], '"': ["S", 2], "\\": ["S", 3]}},
    "no attribute": {"added": {}},
    "a type that does not exist": {"added": {"a": ["X", 1]}},
    "a size that is no number": {"added": {"a": ["S", True]}},
    "a size that is negative": {"added": {"a": ["S", -1]}},
    "a large size": {"added": {"a": ["S", 10**9]}},
    "too many sizes": {"added": {"a": ["S", 1, "S", 1]}},
    "too few sizes": {"changed": {"a": ["S", 1]}},
    "seconds in parts": {"created": 1795292079.25},
    "no parts of a second": {"created": 1795292079.0},
    "few parts of a second": {"created": 1.1e-07},
    "the first second": {"created": 0},
    "seconds that are too many": {"created": 10**12 - 1},
    "a negative second": {"created": -1},
    "an event id with marks": {"event_id": "a\\b\"c'd"},
    "an event id of other characters": {"event_id": "\u00e4"},
    "a long event id": {"event_id": "a" * 201},
    "no event id": {"event_id": ""},
    "another action": {"action": "UPSERT"},
    "another cause": {"cause": "a request"},
    "another schema": {"schema": 2},
    "a short table": {"table": "ab"},
    "a shard with marks": {"shard": 'a"b'},
    "no sequence number": {"sequence_number": ""},
    "neither a digest nor keys": {"key": ...},
    "a short digest": {"key": "A" * 42},
    "keys": {"key": ..., "keys": {"b": {"S": "x"}, "a": {"N": "1"}}},
    "keys of another type": {"key": ..., "keys": {"a": {"BOOL": True}}},
    "no key in keys": {"key": ..., "keys": {}},
    "another field": {"more": 1},
}


@pytest.mark.parametrize("name", _ODD)
def test_odd_lines_are_what_parsing_gives(name: str) -> None:
    environment = Environment(mac_of=mac_of)
    lines = environment.batch([change(1, **_ODD[name]), change(2, **_ODD[name])]) + environment.batch([change(3)])
    for line in lines:
        parsed = read_line(line)
        assert read_quickly(line) == parsed
        assert not isinstance(parsed, Line) or not parsed.fault or _read_usual(line) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"batch":["100000000000047189201511001",0,2]', '"batch":["100000000000047189201511001",0,1]'),
        ('"batch":["100000000000047189201511001",0,2]', '"batch":["100000000000047189201511001",2,2]'),
        ('"batch":["100000000000047189201511001",0,2]', '"batch":["100000000000047189201511001",00,2]'),
        ('"batch":["100000000000047189201511001",0,2]', '"batch":["100000000000047189201511001",0,10000]'),
        ('"batch":["100000000000047189201511001",0,2]', '"batch":["100000000000047189201511001",0,10001]'),
        ('"batch":["100000000000047189201511001",0,2]', '"batch":["100000000000047189201511001",1,2]'),
        ('"previous":null', '"previous":null,"previous_lost":true'),
        ('"previous":null', f'"previous":"{"A" * 43}","previous_lost":true'),
        ('"previous":null', f'"previous":"{"A" * 42}"'),
        (',"previous":null', ""),
        ('"note":["S",12]', '"note":["S",12],"note":["N",1]'),
        ('"note":["S",12]', '"a":["S",1],"note":["S",12],"a":["N",1]'),
        ('"note":["S",12]', '"note":["S",12] '),
        ('"note":["S",12]', '"note":["S",012]'),
        ('"action":"MODIFY"', '"action":"MODIFY","action":"INSERT"'),
        ('"created":1795292080', '"created":1795292080.10'),
        ('"created":1795292080', '"created":1795292080.123456789'),
        ('"created":1795292080', '"created":1795292080.0000000001'),
        ('"created":1795292080', '"created":17952920800'),
        ('"created":1795292080', '"created":179529208000'),
        ('"created":1795292080', '"created":01795292080'),
        ('"created":1795292080', '"created":1795292080e0'),
        ("}", "}\n"),
        ("{", "\ufeff{"),
    ],
)
def test_texts_that_json_has_another_way_are_what_parsing_gives(before: str, after: str) -> None:
    line, last = Environment().batch([change(1), change(2)])
    assert before in line
    for altered in (line.replace(before, after, 1), with_mac(line.replace(before, after, 1), "A" * 43, mac_of), last):
        assert read_quickly(altered) == read_line(altered)


def test_each_character_of_a_line_counts() -> None:
    environment = Environment(mac_of=mac_of)
    environment.batch([change(1)])
    clear = {"clear": {"a": [None, {"S": "b"}]}}
    for line in (
        *environment.batch([change(2, **clear), change(3, added={"b": ["S", 1], "a": ["N", 2]})]),
        failure("1"),
    ):
        for place in range(len(line)):
            for other in ("", "0", '"', "a", ",", "]", "\\", " ", "\u0660"):
                altered = line[:place] + other + line[place + 1 :]
                assert read_quickly(altered) == read_line(altered), altered


def test_attributes_in_another_order_say_the_same() -> None:
    lines = [
        Environment().batch([change(1, added=dict(order))])[0]
        for order in ([("b", ["S", 1]), ("a", ["N", 2])], [("a", ["N", 2]), ("b", ["S", 1])])
    ]
    first, second = map(read_quickly, lines)
    assert isinstance(first, Line)
    assert isinstance(second, Line)
    assert first.content == second.content
    assert first.text_digest != second.text_digest


def test_a_line_that_is_not_usual_says_the_same_of_a_change() -> None:
    (line,) = Environment().batch([change(1)])
    usual, other = map(read_quickly, (line, line.replace("note", "\\u006eote")))
    assert _read_usual(line.replace("note", "\\u006eote")) is None
    assert isinstance(usual, Line)
    assert isinstance(other, Line)
    assert usual.content == other.content


def test_a_long_line_takes_linear_time() -> None:
    # Backtracking in each entry would take hours.
    attributes = ",".join(f'"a{number}":["S",1]' for number in range(20_000))
    (line,) = Environment().batch([change(1)])
    for ending in ("", ',"x":["S"]', ',"x":["S",1]}'):
        text = line.replace('"note":["S",12]', attributes + ending)
        assert read_quickly(text) == read_line(text)
