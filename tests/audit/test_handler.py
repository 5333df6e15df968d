"""What runs in AWS Lambda, tried on events in the notation that DynamoDB and Lambda use.

The file is loaded as Lambda loads it, alone: the package's `__init__` would bring the AWS CDK along.
"""

import ast
import json
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from copy import deepcopy
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

Record = dict[str, Any]
Run = Callable[..., tuple[dict[str, Any], str]]

HANDLER_FOLDER = Path(__file__).parents[2] / "secure_ddb" / "audit" / "handler"
EVENTS = Path(__file__).parent / "events"
MARKER = "MARKER-in-a-malformed-record"
ITEM_CHANGES = ("insert", "modify", "remove", "remove_by_time_to_live")


def _load() -> ModuleType:
    spec = spec_from_file_location("index", HANDLER_FOLDER / "index.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


INDEX = _load()


def _golden(name: str) -> Record:
    records: list[Record] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))["Records"]
    (record,) = records
    return record


def _values(typed_value: dict[str, Any]) -> Iterator[str]:
    """Return all texts in a value, the names inside maps among them."""
    for kind, value in typed_value.items():
        if kind in ("S", "N", "B"):
            yield value
        elif kind in ("SS", "NS", "BS"):
            yield from value
        elif kind == "L":
            for element in value:
                yield from _values(element)
        elif kind == "M":
            for name, element in value.items():
                yield name
                yield from _values(element)


