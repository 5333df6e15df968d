"""All items of a person are erased, marked before that, also after interruptions and beside other writers."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from examples.erasure import erase
from examples.erasure.erasing import ERASURE, Erasing, ErasureError, Place, Schema
from tests.examples.erasure.people_tables import BY_PERSON, CREDENTIALS, CUSTOMERS, ORDERS, Recorded, fill, left, tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from click.testing import Result

PLACES = (Place(CUSTOMERS), Place(ORDERS, BY_PERSON))
REQUEST = "ERA-2026-0042"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with tables() as made:
        fill(made, "anna", 7)
        fill(made, "ben", 3)
        yield made


def erasing(client: Any, place: Place) -> Erasing:
    return Erasing(client, place, Schema.of(client, place), "anna", REQUEST, lambda _: None)


def key_of(request: dict[str, Any]) -> str:
    return json.dumps(request["Key"], sort_keys=True)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_all_items_of_a_person_are_erased_and_those_of_others_stay(client: Any, place: Place) -> None:
    recorded = Recorded(client)
    running = erasing(recorded, place)
    running.run()
    assert running.erased == 7
    assert left(client, place.table) == ["ben"] * 3
    assert Counter(name for name, _ in recorded.requests) == {"update_item": 7, "delete_item": 7}
    marked = {key_of(request) for name, request in recorded.requests[:7] if name == "update_item"}
    assert marked == {key_of(request) for _, request in recorded.requests[7:]}


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_more_items_than_a_page_are_erased_and_only_keys_are_read(
    client: Any, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(client, "anna", 12, size=300_000)
    read: list[dict[str, Any]] = []
    find = Erasing._find
    monkeypatch.setattr(Erasing, "_find", lambda self: [read.append(key) or key for key in find(self)])  # type: ignore[func-returns-value]
    erasing(client, place).run()
    assert left(client, place.table) == ["ben"] * 3
    assert len(read) == 12
    assert {name for key in read for name in key} == {*Schema.of(client, place).keys}


class Stopped(BaseException):
    """The command ends here."""


@pytest.mark.parametrize("at", range(14))
def test_an_interrupted_run_is_finished_by_the_next_and_every_item_was_marked(client: Any, at: int) -> None:
    calls = iter(range(at))

    def stop(_name: str, _request: dict[str, Any]) -> None:
        if next(calls, None) is None:
            raise Stopped

    recorded = Recorded(client, stop)
    with pytest.raises(Stopped):
        erasing(recorded, PLACES[0]).run()
    again = Recorded(client)
    erasing(again, PLACES[0]).run()
    assert left(client, CUSTOMERS) == ["ben"] * 3
    requests = recorded.requests + again.requests
    marked = {key_of(request) for name, request in requests if name == "update_item"}
    deleted = [key_of(request) for name, request in requests if name == "delete_item"]
    assert len(deleted) == 7
    assert set(deleted) == marked


def test_an_item_that_is_written_anew_between_mark_and_deletion_is_marked_again(client: Any) -> None:
    item = {"person": {"S": "anna"}, "record": {"S": "r-3"}, "value": {"S": "new"}}
    writes = iter([True])

    def write(name: str, request: dict[str, Any]) -> None:
        if name == "delete_item" and request["Key"]["record"]["S"] == "r-3" and next(writes, False):
            client.put_item(TableName=CUSTOMERS, Item=item)

    recorded = Recorded(client, write)
    running = erasing(recorded, PLACES[0])
    running.run()
    assert running.erased == 7
    assert left(client, CUSTOMERS) == ["ben"] * 3
    of_item = [name for name, request in recorded.requests if request["Key"]["record"]["S"] == "r-3"]
    assert of_item == ["update_item", "delete_item"] * 2


def test_an_item_that_is_deleted_meanwhile_is_not_made_again(client: Any) -> None:
    def delete(name: str, request: dict[str, Any]) -> None:
        if name == "update_item":
            client.delete_item(TableName=CUSTOMERS, Key=request["Key"])

    running = erasing(Recorded(client, delete), PLACES[0])
    running.run()
    assert running.erased == 0
    assert left(client, CUSTOMERS) == ["ben"] * 3


def test_an_application_that_keeps_writing_is_an_error_which_does_not_name_the_person(client: Any) -> None:
    def write(name: str, request: dict[str, Any]) -> None:
        if name == "delete_item":
            client.put_item(TableName=CUSTOMERS, Item=request["Key"])

    with pytest.raises(ErasureError, match="customers: 7 items are left that are written to meanwhile") as raised:
        erasing(Recorded(client, write), PLACES[0]).run()
    assert "anna" not in str(raised.value)


def run(*arguments: str, person: str = "anna", request: str = REQUEST) -> Result:
    return CliRunner().invoke(erase.main, [*arguments, "--request", request], input=f"{person}\n")


def test_the_command_erases_from_all_places_and_does_not_print_the_person(client: Any) -> None:
    result = run(*map(str, PLACES))
    assert result.exit_code == 0
    assert "anna" not in result.output
    said = json.loads(result.stdout[result.stdout.index("{") :])
    assert said["places"] == [{"place": str(place), "erased": 7} for place in PLACES]
    assert left(client, CUSTOMERS) == left(client, ORDERS) == ["ben"] * 3
    again = run(*map(str, PLACES))
    assert '"erased": 0' in again.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((CUSTOMERS, f"{ORDERS}/by-name"), "orders/by-name: the table has no such global index; allowed: by-person"),
        ((CUSTOMERS, "no-table"), "there is no such table in this account and Region"),
    ],
)
def test_a_place_that_is_not_there_is_named_before_anything_is_erased(
    client: Any, arguments: tuple[str, ...], said: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert len(left(client, CUSTOMERS)) == 10


@pytest.mark.parametrize("request_id", ["anna@example.com", "", "x" * 65])
def test_an_id_that_may_say_who_it_is_about_is_refused(client: Any, request_id: str) -> None:
    result = run(CUSTOMERS, request=request_id)
    assert result.exit_code == 2
    assert "allowed: 1 to 64 letters, digits and -" in result.stderr
    assert len(left(client, CUSTOMERS)) == 10


def test_the_mark_has_the_id_of_the_request_and_nothing_else(client: Any) -> None:
    noted: Callable[[dict[str, Any]], object] = lambda request: request["ExpressionAttributeValues"]  # noqa: E731
    recorded = Recorded(client)
    erasing(recorded, PLACES[1]).run()
    assert all(noted(request) == {":request": {"S": REQUEST}} for _, request in recorded.requests)
    assert all(request["ExpressionAttributeNames"]["#erasure"] == ERASURE for _, request in recorded.requests)
