"""Each line is taken for what it is: one of the trail, one of Lambda's own, or a damaged one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from secure_ddb.audit_trail.verify import Entry, Finding, Kind, Report, schema, verify
from tests.audit.trail import Environment, change, failure, linked

SCHEMA = json.loads((Path(schema.__file__).parents[1] / "record.schema.json").read_text(encoding="utf-8"))
LAMBDA_S = [
    '{"time":"2026-11-21T20:14:39.123Z","type":"platform.initStart","record":{"runtimeVersion":"python:3.14"}}',
    '{"timestamp":"2026-11-21T20:14:39Z","level":"WARNING","message":"batch","logger":"root","requestId":"1"}',
    '{"timestamp":"2026-11-21T20:14:39Z","level":"ERROR","errorMessage":"","errorType":"ValueError","stackTrace":[]}',
    # Of clients for Python before 4.0.4.
    '{"timestamp":"2026-08-21T20:14:39Z","log_level":"ERROR","errorMessage":"","errorType":"ValueError","requestId":"1"}',
]


def verified(*lines: str) -> Report:
    return verify(Entry(line, "lines", number) for number, line in enumerate(lines, start=1))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"key": ..., "keys": {"pk": {"S": "a"}}}, id="keys in clear"),
        pytest.param({"shard": None}, id="no shard"),
        pytest.param({"created": 1795292079.0}, id="fraction of a second"),
        pytest.param({"action": "REMOVE", "cause": "time to live", "added": ..., "changed": ...}, id="expiry"),
        pytest.param({"added": ..., "changed": ...}, id="nothing touched"),
        pytest.param({"removed": {"}{": ["BS", 7]}}, id="odd name"),
        pytest.param({"clear": {"status": [None, {"S": "open"}]}}, id="values in clear"),
        pytest.param({"added": {"\u00e4\u2028\ud800": ["NULL", 1]}}, id="name of other characters"),
    ],
)
def test_what_the_format_has_is_accepted(other: dict[str, Any]) -> None:
    lines = Environment().batch([change(1, **other), change(2)])
    assert verified(*lines).intact
    for line in (*lines, failure("1"), failure(None)):
        Draft202012Validator(SCHEMA).validate(json.loads(line))


def test_fields_are_those_of_the_json_schema() -> None:
    of_a_change = SCHEMA["$defs"]["change"]
    assert set(of_a_change["required"]) == schema._REQUIRED.keys()
    assert set(of_a_change["properties"]) == schema._REQUIRED.keys() | schema._OPTIONAL.keys()
    assert SCHEMA["$defs"]["type"]["enum"] == sorted(schema._TYPES, key=SCHEMA["$defs"]["type"]["enum"].index)
    assert SCHEMA["$defs"]["failure"]["properties"]["failure"]["required"] == list(schema.FAILURE_FIELDS)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *((name, ...) for name in ("schema", "event_id", "table", "region", "action", "cause", "shard", "created")),
        ("key", ...),
        ("keys", {"pk": {"S": "a"}}),
        ("schema", 2),
        ("schema", True),
        ("event_id", ""),
        ("event_id", None),
        ("table", "a b"),
        ("region", 1),
        ("action", "UPDATE"),
        ("cause", ""),
        ("shard", 7),
        ("sequence_number", 7),
        ("created", "2026-11-21"),
        ("created", -1),
        ("created", 1e300),
        ("key", "short"),
        ("added", []),
        ("added", {"a": ["S"]}),
        ("added", {"a": ["X", 1]}),
        ("removed", {"a": ["S", -1]}),
        ("removed", {"a": ["S", True]}),
        ("changed", {"a": ["S", 1]}),
        ("clear", {"a": {"S": "x"}}),
        ("previous", "short"),
        ("previous_lost", True),
        ("note", "x"),
    ],
)
def test_a_field_that_the_format_does_not_have_is_a_finding_though_the_link_matches(field: str, value: object) -> None:
    fields = change(1, batch=["100000000000047189201511001", 0, 1], previous=None)
    fields = {name: part for name, part in (fields | {field: value}).items() if part is not ...}
    line, _ = linked(str(fields["previous"] or ""), fields)
    report = verified(line)
    named = "key" if field == "keys" else field
    assert report.findings == [Finding(Kind.ALTERATION, "lines:1", f"not as the format has it: {named}")]


def test_only_the_first_line_of_a_batch_names_the_line_before() -> None:
    first, _ = Environment().batch([change(1), change(2)])
    link = json.loads(first)["link"]
    second, _ = linked(link, change(2, batch=["100000000000047189201511001", 1, 2], previous=link))
    assert [finding.where for finding in verified(first, second).findings] == ["lines:2"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("START RequestId: 1 Version: $LATEST", "not JSON"),
        ('{"schema":1,"event_id":"7de3041dd709b02', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("7" * 10_000, "not JSON"),
        ("[]", "not a JSON object"),
        ("null", "not a JSON object"),
        ("{}", "does not end with a link"),
        ('{"level":"INFO","message":"a"}', "does not end with a link"),
        ('{"time":"now","type":"platform.start"}', "does not end with a link"),
        ('{"time":"now","type":"extension","record":{}}', "does not end with a link"),
        *((line[:-1] + ',"event_id":"1"}', "does not end with a link") for line in LAMBDA_S),
        (f'{{"batch":1,"link":"{"A" * 43}"}}', "has no valid place in a batch"),
        (f'{{"batch":["5",1,1],"link":"{"A" * 43}"}}', "has no valid place in a batch"),
        (f'{{"batch":["5",-1,1],"link":"{"A" * 43}"}}', "has no valid place in a batch"),
        (f'{{"batch":["5",0,1000000000],"link":"{"A" * 43}"}}', "has no valid place in a batch"),
        (f'{{"batch":["5",false,true],"link":"{"A" * 43}"}}', "has no valid place in a batch"),
        (f'{{"batch":["\\u001b",0,1],"link":"{"A" * 43}"}}', "has no valid place in a batch"),
        ('{"failure":{}}', "describes a failure in an unknown format"),
        ('{"schema":1,"failure":[]}', "describes a failure in an unknown format"),
        (failure("1")[:-1] + ',"more":1}', "describes a failure in an unknown format"),
        (failure("1").replace('"KeyError"', "1"), "describes a failure in an unknown format"),
    ],
)
def test_what_cannot_be_read_is_a_finding(line: str, reason: str) -> None:
    report = verified(line)
    assert report.counts == {Kind.ALTERATION: 1}
    assert report.findings[0].text.startswith(f"{reason}: ")


def test_lines_of_lambda_are_counted_and_the_first_are_shown() -> None:
    (line,) = Environment().batch([change(1)])
    report = verified(line, *LAMBDA_S, *LAMBDA_S)
    assert report.intact
    assert report.other_lines == 8
    assert report.other_examples[0] == f"lines:2: {LAMBDA_S[0]}"
    assert len(report.other_examples) == 3


def test_nothing_of_the_input_reaches_the_terminal_unescaped() -> None:
    report = verified("\x1b[2Jall is well", "a" * 1000)
    assert report.findings[0].text == r"not JSON: '\x1b[2Jall is well'"
    assert len(report.findings[1].text) < 150
    assert Entry("", "odd\nname", 3, 2).where == r"'odd\nname':3, event 2"