def _item_values(record: Record) -> set[str]:
    change = record["dynamodb"]
    items = (change.get(part, {}) for part in ("Keys", "NewImage", "OldImage"))
    return {text for item in items for value in item.values() for text in _values(value) if text}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Invoke the handler with records and return its answer and what it wrote."""

    def invoke(*records: object) -> tuple[dict[str, Any], str]:
        answer = INDEX.handler({"Records": list(records)}, None)
        return answer, capsys.readouterr().out

    return invoke


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "insert",
            {
                "schema": 1,
                "event_id": "7de3041dd709b024af6f29e4fa13d34c",
                "table": "Visits",
                "region": "eu-central-1",
                "action": "INSERT",
                "cause": "request",
                "sequence_number": "5200000000047189201511001",
                "created": 1764230401,
                "keys": ["patient", "visit"],
                "added": [
                    "address",
                    "balance",
                    "consent",
                    "discharged",
                    "empty_scan",
                    "history",
                    "images",
                    "name",
                    "note",
                    "phones",
                    "readings",
                    "scan",
                    "smallest",
                ],
                "removed": [],
                "changed": [],
            },
        ),
        (
            "modify",
            {
                "schema": 1,
                "event_id": "c81e728d9d4c2f636f067f89cc14862c",
                "table": "Visits",
                "region": "eu-central-1",
                "action": "MODIFY",
                "cause": "request",
                "sequence_number": "5200000000047189201511002",
                "created": 1764230402,
                "keys": ["patient", "visit"],
                "added": ["approved", "reviewer"],
                "removed": ["deductible", "insurer"],
                # balance differs in the last of 38 digits, code and discharged in type, address in its map.
                "changed": ["address", "balance", "code", "consent", "discharged", "history", "note"],
            },
        ),
        (
            "remove",
            {
                "schema": 1,
                "event_id": "eccbc87e4b5ce2fe28308fd9f2a7baf3",
                "table": "Visits",
                "region": "eu-central-1",
                "action": "REMOVE",
                "cause": "request",
                "sequence_number": "5200000000047189201511003",
                "created": 1764230403.0,
                "keys": ["patient", "visit"],
                "added": [],
                "removed": ["name", "phones"],
                "changed": [],
            },
        ),
        (
            "remove_by_time_to_live",
            {
                "schema": 1,
                "event_id": "a87ff679a2f3e71d9181a67b7542122c",
                "table": "prod.Sessions_v2-1",
                "region": "eu-central-1",
                "action": "REMOVE",
                "cause": "time to live",
                "sequence_number": "5200000000047189201511004",
                "created": 1764230404,
                "keys": ["session"],
                "added": [],
                "removed": ["expires", "user"],
                "changed": [],
            },
        ),
    ],
)
def test_an_item_change_becomes_exactly_this_line(run: Run, name: str, expected: Record) -> None:
    answer, output = run(_golden(name))
    assert json.loads(output) == expected
    assert answer == {"batchItemFailures": []}


def test_there_is_one_line_for_each_change_in_the_order_of_the_stream(run: Run) -> None:
    records = [_golden(name) for name in ITEM_CHANGES]
    _, output = run(*records)
    assert output.endswith("\n")
    assert [json.loads(line)["event_id"] for line in output.splitlines()] == [r["eventID"] for r in records]


def test_an_empty_batch_writes_nothing_and_succeeds(run: Run) -> None:
    assert run() == ({"batchItemFailures": []}, "")


def test_a_repeated_record_gives_the_same_line_again(run: Run) -> None:
    assert run(_golden("modify")) == run(_golden("modify"))


@pytest.mark.parametrize("name", [*ITEM_CHANGES, "hostile_names"])
def test_no_value_of_an_item_is_written(run: Run, name: str) -> None:
    record = _golden(name)
    values = _item_values(record)
    # Shorter ones could be in the output by chance.
    assert min(map(len, values)) >= 10
    _, output = run(record)
    assert [value for value in values if value in output] == []


@pytest.mark.parametrize(
    ("identity", "cause"),
    [
        ({"type": "Service", "principalId": "dynamodb.amazonaws.com"}, "time to live"),
        ({"type": "Service", "principalId": "replication.dynamodb.amazonaws.com"}, "request"),
        ({"type": "AssumedRole", "principalId": "dynamodb.amazonaws.com"}, "request"),
        ({}, "request"),
        (None, "request"),
    ],
)
def test_only_time_to_live_is_named_as_the_cause_that_is_no_request(
    run: Run, identity: dict[str, str] | None, cause: str
) -> None:
    _, output = run(_golden("remove") | {"userIdentity": identity})
    assert json.loads(output)["cause"] == cause


def test_hostile_attribute_names_stay_in_one_line_of_plain_ascii(run: Run) -> None:
    _, output = run(_golden("hostile_names"))
    # Python's own idea of a line end is the widest: U+2028, U+0085, vertical tabs and more.
    assert output.splitlines() == [output.removesuffix("\n")]
    assert output.isascii()
    assert output.removesuffix("\n").isprintable()


def test_hostile_attribute_names_parse_back_to_themselves(run: Run) -> None:
    record = _golden("hostile_names")
    change = record["dynamodb"]
    old, new, keys = set(change["OldImage"]), set(change["NewImage"]), set(change["Keys"])
    _, output = run(record)
    line = json.loads(output)
    assert line["keys"] == sorted(keys)
    assert line["added"] == sorted(new - old)
    assert line["removed"] == sorted(old - new)
    assert line["changed"] == sorted(new & old - keys)


def test_a_hostile_attribute_name_cannot_set_a_field_of_the_line(run: Run) -> None:
    # Lambda drops lines whose field `level` is below the function's.
    _, ordinary = run(_golden("modify"))
    _, hostile = run(_golden("hostile_names"))
    assert json.loads(hostile).keys() == json.loads(ordinary).keys()


def _without(part: str) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        del record[part]

    return change


def _with(part: str, content: object) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        record[part] = content

    return change


def _in_change(edit: Callable[[Record], None]) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        edit(record["dynamodb"])

    return change


MALFORMED = [
    pytest.param(_without("eventID"), "KeyError", id="no event id"),
    pytest.param(_without("eventName"), "KeyError", id="no action"),
    pytest.param(_with("eventName", MARKER), "ValueError", id="unknown action"),
    pytest.param(_without("eventSourceARN"), "KeyError", id="no ARN"),
    pytest.param(_with("eventSourceARN", MARKER), "ValueError", id="no ARN but a text"),
    pytest.param(_with("eventSourceARN", f"arn:aws:s3:::{MARKER}"), "ValueError", id="ARN of something else"),
    pytest.param(_with("userIdentity", MARKER), "AttributeError", id="user identity is a text"),
    pytest.param(_in_change(_without("ApproximateCreationDateTime")), "KeyError", id="no time"),
    pytest.param(_in_change(_without("Keys")), "KeyError", id="no keys"),
    pytest.param(_in_change(_with("Keys", MARKER)), "AttributeError", id="keys are a text"),
    pytest.param(_in_change(_with("Keys", [MARKER])), "AttributeError", id="keys are a list"),
    pytest.param(_in_change(_without("NewImage")), "KeyError", id="no new image"),
    pytest.param(_in_change(_without("OldImage")), "KeyError", id="no old image"),
    pytest.param(_in_change(_with("NewImage", MARKER)), "AttributeError", id="new image is a text"),
    pytest.param(_in_change(_with("OldImage", None)), "AttributeError", id="old image is null"),
]


@pytest.mark.parametrize(("edit", "error"), MALFORMED)
def test_a_malformed_record_stops_the_batch_and_is_named_to_lambda(
    run: Run, edit: Callable[[Record], None], error: str
) -> None:
    malformed = _golden("modify")
    edit(malformed)
    answer, output = run(_golden("insert"), malformed, _golden("remove"))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "5200000000047189201511002"}]}
    before, failure = map(json.loads, output.splitlines())
    assert before["event_id"] == _golden("insert")["eventID"]
    assert failure == {
        "schema": 1,
        "failure": {
            "event_id": malformed.get("eventID"),
            "sequence_number": "5200000000047189201511002",
            "error": error,
        },
    }


@pytest.mark.parametrize(("edit", "error"), MALFORMED)
def test_a_malformed_record_leaks_no_value(run: Run, edit: Callable[[Record], None], error: str) -> None:
    record = _golden("modify")
    values = _item_values(record) | {MARKER}
    edit(record)
    _, output = run(record)
    assert error in output
    assert [value for value in values if value in output] == []


def test_an_event_id_that_is_no_text_is_not_written(run: Run) -> None:
    _, output = run(_golden("modify") | {"eventID": {"S": MARKER}, "eventName": None})
    assert json.loads(output)["failure"]["event_id"] is None


def test_what_an_error_says_is_not_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_record: Record) -> Record:
        raise RuntimeError(MARKER)

    monkeypatch.setattr(INDEX, "audit_record", fail)
    _, output = run(_golden("insert"))
    assert MARKER not in output
    assert json.loads(output)["failure"]["error"] == "RuntimeError"


@pytest.mark.parametrize("image", ["NewImage", "OldImage"])
def test_a_stream_without_both_images_fails_instead_of_logging_no_change(run: Run, image: str) -> None:
    record = _golden("insert" if image == "NewImage" else "remove")
    del record["dynamodb"][image]
    answer, _ = run(record)
    assert answer["batchItemFailures"] == [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]


def _insert_with_names(*names: str) -> Record:
    record = _golden("insert")
    record["dynamodb"]["NewImage"] = record["dynamodb"]["Keys"] | {name: {"NULL": True} for name in names}
    return record


def test_a_line_longer_than_a_log_event_is_a_failure_and_not_two_log_events(run: Run) -> None:
    # Each of these takes one byte in an item, which may have 400 KB, but six in the line.
    answer, output = run(_insert_with_names("\x00" * 50_000))
    assert answer["batchItemFailures"] == [{"itemIdentifier": "5200000000047189201511001"}]
    assert json.loads(output)["failure"]["error"] == "LineTooLongError"


def test_a_line_as_long_as_a_log_event_is_written(run: Run) -> None:
    names = [letter * 50_000 for letter in "abcde"]
    answer, output = run(_insert_with_names(*names))
    assert answer == {"batchItemFailures": []}
    assert json.loads(output)["added"] == names


UNREADABLE = [
    pytest.param(_without("dynamodb"), id="no change"),
    pytest.param(_with("dynamodb", MARKER), id="change is a text"),
    pytest.param(_with("dynamodb", [MARKER]), id="change is a list"),
    pytest.param(_with("dynamodb", None), id="change is null"),
    pytest.param(_in_change(_without("SequenceNumber")), id="missing"),
    pytest.param(_in_change(_with("SequenceNumber", None)), id="null"),
    pytest.param(_in_change(_with("SequenceNumber", "")), id="empty"),
    pytest.param(_in_change(_with("SequenceNumber", 52)), id="a number"),
    pytest.param(_in_change(_with("SequenceNumber", {"S": MARKER})), id="a map"),
]


@pytest.mark.parametrize("edit", UNREADABLE)
def test_an_unreadable_sequence_number_fails_the_whole_batch(
    run: Run, capsys: pytest.CaptureFixture[str], edit: Callable[[Record], None]
) -> None:
    record = _golden("modify")
    values = _item_values(record) | {MARKER}
    edit(record)
    with pytest.raises(ValueError, match=r"^A record has no SequenceNumber$") as raised:
        run(_golden("insert"), record)
    # Lambda logs the error; the lines of the batch come when it repeats the batch.
    report = "".join(traceback.format_exception(raised.value))
    assert [value for value in values if value in report] == []
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("record", [MARKER, [MARKER], None, 52])
def test_a_record_that_is_none_fails_the_whole_batch(run: Run, record: object) -> None:
    with pytest.raises(ValueError, match=r"^A record has no SequenceNumber$"):
        run(record)


def test_a_batch_that_is_none_fails_as_a_whole() -> None:
    with pytest.raises(KeyError):
        INDEX.handler({}, None)


class _Stdout:
    """Standard output that notes its calls, and fails in one if told to."""

    def __init__(self, fails_in: str = "") -> None:
        self.calls: list[str] = []
        self._fails_in = fails_in

    def write(self, text: str) -> int:
        self._note("write")
        return len(text)

    def flush(self) -> None:
        self._note("flush")

    def _note(self, call: str) -> None:
        self.calls.append(call)
        if call == self._fails_in:
            raise BrokenPipeError


def test_a_batch_is_one_write_and_then_a_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    stdout = _Stdout()
    monkeypatch.setattr(sys, "stdout", stdout)
    INDEX.handler({"Records": [_golden(name) for name in ITEM_CHANGES]}, None)
    assert stdout.calls == ["write", "flush"]


@pytest.mark.parametrize("call", ["write", "flush"])
def test_a_failure_of_stdout_fails_the_whole_batch(monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    monkeypatch.setattr(sys, "stdout", _Stdout(fails_in=call))
    with pytest.raises(BrokenPipeError):
        INDEX.handler({"Records": [_golden("insert")]}, None)


def test_the_event_is_left_as_it_was(run: Run) -> None:
    records = [_golden(name) for name in ITEM_CHANGES]
    before = deepcopy(records)
    run(*records)
    assert records == before


def test_only_these_modules_are_imported_now_or_later() -> None:
    tree = ast.parse((HANDLER_FOLDER / "index.py").read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {"__future__", "json", "sys", "typing"}


def test_the_file_runs_alone_without_installed_packages_or_environment_variables() -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(HANDLER_FOLDER)!r}); import index, json;"
        "event = json.load(sys.stdin);"
        "assert index.handler(event, None) == {'batchItemFailures': []};"
        "assert 'boto3' not in sys.modules"
    )
    finished = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", program],
        input=(EVENTS / "insert.json").read_text(encoding="utf-8"),
        env={},
        capture_output=True,
        check=True,
        text=True,
    )
    assert json.loads(finished.stdout)["event_id"] == _golden("insert")["eventID"]


def test_the_folder_that_is_deployed_holds_nothing_else() -> None:
    assert [path.name for path in HANDLER_FOLDER.iterdir() if path.name != "__pycache__"] == ["index.py"]
