"""What AWS Lambda runs: settings, the secret from AWS KMS, standard output, the answer, and what is deployed."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.audit.handler.audit_trail import index as index_module
from tests.audit.checks import EVENTS, ROOT, chain_holds, digest, golden, read, read_one
from tests.audit.lines import ITEM_CHANGES

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    Run = Callable[..., tuple[dict[str, Any], str]]

HANDLER_FOLDER = ROOT / "secure_ddb" / "audit" / "handler"
KEY_ID = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
MAC = bytes(range(100, 132))
MALFORMED = {"dynamodb": {"SequenceNumber": "5200000000047189201511999"}}


class Kms:
    """AWS KMS, in place of boto3; it notes what it is asked and fails as often as it is told to."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.failures = 0

    def client(self, service: str) -> Kms:
        assert service == "kms"
        return self

    def generate_mac(self, **arguments: object) -> dict[str, Any]:
        self.asked.append(arguments)
        if self.failures:
            self.failures -= 1
            raise ConnectionError
        return {"Mac": MAC, "KeyId": KEY_ID, "MacAlgorithm": "HMAC_SHA_256"}


@pytest.fixture(autouse=True)
def kms(monkeypatch: pytest.MonkeyPatch) -> Kms:
    """Set the variables that the construct sets, and stand in for AWS KMS."""
    kms = Kms()
    monkeypatch.setitem(sys.modules, "boto3", SimpleNamespace(client=kms.client))
    monkeypatch.setenv("HMAC_KEY_ID", KEY_ID)
    monkeypatch.setenv("KEYS", "digest")
    monkeypatch.delenv("CLEAR_ATTRIBUTES", raising=False)
    return kms


@pytest.fixture
def index() -> ModuleType:
    """Load the handler anew, as a new execution environment does."""
    return importlib.reload(index_module)


@pytest.fixture
def run(index: ModuleType, capsys: pytest.CaptureFixture[str]) -> Run:
    """Invoke the handler with records and return its answer and what it wrote."""

    def invoke(*records: object, **event: object) -> tuple[dict[str, Any], str]:
        answer = index.handler({"Records": list(records), **event}, None)
        return answer, capsys.readouterr().out

    return invoke


def test_a_batch_becomes_lines_and_no_failures(run: Run) -> None:
    answer, output = run(*map(golden, ITEM_CHANGES))
    assert answer == {"batchItemFailures": []}
    assert [line["event_id"] for line in read(output)] == [golden(name)["eventID"] for name in ITEM_CHANGES]


def test_an_empty_batch_writes_nothing_and_succeeds(run: Run) -> None:
    assert run() == ({"batchItemFailures": []}, "")


def test_a_failed_record_is_named_to_lambda(run: Run) -> None:
    answer, output = run(golden("insert"), MALFORMED, golden("remove"))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "5200000000047189201511999"}]}
    assert [list(line)[-1] for line in read(output)] == ["link", "failure"]


@pytest.mark.parametrize("shard", ["shardId-000000000000", None, {"S": "no text"}])
def test_the_shard_is_the_event_s(run: Run, shard: object) -> None:
    _, output = run(golden("insert"), shardId=shard)
    assert read_one(output)["shard"] == (shard if isinstance(shard, str) else None)


