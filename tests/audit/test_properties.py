"""What holds for every event that DynamoDB and Lambda could send."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from secure_ddb.audit_trail.handler.audit_trail.batch import write_batch
from secure_ddb.audit_trail.handler.audit_trail.keys import key_digest, plain_keys
from secure_ddb.audit_trail.handler.audit_trail.settings import Settings
from tests.audit.aws import STREAMS
from tests.audit.checks import digest, read, read_one, touched
from tests.audit.lines import SECRET, SETTINGS, line_of, text_of
from tests.audit.strategies import MARKS, PROPERTY, changes, keys, names, record, records

if TYPE_CHECKING:
    from tests.audit.checks import Item, Record


def _images(of: Record) -> tuple[Item, Item, Item]:
    change = of["dynamodb"]
    return change.get("OldImage", {}), change.get("NewImage", {}), change["Keys"]


@PROPERTY
@given(records, st.none() | st.text(max_size=8))
def test_each_change_is_one_line_that_says_what_it_touched(batch: list[Record], shard: str | None) -> None:
    written = write_batch(batch, SETTINGS, shard, None)
    assert written.failed == []
    for place, (line, of) in enumerate(zip(read(text_of(written)), batch, strict=True)):
        del line["link"]
        assert line == touched(*_images(of)) | {
            "schema": 1,
            "event_id": of["eventID"],
            "table": "Visits",
            "region": "eu-central-1",
            "action": of["eventName"],
            "cause": "request",
            "shard": shard,
            "sequence_number": of["dynamodb"]["SequenceNumber"],
            "created": of["dynamodb"]["ApproximateCreationDateTime"],
            "key": digest(SECRET, of["dynamodb"]["Keys"]),
            "batch": [batch[0]["dynamodb"]["SequenceNumber"], place, len(batch)],
        } | ({"previous": None} if place == 0 else {})


@PROPERTY
@given(records)
def test_no_value_is_written(batch: list[Record]) -> None:
    assert any(mark in json.dumps(batch) for mark in MARKS)
    output = text_of(write_batch(batch, SETTINGS, None, None))
    assert [mark for mark in MARKS if mark in output] == []


@PROPERTY
@given(records, st.integers(0, 4), st.recursive(st.none() | st.text(), lambda inner: st.dictionaries(names, inner)))
def test_no_value_is_written_of_a_malformed_record(batch: list[Record], place: int, nonsense: object) -> None:
    malformed = batch[place % len(batch)]["dynamodb"]
    malformed["Keys"] = nonsense
    written = write_batch(batch, SETTINGS, None, None)
    assert written.failed == [malformed["SequenceNumber"]]
    assert [mark for mark in MARKS if mark in text_of(written)] == []
    assert len(read(text_of(written))) == place % len(batch) + 1


@PROPERTY
@given(changes(), st.frozensets(names))
def test_values_are_written_of_allowed_attributes_only(change: Record, others: frozenset[str]) -> None:
    of = record(change)
    old, new, key = _images(of)
    candidates = sorted({*old, *new})
    allowed = frozenset(candidates[::2]) | others
    line = line_of(of, Settings(key_digest(SECRET), STREAMS, allowed))
    expected = {name: [old.get(name), new.get(name)] for name in allowed - key.keys() if old.get(name) != new.get(name)}
    assert line.get("clear", {}) == expected
    without = text_of(write_batch([of], Settings(key_digest(SECRET), STREAMS, allowed - {*candidates}), None, None))
    assert [mark for mark in MARKS if mark in without] == []


@PROPERTY
@given(changes())
def test_keys_in_clear_are_the_item_s_and_no_other_value_is_written(change: Record) -> None:
    of = record(change)
    line = line_of(of, Settings(plain_keys, STREAMS))
    assert line.pop("keys") == of["dynamodb"]["Keys"]
    assert [mark for mark in MARKS if mark in json.dumps(line)] == []


@PROPERTY
@given(st.lists(changes(), min_size=2, max_size=3), keys, keys)
def test_an_item_has_one_digest_in_all_its_changes_and_no_other_item_has_it(
    drawn: list[Record], one: Item, other: Item
) -> None:
    def digests(key: Item, previous: str | None) -> set[str]:
        batch = []
        for number, change in enumerate(drawn):
            of = record(change, number + 1)
            images = {name: image | key for name, image in of["dynamodb"].items() if name.endswith("Image")}
            of["dynamodb"] |= images | {"Keys": key}
            batch.append(json.loads(json.dumps(of)))
        # As in an environment of its own: only the secret is the same.
        text = text_of(write_batch(batch, Settings(key_digest(SECRET), STREAMS), "shard", previous))
        return {line["key"] for line in read(text)}

    ((first,), (again,), (different,)) = digests(one, None), digests(one, "A" * 43), digests(other, None)
    assert first == again
    assert (first == different) == (one == other)


@PROPERTY
@given(changes())
def test_a_repeated_record_gives_the_same_line_again(change: Record) -> None:
    first, second = (text_of(write_batch([record(change)], SETTINGS, None, None)) for _ in range(2))
    assert first == second


@PROPERTY
@given(changes())
def test_the_order_of_attributes_only_orders_the_line(change: Record) -> None:
    def reverse(of: object) -> object:
        if isinstance(of, dict):
            return {name: reverse(content) for name, content in reversed(of.items())}
        return of

    reversed_change = {"eventName": change["eventName"], "dynamodb": reverse(change["dynamodb"])}
    one, other = (text_of(write_batch([record(of)], SETTINGS, None, None)) for of in (change, reversed_change))
    first, second = read_one(one), read_one(other)
    # The link is of the text.
    del first["link"], second["link"]
    assert first == second
