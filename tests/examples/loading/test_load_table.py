"""`python -m examples.loading.load` loads files, objects and exports as a whole, and goes on after an interruption."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]
from click.testing import CliRunner

from examples.loading import load
from examples.loading.loading import Loading
from examples.unprocessed import Patience
from tests.examples.loading.catalog import BUCKET, CREDENTIALS, EXPORT, TABLE, Catalog, catalog, item

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

ITEMS = [item(number, price={"N": str(number)}, mark={"B": "AAE="}) for number in range(230)]
STORED = [{**each, "mark": {"B": b"\x00\x01"}} for each in ITEMS]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[Catalog]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with catalog() as found:
        yield found


def run(*sources: str, table: str = TABLE) -> Result:
    return CliRunner().invoke(load.main, [*sources, "--table", table])


def test_an_export_is_loaded_and_verified(made: Catalog) -> None:
    source = made.export(ITEMS[:120], [], ITEMS[120:])
    result = run(source)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "230 items written, 0 there already\n230 of 230 items verified\n"
    assert made.items() == STORED


def test_the_command_can_be_repeated(made: Catalog) -> None:
    source = made.export(ITEMS)
    for each in STORED[5:9]:
        made.dynamodb.put_item(TableName=TABLE, Item=each)
    assert run(source).stdout.startswith("226 items written, 4 there already\n")
    assert run(source).stdout.startswith("0 items written, 230 there already\n")


def test_a_file_and_objects_are_loaded_together(made: Catalog, tmp_path: Path) -> None:
    file = tmp_path / "items.json"
    file.write_text(json.dumps([{"category": "c-0", "product": "p-0"}]), encoding="utf-8")
    made.put("more/a.jsonl", json.dumps({"Item": item(1)}).encode())
    made.put("more/b.csv", b"category,product\nc-2,p-2\n")
    made.put("other/c.csv", b"category,product\nc-3,p-3\n")
    assert run(str(file), f"s3://{BUCKET}/more/").exit_code == 0
    assert made.items() == [item(number) for number in range(3)]
    assert run(f"s3://{BUCKET}/other/c.csv").exit_code == 0
    assert made.items() == [item(number) for number in range(4)]


def test_nothing_is_written_if_one_item_is_refused(made: Catalog) -> None:
    secret = {"N": "4711x"}
    source = made.export(ITEMS[:3], [*ITEMS[3:5], item(5, price=secret), ITEMS[0], {"product": {"S": "p-9"}}])
    result = run(source)
    data = f"s3://{BUCKET}/{EXPORT}/data"
    assert result.exit_code == 2
    assert result.stdout.splitlines() == [
        f"{data}/file1.json.gz:3: $.price: not a number of at most 38 digits, from 1E-130 to below 1E+126",
        f"{data}/file1.json.gz:4: $.product: {data}/file0.json.gz:1 has the same key",
        f"{data}/file1.json.gz:5: $.category: missing, and a key of the table",
    ]
    assert "Error: 3 of 8 items refused; nothing was written" in result.stderr
    assert "4711" not in result.output
    assert made.items() == []


def test_what_is_there_with_other_values_is_not_replaced(made: Catalog) -> None:
    made.dynamodb.put_item(TableName=TABLE, Item=item(2, price={"N": "7"}))
    result = run(made.export(ITEMS))
    assert result.exit_code == 2
    assert result.stdout.endswith("file0.json.gz:3: $: the table has an item with this key and other values\n")
    assert len(made.items()) == 1


@pytest.mark.parametrize(
    ("summary", "said"),
    [
        ({"exportType": "INCREMENTAL_EXPORT"}, "is an incremental export; allowed: a full one"),
        ({"outputFormat": "ION"}, "has the format ION; allowed: DYNAMODB_JSON"),
        ({"itemCount": 231}, "manifest-files.json has not as many items as manifest-summary.json"),
    ],
)
def test_another_export_is_refused(made: Catalog, summary: dict[str, Any], said: str) -> None:
    result = run(made.export(ITEMS, **summary))
    assert result.exit_code == 2
    assert said in result.stderr


def test_an_export_that_is_not_whole_is_refused(made: Catalog) -> None:
    source = made.export(ITEMS[:2], ITEMS[2:4])
    made.export(ITEMS[:1], folder=EXPORT.replace("at=20261121", "at=20261122"))
    assert "has 2 exports; name one: products/full/" in run(f"s3://{BUCKET}/products/").stderr
    made.s3.delete_object(Bucket=BUCKET, Key=f"{EXPORT}/data/file1.json.gz")
    assert f"lacks {EXPORT}/data/file1.json.gz" in run(source).stderr
    made.s3.delete_object(Bucket=BUCKET, Key=f"{EXPORT}/manifest-files.json")
    assert "has no manifest-files.json; allowed: an export that is complete" in run(source).stderr
    assert f"s3://{BUCKET}/no/such has no objects" in run(f"s3://{BUCKET}/no/such").stderr


def test_a_file_with_fewer_items_than_the_manifest_says_is_refused(made: Catalog) -> None:
    source = made.export(ITEMS[:3])
    made.put(f"{EXPORT}/data/file0.json.gz", b"")
    result = run(source)
    assert result.stdout.endswith("file0.json.gz: $: 0 items; by the manifest of the export it has 3\n")
    assert result.exit_code == 2


def test_an_object_that_changes_meanwhile_is_an_error(made: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    source = made.export(ITEMS[:3])
    conflicts = Loading.conflicts

    def change(self: Loading, advance: Any) -> Any:
        made.put(f"{EXPORT}/data/file0.json.gz", b"changed")
        return conflicts(self, advance)

    monkeypatch.setattr(Loading, "conflicts", change)
    result = run(source)
    assert result.exit_code == 2
    assert "file0.json.gz has changed since the command began" in result.stderr
    assert made.items() == []


class Failing:
    """A client that fails from the fourth request to write on."""

    def __init__(self, client: Any, error: BaseException) -> None:
        self._client, self._error, self._left = client, error, 3

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def batch_write_item(self, **request: Any) -> Any:
        if self._left == 0:
            raise self._error
        self._left -= 1
        return self._client.batch_write_item(**request)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ClientError({"Error": {"Code": "ValidationException", "Message": "No."}}, "BatchWriteItem"), "No."),
        (KeyboardInterrupt(), "interrupted"),
    ],
)
def test_an_interrupted_load_says_what_was_written_and_goes_on_another_time(
    made: Catalog, monkeypatch: pytest.MonkeyPatch, error: BaseException, reason: str
) -> None:
    source = made.export(ITEMS)
    write = Loading.write

    def fail(self: Loading, advance: Any) -> None:
        self.client = Failing(self.client, error)
        write(self, advance)

    with monkeypatch.context() as patched:
        patched.setattr(Loading, "write", fail)
        result = run(source)
    assert result.exit_code == 2
    assert "75 of 230 items written, or some more (" in result.stderr
    assert reason in result.stderr
    assert run(source).stdout == "155 items written, 75 there already\n230 of 230 items verified\n"


def test_what_dynamodb_leaves_is_written_again(made: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    class Leaving:
        def __init__(self, client: Any) -> None:
            self._client = client

        def __getattr__(self, name: str) -> Any:
            return getattr(self._client, name)

        def batch_write_item(self, RequestItems: dict[str, list[Any]]) -> Any:  # noqa: N803
            (puts,) = RequestItems.values()
            self._client.batch_write_item(RequestItems={TABLE: puts[:7]})
            return {"UnprocessedItems": {TABLE: puts[7:]} if puts[7:] else {}}

    source, write = made.export(ITEMS), Loading.write

    def leave(self: Loading, advance: Any) -> None:
        self.client, self.patience = Leaving(self.client), Patience(lambda _: None)
        write(self, advance)
        self.client = made.dynamodb

    monkeypatch.setattr(Loading, "write", leave)
    assert run(source).stdout.startswith("230 items written")
    assert made.items() == STORED


def test_what_differs_afterwards_is_named(made: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Loading.write

    def write_and_change(self: Loading, advance: Any) -> None:
        write(self, advance)
        made.dynamodb.put_item(TableName=TABLE, Item=item(4))
        made.dynamodb.delete_item(TableName=TABLE, Key=item(9))

    monkeypatch.setattr(Loading, "write", write_and_change)
    result = run(made.export(ITEMS))
    assert result.exit_code == 1
    assert [line.partition(":5: ")[2] or line.partition(":10: ")[2] for line in result.stdout.splitlines()[1:3]] == [
        "$: the table has other values",
        "$: the table does not have the item",
    ]
    assert result.stdout.endswith("228 of 230 items verified\n")


def test_a_table_or_file_that_is_not_there_is_named(made: Catalog) -> None:
    assert "there is no such table in this account and Region" in run(made.export(ITEMS), table="no-table").stderr
    assert "no.json is no file; allowed: a file, or s3://BUCKET/KEY" in run("no.json").stderr