def test_a_whole_batch_that_fails_writes_nothing(
    index: ModuleType, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    _, before = run(golden("insert"))
    with pytest.raises(ValueError, match=r"^A record has no SequenceNumber$"):
        index.handler({"Records": [golden("insert"), None]}, None)
    assert capsys.readouterr().out == ""
    _, after = run(golden("remove"))
    assert chain_holds(before + after)


def test_a_batch_that_is_none_fails_as_a_whole(index: ModuleType) -> None:
    with pytest.raises(KeyError):
        index.handler({}, None)


def test_an_environment_goes_on_with_its_chain(run: Run) -> None:
    outputs = [run(*records)[1] for records in ([golden("insert")], [], [MALFORMED], [golden("modify"), MALFORMED])]
    outputs.append(run(golden("remove"))[1])
    assert chain_holds("".join(outputs))
    assert read_one(outputs[0])["previous"] is None
    assert read_one(outputs[-1])["previous"] == read(outputs[3])[0]["link"]


def test_a_new_environment_begins_a_chain(run: Run, index: ModuleType) -> None:
    _, first = run(golden("insert"))
    importlib.reload(index)
    assert run(golden("insert")) == ({"batchItemFailures": []}, first)


def test_the_secret_is_asked_for_once(run: Run, kms: Kms) -> None:
    outputs = [run(golden("insert"))[1] for _ in range(3)]
    # Another text would give every item another digest.
    asked = {"KeyId": KEY_ID, "MacAlgorithm": "HMAC_SHA_256", "Message": b"secure_ddb audit key digest 1"}
    assert kms.asked == [asked]
    keys = golden("insert")["dynamodb"]["Keys"]
    assert [read_one(output)["key"] for output in outputs] == [digest(MAC, keys)] * 3


def test_without_the_secret_the_batch_fails_and_the_next_invocation_asks_again(
    run: Run, kms: Kms, capsys: pytest.CaptureFixture[str]
) -> None:
    kms.failures = 2
    for _ in range(2):
        with pytest.raises(ConnectionError):
            run(golden("insert"))
        assert capsys.readouterr().out == ""
    answer, output = run(golden("insert"))
    assert answer == {"batchItemFailures": []}
    assert read_one(output)["previous"] is None
    assert len(kms.asked) == 3


def test_the_secret_is_not_written(run: Run) -> None:
    _, output = run(golden("insert"), MALFORMED)
    assert [form for form in (MAC.hex(), repr(MAC), KEY_ID) if form in output] == []


def test_nobody_is_asked_for_a_secret_where_keys_are_logged_in_clear(
    run: Run, kms: Kms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYS", "plain")
    monkeypatch.delenv("HMAC_KEY_ID")
    monkeypatch.setitem(sys.modules, "boto3", None)
    _, output = run(golden("insert"))
    assert read_one(output)["keys"] == golden("insert")["dynamodb"]["Keys"]
    assert kms.asked == []


def test_keys_are_digested_unless_told_otherwise(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEYS")
    _, output = run(golden("insert"))
    assert "key" in read_one(output)


def test_attributes_that_may_be_logged_are(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEAR_ATTRIBUTES", '["note", "consent"]')
    _, output = run(golden("modify"))
    assert read_one(output)["clear"] == {
        "note": [{"S": ""}, {"S": "MARKER-note"}],
        "consent": [{"BOOL": True}, {"BOOL": False}],
    }


@pytest.mark.parametrize(
    ("variable", "value", "error"),
    [
        ("HMAC_KEY_ID", None, KeyError),
        ("KEYS", "", ValueError),
        ("KEYS", "clear", ValueError),
        ("CLEAR_ATTRIBUTES", "note", ValueError),
        ("CLEAR_ATTRIBUTES", '"note"', ValueError),
        ("CLEAR_ATTRIBUTES", '{"note": true}', ValueError),
        ("CLEAR_ATTRIBUTES", '["note", 1]', ValueError),
    ],
)
def test_settings_that_are_none_fail_the_batch(
    run: Run, monkeypatch: pytest.MonkeyPatch, variable: str, value: str | None, error: type[Exception]
) -> None:
    if value is None:
        monkeypatch.delenv(variable)
    else:
        monkeypatch.setenv(variable, value)
    with pytest.raises(error):
        run(golden("insert"))


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


def test_a_batch_is_one_write_and_then_a_flush(index: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    stdout = _Stdout()
    monkeypatch.setattr(sys, "stdout", stdout)
    index.handler({"Records": [golden(name) for name in ITEM_CHANGES]}, None)
    assert stdout.calls == ["write", "flush"]


@pytest.mark.parametrize("call", ["write", "flush"])
def test_a_failure_of_stdout_fails_the_whole_batch_and_leaves_the_chain(
    index: ModuleType, run: Run, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    _, before = run(golden("insert"))
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", _Stdout(fails_in=call))
        with pytest.raises(BrokenPipeError):
            index.handler({"Records": [golden("modify")]}, None)
    _, after = run(golden("modify"))
    assert chain_holds(before + after)


def _imports(nodes: list[ast.AST]) -> set[str]:
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return imported | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and node.level == 0}


def test_only_these_modules_are_imported() -> None:
    # Each costs every new execution environment some milliseconds.
    program = (
        f"import sys; bare = set(sys.modules); sys.path.insert(0, {str(HANDLER_FOLDER)!r}); import audit_trail.index;"
        "print(*sorted(set(sys.modules) - bare))"
    )
    command = (sys.executable, "-I", "-S", "-B", "-c", program)
    loaded = set(subprocess.run(command, capture_output=True, check=True, text=True).stdout.split())
    assert {"json", "hashlib", "audit_trail.index"} <= loaded
    assert loaded & {"typing", "dataclasses", "inspect", "decimal", "base64", "hmac", "logging", "boto3"} == set()


def test_boto3_is_all_that_is_not_of_the_standard_library() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in HANDLER_FOLDER.rglob("*.py")]
    imported = _imports([node for tree in trees for node in ast.walk(tree)])
    assert {name.split(".")[0] for name in imported} - set(sys.stdlib_module_names) == {"boto3"}


def test_the_folder_runs_alone_without_installed_packages() -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(HANDLER_FOLDER)!r});"
        "from audit_trail.index import handler; import json;"
        "assert handler(json.load(sys.stdin), None) == {'batchItemFailures': []};"
        "assert 'boto3' not in sys.modules"
    )
    finished = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", program],
        input=(EVENTS / "insert.json").read_text(encoding="utf-8"),
        env={"KEYS": "plain"},
        capture_output=True,
        check=True,
        text=True,
    )
    assert read_one(finished.stdout)["event_id"] == golden("insert")["eventID"]
