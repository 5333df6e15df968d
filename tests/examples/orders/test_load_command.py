"""`python -m examples.orders.load` loads a file as a whole, says what it did, and leaves nothing half known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]
from click.testing import CliRunner

from examples.orders import load
from examples.orders.batches import Batches
from examples.orders.loading import Load, LoadError, in_ranges
from examples.orders.service.items import account_key, from_stored, to_stored
from tests.examples.orders.orders_table import CREDENTIALS, TABLE, credit, items, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

ITEMS = [{**account_key(f"C-{number}"), "credit": number} for number in range(60)]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with table() as made:
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "items.json"
    file.write_text(json.dumps(ITEMS), encoding="utf-8")
    return file


def run(file: Path, table: str = TABLE) -> Result:
    return CliRunner().invoke(load.main, [str(file), "--table", table])


def ignore(_: float) -> None:
    pass


def test_items_are_loaded_and_verified(client: Any, file: Path) -> None:
    result = run(file)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "60 items written, 0 there already\n60 of 60 items verified\n"
    assert sorted(items(client), key=lambda item: item["credit"]) == ITEMS


def test_what_is_there_already_is_not_written_again(client: Any, file: Path) -> None:
    client.put_item(TableName=TABLE, Item=to_stored(ITEMS[7]))
    assert run(file).stdout.startswith("59 items written, 1 there already\n")
    assert run(file).stdout.startswith("0 items written, 60 there already\n")


def test_what_is_there_with_other_values_is_not_replaced(client: Any, file: Path) -> None:
    for place in (3, 7, 8):
        client.put_item(TableName=TABLE, Item=to_stored({**ITEMS[place], "credit": 1_000}))
    result = run(file)
    assert result.exit_code == 2
    assert "the table has other values for items 3, 7 to 8; nothing was written" in result.stderr
    assert len(items(client)) == 3
    assert credit(client, "C-3") == 1_000


def test_nothing_is_written_if_one_item_is_wrong(client: Any, file: Path) -> None:
    file.write_text(json.dumps([*ITEMS, {**ITEMS[0], "credit": -1}]), encoding="utf-8")
    result = run(file)
    assert result.exit_code == 2
    assert "item 60: $.credit: -1 is less than the minimum of 0" in result.stderr
    assert items(client) == []


def test_a_table_that_is_not_there_is_named(client: Any, file: Path) -> None:  # noqa: ARG001
    result = run(file, "no-such-table")
    assert result.exit_code == 2
    assert "Error: the table no-such-table cannot be read: " in result.stderr


def test_what_differs_afterwards_is_named(client: Any, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Load.write

    def write_and_change(self: Load, missing: Any, advance: Any) -> None:
        write(self, missing, advance)
        client.put_item(TableName=TABLE, Item=to_stored({**ITEMS[4], "credit": 0}))
        client.delete_item(TableName=TABLE, Key=to_stored(account_key("C-9")))

    monkeypatch.setattr(Load, "write", write_and_change)
    result = run(file)
    assert result.exit_code == 1
    assert result.stdout.endswith("not as in items.json: item 9 not there; item 4 with other values\n")
    assert "verified" not in result.stdout


class Failing:
    """A client that fails from a request on."""

    def __init__(self, client: Any, error: BaseException, after: int) -> None:
        self._client = client
        self._error = error
        self._after = after

    def batch_write_item(self, **request: Any) -> Any:
        if self._after == 0:
            raise self._error
        self._after -= 1
        return self._client.batch_write_item(**request)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ClientError({"Error": {"Code": "ValidationException", "Message": "No."}}, "BatchWriteItem"), "No."),
        (KeyboardInterrupt(), "interrupted"),
    ],
)
def test_an_interrupted_load_says_what_was_written_and_what_was_not(
    client: Any, error: BaseException, reason: str
) -> None:
    loading = Load(ITEMS, Batches(Failing(client, error, after=1), TABLE))
    with pytest.raises(LoadError) as raised:
        loading.write(ITEMS, ignore)
    said = str(raised.value)
    assert said.startswith("25 of 60 items written; not written, or not known to be: items 25 to 59 (")
    assert reason in said
    assert len(items(client)) == 25


class Throttled:
    """A client whose table takes the first few items, and then nothing any more."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._left = 5

    def batch_write_item(self, RequestItems: dict[str, list[Any]]) -> Any:  # noqa: N803
        puts = RequestItems[TABLE]
        taken, self._left = puts[: self._left], 0
        for put in taken:
            self._client.put_item(TableName=TABLE, Item=put["PutRequest"]["Item"])
        return {"UnprocessedItems": {TABLE: puts[len(taken) :]}}


def test_a_load_that_is_throttled_for_long_says_what_was_written_and_goes_on_another_time(
    client: Any, file: Path
) -> None:
    done: list[int] = []
    loading = Load(ITEMS, Batches(Throttled(client), TABLE, sleep=ignore))
    with pytest.raises(LoadError, match=r"5 of 60 items written; .*: items 5 to 59 "):
        loading.write(ITEMS, done.append)
    assert sum(done) == 5
    assert run(file).stdout == "55 items written, 5 there already\n60 of 60 items verified\n"
    assert {from_stored(to_stored(item))["credit"] for item in items(client)} == set(range(60))


def test_the_bar_is_advanced_by_every_item(
    client: Any,  # noqa: ARG001
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    advanced: dict[str, int] = {}

    class Bar:
        def __init__(self, doing: str, total: int) -> None:
            self.doing = doing
            advanced[doing] = -total

        def __enter__(self) -> Any:
            return self.advance

        def __exit__(self, *_: object) -> None:
            pass

        def advance(self, done: int) -> None:
            advanced[self.doing] += done

    monkeypatch.setattr(load, "_bar", Bar)
    assert run(file).exit_code == 0
    assert advanced == {"reading": 0, "writing": 0, "verifying": 0}


@pytest.mark.parametrize(
    ("places", "text"), [([], ""), ([3], "3"), ([1, 2, 3], "1 to 3"), ([9, 3, 7, 4, 8], "3 to 4, 7 to 9")]
)
def test_neighbours_are_named_as_a_range(places: list[int], text: str) -> None:
    assert in_ranges(places) == text
