"""Records that cannot be written stop the batch, say so and say nothing else."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import pytest

from secure_ddb.audit_trail.handler.audit_trail import batch as batch_module
from secure_ddb.audit_trail.handler.audit_trail.batch import LONGEST_LINE, write_batch
from secure_ddb.audit_trail.handler.audit_trail.keys import plain_keys
from secure_ddb.audit_trail.handler.audit_trail.settings import Settings
from tests.audit.aws import STREAMS
from tests.audit.checks import chain_holds, golden, read, read_one
from tests.audit.lines import SETTINGS, item_texts, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.audit.checks import Record

    Edit = Callable[[Record], None]

MARKER = "MARKER-in-a-malformed-record"


def _without(part: str) -> Edit:
    def change(record: Record) -> None:
        del record[part]

    return change


def _with(part: str, content: object) -> Edit:
    def change(record: Record) -> None:
        record[part] = content

    return change


def _in_change(edit: Edit) -> Edit:
    def change(record: Record) -> None:
        edit(record["dynamodb"])

    return change


def _in_new_image(name: str, content: object) -> Edit:
    def change(record: Record) -> None:
        record["dynamodb"]["NewImage"][name] = content

    return change


MALFORMED = [
    pytest.param(_without("eventID"), "KeyError", id="no event id"),
    pytest.param(_with("eventID", {"S": MARKER}), "TypeError", id="event id is a map"),
    pytest.param(_without("eventName"), "KeyError", id="no action"),
    pytest.param(_with("eventName", MARKER), "ValueError", id="unknown action"),
    pytest.param(_without("eventSourceARN"), "KeyError", id="no ARN"),
    pytest.param(_with("eventSourceARN", MARKER), "ValueError", id="no ARN but a text"),
    pytest.param(_with("eventSourceARN", f"arn:aws:s3:::{MARKER}"), "ValueError", id="ARN of something else"),
    pytest.param(_with("eventSourceARN", [MARKER]), "TypeError", id="ARN is a list"),
    pytest.param(_with("userIdentity", MARKER), "AttributeError", id="user identity is a text"),
    pytest.param(_in_change(_without("ApproximateCreationDateTime")), "KeyError", id="no time"),
    pytest.param(_in_change(_with("ApproximateCreationDateTime", MARKER)), "ValueError", id="time is a text"),
    pytest.param(_in_change(_with("ApproximateCreationDateTime", True)), "ValueError", id="time is a boolean"),
    pytest.param(_in_change(_with("ApproximateCreationDateTime", float("inf"))), "ValueError", id="time is infinite"),
    pytest.param(_in_change(_with("ApproximateCreationDateTime", float("nan"))), "ValueError", id="time is no number"),
    pytest.param(_in_change(_without("Keys")), "KeyError", id="no keys"),
    pytest.param(_in_change(_with("Keys", {})), "ValueError", id="keys are empty"),
    pytest.param(_in_change(_with("Keys", MARKER)), "TypeError", id="keys are a text"),
    pytest.param(_in_change(_with("Keys", [MARKER])), "TypeError", id="keys are a list"),
    pytest.param(_in_change(_with("Keys", {"id": {"M": {MARKER: {}}}})), "ValueError", id="key is a map"),
    pytest.param(_in_change(_without("NewImage")), "KeyError", id="no new image"),
    pytest.param(_in_change(_without("OldImage")), "KeyError", id="no old image"),
    pytest.param(_in_change(_with("NewImage", MARKER)), "AttributeError", id="new image is a text"),
    pytest.param(_in_change(_with("NewImage", "")), "AttributeError", id="new image is an empty text"),
    pytest.param(_in_change(_with("NewImage", None)), "AttributeError", id="new image is null"),
    pytest.param(_in_change(_with("OldImage", None)), "AttributeError", id="old image is null"),
    pytest.param(_in_change(_with("OldImage", "")), "AttributeError", id="old image is an empty text"),
    pytest.param(_in_new_image("note", MARKER), "ValueError", id="value without a type"),
    pytest.param(_in_new_image("note", {}), "ValueError", id="value is empty"),
    pytest.param(_in_new_image("note", {"S": MARKER, "N": MARKER}), "ValueError", id="value of two types"),
    pytest.param(_in_new_image("note", {MARKER: MARKER}), "KeyError", id="value of an unknown type"),
    pytest.param(_in_new_image("note", {"S": 1}), "AttributeError", id="string is a number"),
    pytest.param(_in_new_image("note", {"L": [{"S": 1}]}), "TypeError", id="string in a list is a number"),
    pytest.param(_in_new_image("note", {"M": {"a": {MARKER: 1}}}), "KeyError", id="unknown type in a map"),
]


@pytest.mark.parametrize(("edit", "error"), MALFORMED)
def test_a_malformed_record_stops_the_batch_and_is_named_to_lambda(edit: Edit, error: str) -> None:
    malformed = golden("modify")
    edit(malformed)
    batch = write_batch([golden("insert"), golden("remove"), malformed, golden("insert")], SETTINGS, None, None)
    assert batch.failed == ["5200000000047189201511002"]
    event_id = malformed.get("eventID")
    first, second, failure = read(text_of(batch))
    assert failure == {
        "schema": 1,
        "failure": {
            "event_id": event_id if isinstance(event_id, str) else None,
            "sequence_number": "5200000000047189201511002",
            "error": error,
        },
    }
    assert [line["event_id"] for line in (first, second)] == [golden("insert")["eventID"], golden("remove")["eventID"]]


@pytest.mark.parametrize(("edit", "error"), MALFORMED)
def test_a_malformed_record_leaks_no_value(edit: Edit, error: str) -> None:
    record = golden("modify")
    values = item_texts(record) | {MARKER}
    edit(record)
    output = text_of(write_batch([record], SETTINGS, None, None))
    assert error in output
    assert [value for value in values if value in output] == []


def test_the_lines_before_a_failed_record_are_a_batch_of_as_many() -> None:
    before = write_batch([golden("insert")], SETTINGS, None, None)
    failed = write_batch(
        [golden("insert"), golden("modify"), {"dynamodb": {"SequenceNumber": "1"}}], SETTINGS, None, before.link
    )
    after = write_batch([golden("remove")], SETTINGS, None, failed.link)
    assert [line["batch"][1:] for line in read(text_of(failed))[:-1]] == [[0, 2], [1, 2]]
    assert chain_holds(text_of(before) + text_of(failed) + text_of(after))
    assert read_one(text_of(after))["previous"] == read(text_of(failed))[1]["link"]


def test_a_first_record_that_fails_leaves_the_chain_as_it_was() -> None:
    batch = write_batch([{"dynamodb": {"SequenceNumber": "1"}}], SETTINGS, None, "the last link")
    assert batch.link == "the last link"
    assert list(read_one(text_of(batch))) == ["schema", "failure"]


def test_what_an_error_says_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise RuntimeError(MARKER)

    monkeypatch.setattr(batch_module, "write_change", fail)
    output = text_of(write_batch([golden("insert")], SETTINGS, None, None))
    assert MARKER not in output
    assert read_one(output)["failure"]["error"] == "RuntimeError"


@pytest.mark.parametrize("image", ["NewImage", "OldImage"])
def test_a_stream_without_both_images_fails_instead_of_logging_no_change(image: str) -> None:
    record = golden("insert" if image == "NewImage" else "remove")
    del record["dynamodb"][image]
    assert write_batch([record], SETTINGS, None, None).failed == [record["dynamodb"]["SequenceNumber"]]


def _insert_with_names(*names: str) -> Record:
    record = golden("insert")
    record["dynamodb"]["NewImage"] = record["dynamodb"]["Keys"] | {name: {"NULL": True} for name in names}
    return record


def test_a_line_longer_than_a_log_event_is_a_failure_and_not_two_log_events() -> None:
    # Each of these takes one byte in an item, which may have 400 KB, but six in the line.
    batch = write_batch([_insert_with_names("\x00" * 50_000)], SETTINGS, None, None)
    assert batch.failed == ["5200000000047189201511001"]
    assert read_one(text_of(batch))["failure"]["error"] == "LineTooLongError"


def test_no_line_is_longer_than_a_log_event_and_nearly_all_of_it_can_be_used() -> None:
    longest = 0
    for length in range(4_900, 5_500):
        names = [letter * 50_000 for letter in "abcde"] + ["f" * length]
        batch = write_batch([_insert_with_names(*names)], SETTINGS, None, "l" * 43)
        assert len(text_of(batch)) <= LONGEST_LINE
        if not batch.failed:
            longest = max(longest, len(text_of(batch)))
    assert longest > LONGEST_LINE - 200


def test_a_value_that_is_allowed_to_be_logged_but_too_long_is_a_failure() -> None:
    record = golden("insert")
    record["dynamodb"]["NewImage"]["note"] = {"S": "x" * 300_000}
    batch = write_batch([record], Settings(plain_keys, STREAMS, frozenset({"note"})), None, None)
    assert read_one(text_of(batch))["failure"]["error"] == "LineTooLongError"


def test_a_value_that_json_has_no_notation_for_is_a_failure() -> None:
    record = golden("insert")
    record["dynamodb"]["NewImage"]["note"] = {"BOOL": float("nan")}
    batch = write_batch([record], Settings(plain_keys, STREAMS, frozenset({"note"})), None, None)
    assert read_one(text_of(batch))["failure"]["error"] == "ValueError"


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
def test_an_unreadable_sequence_number_fails_the_whole_batch(edit: Edit) -> None:
    record = golden("modify")
    values = item_texts(record) | {MARKER}
    edit(record)
    with pytest.raises(ValueError, match=r"^A record has no SequenceNumber$") as raised:
        write_batch([golden("insert"), record], SETTINGS, None, None)
    # Lambda logs the error; the lines of the batch come when it repeats the batch.
    report = "".join(traceback.format_exception(raised.value))
    assert [value for value in values if value in report] == []


@pytest.mark.parametrize("record", [MARKER, [MARKER], None, 52])
def test_a_record_that_is_none_fails_the_whole_batch(record: Record) -> None:
    with pytest.raises(ValueError, match=r"^A record has no SequenceNumber$"):
        write_batch([record], SETTINGS, None, None)
