"""The follower of changes takes those that come twice or out of order."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from examples.change_stream.service.changes import handler, newest

if TYPE_CHECKING:
    import pytest


def change(id: str, key: str, time: int) -> dict[str, Any]:
    return {"eventID": id, "dynamodb": {"Keys": {"pk": {"S": key}}, "ApproximateCreationDateTime": time}}


def test_the_newest_change_of_each_item_counts() -> None:
    first, second, other = change("1", "a", 10), change("2", "a", 11), change("3", "b", 5)
    for changes in ([first, second, other], [second, other, first], [second, first, first, other]):
        assert {each["eventID"] for each in newest(changes).values()} == {"2", "3"}


def test_changes_that_come_twice_count_once(capsys: pytest.CaptureFixture[str]) -> None:
    changes = [change("1", "a", 10), change("2", "a", 11), change("1", "a", 10)]
    records = [{"kinesis": {"data": b64encode(json.dumps(each).encode()).decode()}} for each in changes]
    assert handler({"Records": records}, None) == {"batchItemFailures": []}
    assert json.loads(capsys.readouterr().out) == {"changes": 2, "twice": 1, "items": 1}
