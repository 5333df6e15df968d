"""What AWS Lambda runs: settings, the calls to AWS, the answer, and what is deployed."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ReadTimeoutError  # type: ignore[import-untyped]

from secure_ddb.audit_trail.handler.audit_trail import batch as batch_module
from secure_ddb.audit_trail.handler.audit_trail.log import RejectedError
from secure_ddb.audit_trail.verify import Kind
from tests.audit import checks
from tests.audit.aws import BY_MAPPING, FUNCTION, KEY_ID, LOG_GROUP, MAC, Aws, is_mac, mac_of, refusal
from tests.audit.checks import ROOT, chain_holds, digest, golden, read, read_one
from tests.audit.lines import ITEM_CHANGES
from tests.audit.trail import verified

if TYPE_CHECKING:
    from types import ModuleType

    from tests.audit.conftest import Run

HANDLER_FOLDER = ROOT / "secure_ddb" / "audit_trail" / "handler"
MALFORMED = {"dynamodb": {"SequenceNumber": "5200000000047189201511999"}}


def test_a_batch_becomes_lines_and_no_failures(run: Run) -> None:
    answer, output = run(*map(golden, ITEM_CHANGES))
    assert answer == {"batchItemFailures": []}
    assert [line["event_id"] for line in read(output)] == [golden(name)["eventID"] for name in ITEM_CHANGES]


@pytest.mark.parametrize("qualifier", ["", ":1", ":$LATEST", ":secure-ddb2", ":SECURE-DDB", ":secure-ddb:secure-ddb"])
def test_records_come_through_the_alias_only(index: ModuleType, aws: Aws, qualifier: str) -> None:
    """A principal that could have records digested could guess keys."""
    context = SimpleNamespace(invoked_function_arn=f"{FUNCTION}{qualifier}")
    with pytest.raises(index.InvocationError):
        index.handler({"Records": [golden("insert")]}, context)
    assert aws.calls == []


def test_a_function_that_is_called_like_it_is_no_alias(index: ModuleType, aws: Aws) -> None:
    arn = f"{FUNCTION.rpartition(':')[0]}:secure-ddb"
    with pytest.raises(index.InvocationError):
        index.handler({"Records": [golden("insert")]}, SimpleNamespace(invoked_function_arn=arn))
    assert aws.calls == []


def test_a_record_of_another_table_fails_without_a_digest(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    record = golden("insert")
    own, _, label = record["eventSourceARN"].rpartition("/")
    monkeypatch.setenv("STREAMS", f"{own}/")
    record["eventSourceARN"] = f"{own.replace('table/Visits', 'table/Visits2')}/{label}"
    answer, output = run(record)
    assert [each["itemIdentifier"] for each in answer["batchItemFailures"]] == [record["dynamodb"]["SequenceNumber"]]
    assert read_one(output)["failure"]["error"] == "ValueError"
    assert "key" not in read_one(output)


def test_an_empty_batch_calls_nobody_and_succeeds(run: Run, aws: Aws) -> None:
    assert run() == ({"batchItemFailures": []}, "")
    assert aws.calls == []


def test_a_failed_record_is_named_to_lambda(run: Run) -> None:
    answer, output = run(golden("insert"), MALFORMED, golden("remove"))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "5200000000047189201511999"}]}
    assert [list(line)[-1] for line in read(output)] == ["link_mac", "failure"]


@pytest.mark.parametrize("shard", ["shardId-000000000000", None, {"S": "no text"}])
def test_the_shard_is_the_event_s(run: Run, shard: object) -> None:
    _, output = run(golden("insert"), shardId=shard)
    assert read_one(output)["shard"] == (shard if isinstance(shard, str) else None)


def test_a_whole_batch_that_fails_writes_nothing(index: ModuleType, run: Run, aws: Aws) -> None:
    _, before = run(golden("insert"))
    with pytest.raises(ValueError, match=r"^A record has no SequenceNumber$"):
        index.handler({"Records": [golden("insert"), None]}, BY_MAPPING)
    assert aws.text == before
    _, after = run(golden("remove"))
    assert chain_holds(before + after)


def test_a_batch_that_is_none_fails_as_a_whole(index: ModuleType) -> None:
    with pytest.raises(KeyError):
        index.handler({}, BY_MAPPING)


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


def test_the_secret_is_asked_for_once(run: Run, aws: Aws) -> None:
    outputs = [run(golden("insert"))[1] for _ in range(3)]
    # Another text would give every item another digest.
    asked = {"KeyId": KEY_ID, "MacAlgorithm": "HMAC_SHA_256", "Message": b"secure_ddb audit key digest 1"}
    assert [asked_for for asked_for in aws.calls_of("generate_mac") if b"link" not in asked_for["Message"]] == [asked]
    keys = golden("insert")["dynamodb"]["Keys"]
    assert [read_one(output)["key"] for output in outputs] == [digest(MAC, keys)] * 3


def test_without_the_secret_the_batch_fails_and_the_next_invocation_asks_again(run: Run, aws: Aws) -> None:
    aws.errors["generate_mac"] = [ConnectionError(), ConnectionError()]
    for _ in range(2):
        with pytest.raises(ConnectionError):
            run(golden("insert"))
        assert aws.text == ""
    answer, output = run(golden("insert"))
    assert answer == {"batchItemFailures": []}
    assert read_one(output)["previous"] is None
    # Twice in vain, for the secret, and for the MAC of the batch.
    assert len(aws.calls_of("generate_mac")) == 4


def test_each_batch_ends_with_the_mac_of_its_last_link(run: Run, aws: Aws) -> None:
    for names in (("insert", "modify"), ("remove",)):
        aws.calls.clear()
        *others, last = read(run(*map(golden, names), MALFORMED)[1])[:-1]
        message = f"secure_ddb audit link 1\n{last['link']}".encode()
        assert aws.calls_of("generate_mac")[-1]["Message"] == message
        assert last["link_mac"] == checks.url_safe(mac_of(message))
        assert [line for line in others if "link_mac" in line] == []
    # The secret was asked for before.
    assert len(aws.calls_of("generate_mac")) == 1


def test_a_batch_without_a_change_asks_for_no_mac(run: Run, aws: Aws) -> None:
    run(golden("insert"))
    aws.calls.clear()
    _, output = run(MALFORMED)
    assert aws.calls_of("generate_mac") == []
    assert [list(line)[-1] for line in read(output)] == ["failure"]


def test_without_the_mac_the_batch_fails_and_the_chain_goes_on(run: Run, aws: Aws) -> None:
    run(golden("insert"))
    aws.errors["generate_mac"] = [refusal("ThrottlingException")]
    with pytest.raises(Exception, match="Throttling"):
        run(golden("modify"))
    run(golden("modify"))
    report = verified(aws.text.splitlines(), from_beginning=True, verify_mac=is_mac)
    assert (report.origin_verified, report.records, report.chains_started) == (True, 2, 1)


def test_the_secret_is_not_written(run: Run) -> None:
    _, output = run(golden("insert"), MALFORMED)
    assert [form for form in (MAC.hex(), repr(MAC), KEY_ID) if form in output] == []


def test_nobody_is_asked_for_a_secret_where_keys_are_logged_in_clear(
    run: Run, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYS", "plain")
    monkeypatch.delenv("HMAC_KEY_ID")
    _, output = run(golden("insert"))
    line = read_one(output)
    assert line["keys"] == golden("insert")["dynamodb"]["Keys"]
    assert "link_mac" not in line
    assert aws.calls_of("generate_mac") == []


def test_keys_are_digested_unless_told_otherwise(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEYS")
    _, output = run(golden("insert"))
    assert "key" in read_one(output)


def test_function_that_tables_share_digests_keys_for_each_apart(
    run: Run, index: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, output = run(golden("insert"))
    alone = read_one(output)
    monkeypatch.setenv("DIGESTS", "per table")
    monkeypatch.setenv("STREAMS", "arn:aws:dynamodb:eu-central-1:111122223333:table/")
    index._settings.cache_clear()
    of_two = []
    for table in ("orders", "carts"):
        record = golden("insert")
        record["eventSourceARN"] = f"arn:aws:dynamodb:eu-central-1:111122223333:table/{table}/stream/2026-01-01"
        _, output = run(record)
        of_two.append(read_one(output))
    assert [line["table"] for line in of_two] == ["orders", "carts"]
    assert len({line["key"] for line in (alone, *of_two)}) == 3


def test_function_that_tables_share_links_the_lines_of_each_by_themselves(
    run: Run, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGESTS", "per table")
    monkeypatch.setenv("STREAMS", "arn:aws:dynamodb:eu-central-1:111122223333:table/")
    for number, table in enumerate(("orders", "carts") * 3):
        record = golden("insert")
        record["eventSourceARN"] = f"arn:aws:dynamodb:eu-central-1:111122223333:table/{table}/stream/2026-01-01"
        record["eventID"] = f"{number}"
        record["dynamodb"]["SequenceNumber"] = f"{number}"
        run(record)
    for table in ("orders", "carts"):
        report = verified(aws.text.splitlines(), table=table, from_beginning=True)
        assert report.intact, report.findings
        assert (report.records, report.chains_started) == (3, 1)
    streams = {call["logStreamName"] for call in aws.calls_of("create_log_stream")}
    assert len(streams) == 2


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
        ("LOG_GROUP", None, KeyError),
        ("KEYS", "", ValueError),
        ("KEYS", "clear", ValueError),
        ("CLEAR_ATTRIBUTES", "note", ValueError),
        ("CLEAR_ATTRIBUTES", '"note"', ValueError),
        ("CLEAR_ATTRIBUTES", '{"note": true}', ValueError),
        ("CLEAR_ATTRIBUTES", '["note", 1]', ValueError),
        ("DIGESTS", "", ValueError),
        ("DIGESTS", "per item", ValueError),
        ("TABLES", "orders", ValueError),
        ("TABLES", '["orders"]', ValueError),
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


def test_a_batch_is_one_request_to_one_log_stream(run: Run, aws: Aws) -> None:
    before = time.time() * 1000
    run(*map(golden, ITEM_CHANGES))
    run(golden("insert"))
    (stream,) = aws.log
    mac, put = "generate_mac", "put_log_events"
    assert [name for name, _ in aws.calls] == [mac, mac, "create_log_stream", put, mac, put]
    assert aws.calls_of("create_log_stream") == [{"logGroupName": LOG_GROUP, "logStreamName": stream}]
    for request in aws.calls_of("put_log_events"):
        assert (request["logGroupName"], request["logStreamName"]) == (LOG_GROUP, stream)
        assert len({event["timestamp"] for event in request["logEvents"]}) == 1
        assert before - 1 <= request["logEvents"][0]["timestamp"] <= time.time() * 1000


def test_each_environment_has_a_log_stream_of_its_own(run: Run, index: ModuleType, aws: Aws) -> None:
    run(golden("insert"))
    importlib.reload(index)
    run(golden("insert"))
    assert len(aws.log) == 2


def test_a_batch_that_one_request_has_no_room_for_takes_some(
    run: Run, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_module, "LONGEST_LINE", 2_000)
    monkeypatch.setattr(batch_module, "LARGEST_REQUEST", 5_000)
    answer, output = run(*[golden("insert") for _ in range(9)], MALFORMED, golden("insert"))
    assert answer["batchItemFailures"] == [{"itemIdentifier": "5200000000047189201511999"}]
    assert len(read(output)) == 10
    assert chain_holds(output)
    requests = aws.calls_of("put_log_events")
    assert len(requests) > 2
    for request in requests:
        assert sum(len(event["message"]) + 26 for event in request["logEvents"]) <= 5_000


def test_no_request_has_more_lines_than_are_allowed(run: Run, aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_module, "MOST_LINES", 4)
    _, output = run(*[golden("insert") for _ in range(7)], MALFORMED)
    assert [len(request["logEvents"]) for request in aws.calls_of("put_log_events")] == [3, 3, 2]
    assert len(read(output)) == 8


ERRORS = [
    pytest.param(refusal("ThrottlingException"), id="throttled"),
    pytest.param(refusal("ResourceNotFoundException"), id="the log group is gone"),
    pytest.param(refusal("AccessDeniedException"), id="the key is disabled"),
    pytest.param(ReadTimeoutError(endpoint_url="https://logs.example.com"), id="no answer"),
]


@pytest.mark.parametrize("operation", ["create_log_stream", "put_log_events"])
@pytest.mark.parametrize("error", ERRORS)
def test_lines_that_the_log_does_not_take_fail_the_whole_batch(
    run: Run, aws: Aws, operation: str, error: Exception
) -> None:
    aws.errors[operation] = [error]
    with pytest.raises(type(error)):
        run(golden("insert"), golden("modify"))
    answer, output = run(golden("insert"), golden("modify"))
    assert answer == {"batchItemFailures": []}
    assert len(read(output)) == 2
    assert verified(aws.text.splitlines()).intact


def test_rejected_lines_fail_the_whole_batch(run: Run, aws: Aws) -> None:
    aws.rejects = True
    with pytest.raises(RejectedError):
        run(golden("insert"))


@pytest.mark.parametrize("lines_arrive", [True, False])
def test_after_an_unknown_outcome_a_chain_begins_anew_and_the_trail_verifies(
    run: Run, aws: Aws, *, lines_arrive: bool
) -> None:
    run(golden("remove"))
    aws.errors["put_log_events"] = [ReadTimeoutError(endpoint_url="https://logs.example.com")]
    aws.lines_arrive = lines_arrive
    with pytest.raises(ReadTimeoutError):
        run(golden("insert"), golden("modify"))
    aws.lines_arrive = False
    # Lambda repeats the batch in two halves.
    for name in ("insert", "modify"):
        run(golden(name))
    report = verified(aws.text.splitlines())
    assert report.intact
    assert report.chains_started == 2


def test_what_was_written_before_a_request_failed_is_repeated_and_recognizable(
    run: Run, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_module, "MOST_LINES", 2)
    aws.errors["put_log_events"] = [None, refusal("ThrottlingException")]
    with pytest.raises(Exception, match="Throttling"):
        run(golden("insert"), golden("modify"))
    run(golden("insert"), golden("modify"))
    report = verified(aws.text.splitlines())
    assert (report.intact, report.records, report.duplicates + report.copies) == (True, 2, 1)


GONE = refusal("ResourceNotFoundException")


def _delete_log(run: Run, aws: Aws) -> None:
    """Delete what was logged; the next invocation fails by that."""
    aws.log.clear()
    aws.errors["put_log_events"] = [GONE]
    with pytest.raises(Exception, match="ResourceNotFound"):
        run(golden("modify"))


def test_a_log_stream_that_is_gone_is_replaced_and_the_next_line_says_so(run: Run, aws: Aws) -> None:
    last = read_one(run(golden("insert"))[1])["link"]
    _delete_log(run, aws)
    run(golden("modify"), golden("remove"))
    run(golden("insert"))
    assert len(aws.calls_of("create_log_stream")) == 2
    first, second, third = read(aws.text)
    assert (first["previous"], first["previous_lost"]) == (last, True)
    assert "previous_lost" not in second
    assert third["previous"] == second["link"]
    assert "previous_lost" not in third
    # The time of the export tells nothing here: whoever exports the whole log finds it.
    assert verified(aws.text.splitlines()).counts == {Kind.GAP: 1}


def test_a_log_group_that_is_gone_for_a_while_is_a_gap(run: Run, aws: Aws) -> None:
    run(golden("insert"))
    _delete_log(run, aws)
    # Until it is there again, no stream can be made; then AWS KMS may refuse, or CloudWatch Logs be busy.
    aws.errors["create_log_stream"] = [GONE, refusal("AccessDeniedException"), refusal("ThrottlingException")]
    for _ in range(3):
        with pytest.raises(Exception, match="refused"):
            run(golden("modify"))
    run(MALFORMED)
    run(golden("modify"))
    assert verified([line for line in aws.text.splitlines() if "failure" not in line]).counts == {Kind.GAP: 1}


def test_an_archive_of_the_deleted_lines_closes_the_gap(run: Run, aws: Aws) -> None:
    _, archived = run(golden("insert"))
    _delete_log(run, aws)
    run(golden("modify"))
    report = verified((archived + aws.text).splitlines(), from_beginning=True)
    assert (report.intact, report.records) == (True, 2)


def test_a_new_environment_after_a_deletion_begins_a_chain(run: Run, index: ModuleType, aws: Aws) -> None:
    run(golden("insert"))
    aws.log.clear()
    importlib.reload(index)
    run(golden("modify"))
    report = verified(aws.text.splitlines(), from_beginning=True)
    assert (report.intact, report.chains_started) == (True, 1)


def test_an_environment_that_has_written_no_line_lost_none(run: Run, aws: Aws) -> None:
    _delete_log(run, aws)
    run(golden("modify"))
    line = read_one(aws.text)
    assert line["previous"] is None
    assert "previous_lost" not in line


def test_after_a_deletion_and_an_unknown_outcome_a_chain_begins_anew(run: Run, aws: Aws) -> None:
    run(golden("insert"))
    _delete_log(run, aws)
    aws.errors["put_log_events"] = [ReadTimeoutError(endpoint_url="https://logs.example.com")]
    with pytest.raises(ReadTimeoutError):
        run(golden("modify"))
    aws.log.clear()
    aws.log = {stream["logStreamName"]: [] for stream in aws.calls_of("create_log_stream")}
    run(golden("modify"))
    line = read_one(aws.text)
    assert line["previous"] is None
    assert "previous_lost" not in line


def test_a_throttled_log_stream_is_not_replaced(run: Run, aws: Aws) -> None:
    aws.errors["put_log_events"] = [refusal("ThrottlingException")]
    with pytest.raises(Exception, match="Throttling"):
        run(golden("insert"))
    run(golden("insert"))
    assert len(aws.log) == 1


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
    assert {name.split(".")[0] for name in imported} - set(sys.stdlib_module_names) == {"boto3", "botocore"}
