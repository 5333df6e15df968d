"""What is logged of a change, tried on events in the notation that DynamoDB and Lambda use."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

import pytest

from secure_ddb.audit_trail.handler.audit_trail.batch import write_batch
from secure_ddb.audit_trail.handler.audit_trail.keys import key_digest, plain_keys
from secure_ddb.audit_trail.handler.audit_trail.settings import Settings
from tests.audit.aws import STREAMS
from tests.audit.checks import digest, golden, read, read_one
from tests.audit.lines import ITEM_CHANGES, SECRET, SETTINGS, item_texts, line_of, text_of

if TYPE_CHECKING:
    from tests.audit.checks import Line

VISITS = {"schema": 1, "table": "Visits", "region": "eu-central-1", "cause": "request", "shard": None}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "insert",
            VISITS
            | {
                "event_id": "7de3041dd709b024af6f29e4fa13d34c",
                "action": "INSERT",
                "sequence_number": "5200000000047189201511001",
                "created": 1764230401,
                "added": {
                    "address": ["M", 88],
                    "balance": ["N", 39],
                    "consent": ["BOOL", 1],
                    "discharged": ["NULL", 1],
                    "empty_scan": ["B", 0],
                    "history": ["L", 15],
                    "images": ["BS", 28],
                    "name": ["S", 23],
                    "note": ["S", 0],
                    "phones": ["SS", 28],
                    "readings": ["NS", 76],
                    "scan": ["B", 11],
                    "smallest": ["N", 40],
                },
            },
        ),
        (
            "modify",
            VISITS
            | {
                "event_id": "c81e728d9d4c2f636f067f89cc14862c",
                "action": "MODIFY",
                "sequence_number": "5200000000047189201511002",
                "created": 1764230402,
                "added": {"approved": ["NULL", 1], "reviewer": ["S", 15]},
                "removed": {"deductible": ["N", 38], "insurer": ["S", 14]},
                # balance differs in the last of 38 digits, code and discharged in type, address in its map.
                "changed": {
                    "address": ["M", 36, "M", 36],
                    "balance": ["N", 38, "N", 38],
                    "code": ["N", 38, "S", 38],
                    "consent": ["BOOL", 1, "BOOL", 1],
                    "discharged": ["NULL", 1, "BOOL", 1],
                    "history": ["L", 14, "L", 30],
                    "note": ["S", 0, "S", 11],
                },
            },
        ),
        (
            "remove",
            VISITS
            | {
                "event_id": "eccbc87e4b5ce2fe28308fd9f2a7baf3",
                "action": "REMOVE",
                "sequence_number": "5200000000047189201511003",
                "created": 1764230403.0,
                "removed": {"name": ["S", 21], "phones": ["SS", 14]},
            },
        ),
        (
            "remove_by_time_to_live",
            VISITS
            | {
                "event_id": "a87ff679a2f3e71d9181a67b7542122c",
                "table": "prod.Sessions_v2-1",
                "action": "REMOVE",
                "cause": "time to live",
                "sequence_number": "5200000000047189201511004",
                "created": 1764230404,
                "removed": {"expires": ["N", 10], "user": ["S", 23]},
            },
        ),
    ],
)
def test_an_item_change_becomes_exactly_this_line(name: str, expected: Line) -> None:
    record = golden(name)
    line = line_of(record)
    del line["link"]
    assert line == expected | {
        "key": digest(SECRET, record["dynamodb"]["Keys"]),
        "batch": [expected["sequence_number"], 0, 1],
        "previous": None,
    }


def test_fields_are_in_the_order_in_which_the_document_explains_them() -> None:
    settings = Settings(key_digest(SECRET), STREAMS, frozenset({"note"}))
    assert list(line_of(golden("modify"), settings)) == [
        *("schema", "event_id", "table", "region", "action", "cause", "shard", "sequence_number", "created", "key"),
        *("added", "removed", "changed", "clear", "batch", "previous", "link"),
    ]


def test_attributes_are_in_the_order_in_which_the_record_has_them() -> None:
    record = golden("modify")
    old, new = record["dynamodb"]["OldImage"], record["dynamodb"]["NewImage"]
    line = line_of(record)
    for field, image in (("added", new), ("removed", old), ("changed", new)):
        assert list(line[field]) == [name for name in image if name in line[field]]


def test_attributes_that_are_logged_in_clear_are_in_the_order_of_their_names() -> None:
    allowed = frozenset({"reviewer", "note", "insurer", "address", "code"})
    line = line_of(golden("modify"), Settings(key_digest(SECRET), STREAMS, allowed))
    assert list(line["clear"]) == sorted(allowed)


def test_there_is_one_line_for_each_change_in_the_order_of_the_stream() -> None:
    records = [golden(name) for name in ITEM_CHANGES]
    lines = read(text_of(write_batch(records, SETTINGS, None, None)))
    assert [line["event_id"] for line in lines] == [record["eventID"] for record in records]


def test_an_empty_batch_is_no_line_and_leaves_the_last_link() -> None:
    batch = write_batch([], SETTINGS, None, "the last link")
    assert (text_of(batch), batch.failed, batch.link) == ("", [], "the last link")


def test_the_shard_is_named_where_lambda_names_it() -> None:
    batch = write_batch([golden("insert")], SETTINGS, 'shardId-"1"\n', None)
    assert read_one(text_of(batch))["shard"] == 'shardId-"1"\n'


@pytest.mark.parametrize("name", [*ITEM_CHANGES, "hostile_names"])
def test_no_value_of_an_item_is_written(name: str) -> None:
    record = golden(name)
    values = item_texts(record)
    # Shorter ones could be in the output by chance.
    assert min(map(len, values)) >= 10
    output = text_of(write_batch([record], SETTINGS, None, None))
    assert output
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
    identity: dict[str, str] | None, cause: str
) -> None:
    assert line_of(golden("remove") | {"userIdentity": identity})["cause"] == cause


def test_hostile_attribute_names_parse_back_to_themselves() -> None:
    record = golden("hostile_names")
    change = record["dynamodb"]
    old, new, keys = set(change["OldImage"]), set(change["NewImage"]), set(change["Keys"])
    line = line_of(record)
    assert set(line["added"]) == new - old
    assert set(line["removed"]) == old - new
    assert set(line["changed"]) == new & old - keys


def test_a_hostile_attribute_name_cannot_set_a_field_of_the_line() -> None:
    # Lambda drops lines whose field `level` is below the function's.
    assert line_of(golden("hostile_names")).keys() == line_of(golden("modify")).keys()


def test_values_are_logged_of_changed_attributes_that_are_allowed_to_be_and_of_no_others() -> None:
    record = golden("modify")
    old, new = record["dynamodb"]["OldImage"], record["dynamodb"]["NewImage"]
    # Of these scan has not changed, and the patient is a key attribute.
    allowed = frozenset({"address", "insurer", "reviewer", "scan", "patient", "no such attribute"})
    line = line_of(record, Settings(key_digest(SECRET), STREAMS, allowed))
    assert line["clear"] == {
        "address": [old["address"], new["address"]],
        "insurer": [old["insurer"], None],
        "reviewer": [None, new["reviewer"]],
    }
    # They are counted like others.
    plain = line_of(record)
    assert [line[field] for field in ("added", "removed", "changed")] == [
        plain[field] for field in ("added", "removed", "changed")
    ]


def test_keys_can_be_logged_in_clear() -> None:
    record = golden("insert")
    line = line_of(record, Settings(plain_keys, STREAMS))
    assert line["keys"] == record["dynamodb"]["Keys"]
    assert "key" not in line


def test_a_key_attribute_that_is_allowed_to_be_logged_is_not() -> None:
    line = line_of(golden("insert"), Settings(key_digest(SECRET), STREAMS, frozenset({"patient"})))
    assert "clear" not in line


def test_records_are_left_as_they_were() -> None:
    records = [golden(name) for name in ITEM_CHANGES]
    before = deepcopy(records)
    write_batch(records, Settings(plain_keys, STREAMS, frozenset({"note", "history"})), None, None)
    assert records == before
