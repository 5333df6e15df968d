"""The JSON Schema of a line holds for lines, which the other tests show, and for nothing else."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from secure_ddb.audit_trail.handler.audit_trail.batch import write_batch
from secure_ddb.audit_trail.handler.audit_trail.keys import key_digest, plain_keys
from secure_ddb.audit_trail.handler.audit_trail.settings import Settings
from tests.audit.aws import STREAMS, mac_of
from tests.audit.checks import SCHEMA, VALIDATOR, golden, read
from tests.audit.lines import SECRET, text_of

if TYPE_CHECKING:
    from tests.audit.checks import Line


def mac_of_link(link: str) -> bytes:
    return mac_of(link.encode())


@pytest.fixture(name="lines")
def _lines() -> dict[str, Line]:
    """Return a line of each sort."""
    settings = Settings(key_digest(SECRET), STREAMS, frozenset({"note", "history", "insurer"}))
    batch = [golden("modify"), golden("modify"), {"dynamodb": {"SequenceNumber": "1"}}]
    written = write_batch(batch, settings, "shard", None)
    written.add_mac(mac_of_link)
    first, second, failure = read(text_of(written))
    (plain,) = read(text_of(write_batch([golden("insert")], Settings(plain_keys, STREAMS), None, None)))
    return {"first": first, "second": second, "failure": failure, "plain": plain}


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("sort", ["first", "second", "failure", "plain"])
def test_a_line_holds(lines: dict[str, Line], sort: str) -> None:
    assert VALIDATOR.is_valid(lines[sort])


@pytest.mark.parametrize(
    ("sort", "optional"),
    [
        ("first", {"added", "removed", "changed", "clear"}),
        ("second", {"added", "removed", "changed", "clear", "link_mac"}),
        ("failure", ()),
    ],
)
def test_every_other_field_is_required(lines: dict[str, Line], sort: str, optional: set[str]) -> None:
    for field in lines[sort]:
        without = {name: content for name, content in lines[sort].items() if name != field}
        assert VALIDATOR.is_valid(without) == (field in optional), field


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ((), "a text"),
        (("another",), 1),
        (("failure",), {"event_id": None, "sequence_number": "1", "error": "KeyError"}),
        (("schema",), 2),
        (("schema",), "1"),
        (("event_id",), None),
        (("table",), 1),
        (("action",), "modify"),
        (("action",), "INSERT"),
        (("action",), "REMOVE"),
        (("cause",), None),
        (("shard",), 1),
        (("sequence_number",), 1),
        (("sequence_number",), ""),
        (("created",), "1764230402"),
        (("created",), None),
        (("key",), "A" * 42),
        (("key",), "A" * 42 + "B"),
        (("key",), "A" * 42 + "="),
        (("key",), None),
        (("keys",), {"id": {"S": "1"}}),
        (("added",), {}),
        (("added", "note"), ["S"]),
        (("added", "note"), ["S", 1, 1]),
        (("added", "note"), ["X", 1]),
        (("added", "note"), ["S", -1]),
        (("added", "note"), ["S", 1.5]),
        (("added", "note"), "a value"),
        (("removed",), {}),
        (("removed",), None),
        (("changed",), {}),
        (("changed", "note"), ["S", 1]),
        (("changed", "note"), ["S", 1, "S", 1, 1]),
        (("changed", "note"), ["S", 1, 1, "S"]),
        (("clear",), {}),
        (("clear", "note"), [None, None]),
        (("clear", "note"), [{"S": "1"}]),
        (("clear", "note"), [{"S": "1"}, {"S": "1"}, None]),
        (("clear", "note"), ["1", "2"]),
        (("clear", "note"), [{"S": "1", "N": "1"}, None]),
        (("clear", "note"), [{"L": ["1"]}, None]),
        (("clear", "note"), [{}, None]),
        (("batch",), ["1", 0]),
        (("batch",), ["1", 0, 0]),
        (("batch",), ["1", -1, 1]),
        (("batch",), ["1", 1, 2]),
        (("batch",), [1, 0, 1]),
        (("batch",), ["1", 0, 1, 1]),
        (("previous",), ""),
        (("previous",), "A"),
        (("previous_lost",), True),
        (("link",), None),
        (("link",), "A" * 44),
    ],
)
def test_what_is_no_line_does_not_hold(lines: dict[str, Line], path: tuple[str, ...], content: Any) -> None:
    line: Any = deepcopy(lines["first"])
    if not path:
        line = content
    elif len(path) == 1:
        line[path[0]] = content
    else:
        line[path[0]][path[1]] = content
    assert not VALIDATOR.is_valid(line)


def test_only_the_first_line_of_a_batch_says_what_came_before(lines: dict[str, Line]) -> None:
    assert not VALIDATOR.is_valid(lines["second"] | {"previous": None})
    assert VALIDATOR.is_valid(lines["first"] | {"previous": lines["second"]["link"]})


def test_only_a_line_that_has_one_before_says_that_it_is_gone(lines: dict[str, Line]) -> None:
    link = {"previous": lines["second"]["link"]}
    assert VALIDATOR.is_valid(lines["first"] | link | {"previous_lost": True})
    assert not VALIDATOR.is_valid(lines["first"] | link | {"previous_lost": False})
    assert not VALIDATOR.is_valid(lines["second"] | {"previous_lost": True})


def test_keys_in_clear_are_typed_values_instead_of_a_digest(lines: dict[str, Line]) -> None:
    assert not VALIDATOR.is_valid(lines["plain"] | {"key": lines["first"]["key"]})
    wrong: list[object] = [{}, {"id": "1"}, {"id": {"BOOL": True}}, {"id": {"S": "1", "N": "1"}}, {"id": {}}]
    for keys in wrong:
        assert not VALIDATOR.is_valid(lines["plain"] | {"keys": keys})


@pytest.mark.parametrize(
    "wrong", [{"level": 1}, {"error": None}, {"sequence_number": ""}, {"sequence_number": None}, {"event_id": 1}]
)
def test_what_is_no_failure_does_not_hold(lines: dict[str, Line], wrong: Line) -> None:
    failure = lines["failure"]
    assert not VALIDATOR.is_valid(failure | {"failure": failure["failure"] | wrong})
    assert not VALIDATOR.is_valid(failure | {"level": "INFO"})
