"""Tokens are made, checked, turned into values by those who may, and lose their meaning with the person's data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from examples.tokenization.service import detokenizing, handlers, tokenizing
from examples.tokenization.service.detokenizing import Detokenizing
from examples.tokenization.service.forgetting import PAGE, Forgetting
from tests.examples.tokenization.token_tables import (
    REFERENCES,
    VAULT,
    Crash,
    conflicting,
    crashing,
    dangling,
    empty_tables,
    items,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from examples.tokenization.service.items import Tables

IBAN = "DE89 3704 0044 0532 0130 00"
NOBODYS = f"tok_{'A' * 43}"
NOON = 1_790_000_040 // 60 * 60


class Clock:
    """The service's time."""

    now = NOON

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for module in (handlers, tokenizing, detokenizing):
        monkeypatch.setattr(module, "seconds", made)
    return made


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Iterator[Tables]:  # noqa: ARG001
    """Return empty tables, which the handlers use as the billing department's."""
    environment = {"CALLER": "Billing", "PURPOSE": "payment", "PER_MINUTE": "5", "PURPOSES": "contact,payment"}
    for name, value in {**environment, "VAULT": VAULT, "REFERENCES": REFERENCES}.items():
        monkeypatch.setenv(name, value)
    with empty_tables() as made:
        monkeypatch.setattr(handlers, "_client", lambda: made.client)
        yield made


def tokenize(**fields: Any) -> dict[str, Any]:
    asked = {"person": "P-1", "value": IBAN, "purpose": "payment", "kind": "reusable", **fields}
    return handlers.tokenize(asked, None)


def token(**fields: Any) -> str:
    return str(tokenize(**fields)["token"])


def one_time(**fields: Any) -> str:
    return token(kind="one-time", valid_seconds=600, **fields)


def detokenize(token: str, user: str = "anna") -> dict[str, Any]:
    return handlers.detokenize({"token": token, "user": user}, None)


def check(token: str) -> dict[str, Any]:
    return handlers.check({"token": token}, None)


def forget(person: str = "P-1") -> dict[str, Any]:
    return handlers.forget({"person": person}, None)


def refused(token: str) -> dict[str, Any]:
    message = f"token is '{token}'; allowed: a valid one for payment"
    return {"error": {"field": "token", "message": message}}


def records(tables: Tables) -> list[dict[str, Any]]:
    return items(tables, REFERENCES, "record#")


@pytest.mark.usefixtures("tables")
def test_a_reusable_token_is_the_same_each_time_and_can_be_used_again() -> None:
    made = token()
    assert token() == made
    assert [detokenize(made), detokenize(made)] == [{"value": IBAN}] * 2
    assert check(made) == {"valid": True, "purpose": "payment", "kind": "reusable"}


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("other", [{"person": "P-2"}, {"purpose": "contact"}, {"value": f"{IBAN} "}])
def test_another_person_purpose_or_value_has_another_token(other: dict[str, str]) -> None:
    assert token() != token(**other)


@pytest.mark.usefixtures("tables")
def test_a_one_time_token_is_used_once() -> None:
    made = one_time()
    assert made != one_time()
    assert check(made)["valid"]
    assert detokenize(made) == {"value": IBAN}
    assert detokenize(made) == refused(made)
    assert not check(made)["valid"]


@pytest.mark.parametrize("kind", ["one-time", "expiring"])
def test_a_token_expires_to_the_second_and_both_items_with_it(tables: Tables, clock: Clock, kind: str) -> None:
    made = token(kind=kind, valid_seconds=60)
    ends = [item["delete_at"] for table in (VAULT, REFERENCES) for item in items(tables, table) if "delete_at" in item]
    assert ends == [NOON + 60] * 2
    clock.now = NOON + 59
    assert check(made)["valid"]
    if kind == "expiring":
        assert detokenize(made) == {"value": IBAN}
    clock.now = NOON + 60
    assert not check(made)["valid"]
    assert detokenize(made) == refused(made)


def test_a_token_of_another_purpose_is_refused_like_one_that_is_not_there(tables: Tables) -> None:
    other = token(purpose="contact")
    assert detokenize(other) == refused(other)
    assert detokenize(NOBODYS) == refused(NOBODYS)
    assert check(NOBODYS) == {"valid": False}
    assert [record["outcome"] for record in records(tables)] == ["refused"] * 2


def test_who_got_what_is_recorded_without_the_value(tables: Tables) -> None:
    made = one_time()
    detokenize(made, "anna")
    detokenize(made, "bob")
    written = {record.pop("user"): record for record in records(tables)}
    assert [record.pop("record")[:21] for record in written.values()] == ["2026-09-21T14:14:00Z#"] * 2
    common = {"reference": "record#Billing", "token": made, "person": "P-1", "purpose": "payment"}
    assert written == {"anna": {**common, "outcome": "given out"}, "bob": {**common, "outcome": "refused"}}


def test_a_caller_has_so_many_requests_a_minute_refused_ones_included(tables: Tables, clock: Clock) -> None:
    made = token()
    for each in (made, NOBODYS, made, NOBODYS, made):
        detokenize(each)
    before = items(tables, REFERENCES)
    assert detokenize(made) == {
        "error": {
            "field": "caller",
            "message": "caller is 'Billing', which had 5 requests in this minute; allowed: 5 in a minute",
        }
    }
    assert items(tables, REFERENCES) == before
    # The next minute, and another caller, have counts of their own.
    assert Detokenizing(tables, "Collections", "payment", 1).value(made, "carl") == IBAN
    clock.now = NOON + 60
    assert detokenize(made) == {"value": IBAN}
    assert all(count["delete_at"] > clock.now for count in items(tables, REFERENCES, "count#"))


def test_tokens_of_a_person_whose_data_was_deleted_mean_nothing(tables: Tables) -> None:
    made = [token(), one_time(), token(kind="expiring", valid_seconds=60)]
    other = token(person="P-2")
    detokenize(made[0])
    assert forget() == {"deleted": 3, "has_more": False}
    assert [detokenize(each) for each in made] == [refused(each) for each in made]
    assert detokenize(other) == {"value": IBAN}
    assert [item.keys() for item in items(tables, VAULT, "P-1")] == [{"person", "record", "forgotten_at"}]
    assert [item["reference"] for item in items(tables, REFERENCES, "tok_")] == [other]
    assert dangling(tables) == []
    # The record of who got it stays.
    assert "given out" in [record["outcome"] for record in records(tables) if record.get("person") == "P-1"]


def test_a_person_whose_data_was_deleted_gets_no_tokens_again(tables: Tables) -> None:
    token()
    forget()
    before = items(tables, VAULT), items(tables, REFERENCES)
    assert tokenize()["error"]["message"] == "person is 'P-1'; allowed: one whose data was not deleted"
    assert (items(tables, VAULT), items(tables, REFERENCES)) == before
    assert forget() == {"deleted": 0, "has_more": False}
    assert forget("P-9")["error"]["message"] == "person is 'P-9'; allowed: one that the vault knows"


def test_all_tokens_mean_nothing_before_the_first_value_is_deleted(tables: Tables) -> None:
    made = token()
    with pytest.raises(Crash):
        Forgetting(crashing(tables, 0, is_done=True)).forget("P-1")
    assert len(items(tables, VAULT, "P-1")) == 2
    assert detokenize(made) == refused(made)


def test_a_deletion_waits_for_tokens_that_are_made_at_that_moment(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("examples.tokenization.service.transactions.time.sleep", lambda _: None)
    made = token()
    assert Forgetting(conflicting(tables, 3)).forget("P-1") == (1, False)
    assert detokenize(made) == refused(made)
    # Whoever makes tokens without an end is an error, and no silence.
    with pytest.raises(tables.client.exceptions.TransactionConflictException):
        Forgetting(conflicting(tables, 100)).forget("P-1")


def test_many_values_are_deleted_page_by_page(tables: Tables) -> None:
    for number in range(PAGE + 1):
        token(value=f"value {number}")
    assert [forget()["has_more"], forget()["has_more"]] == [True, False]
    assert items(tables, REFERENCES) == []


@pytest.mark.usefixtures("clock")
def test_a_token_that_is_deleted_while_it_is_used_is_not_given_out(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = token()
    read = Detokenizing._usable_value

    def read_then_forget(self: Detokenizing, *arguments: Any) -> str | None:
        found = read(self, *arguments)
        forget()
        return found

    monkeypatch.setattr(Detokenizing, "_usable_value", read_then_forget)
    assert detokenize(made) == refused(made)
    assert [record["outcome"] for record in records(tables)] == ["refused"]
    assert dangling(tables) == []


@pytest.mark.parametrize(
    ("handler", "fields", "field"),
    [
        ("tokenize", {"person": "P 1"}, "person"),
        ("tokenize", {"person": None}, "person"),
        ("tokenize", {"value": ""}, "value"),
        ("tokenize", {"value": "4111" * 513}, "value"),
        ("tokenize", {"value": 4111111111111111}, "value"),
        ("tokenize", {"value": "\ud800"}, "value"),
        ("tokenize", {"purpose": "marketing"}, "purpose"),
        ("tokenize", {"kind": "eternal"}, "kind"),
        ("tokenize", {"kind": ["reusable"]}, "kind"),
        ("tokenize", {"kind": "one-time"}, "valid_seconds"),
        ("tokenize", {"valid_seconds": 60}, "valid_seconds"),
        *(
            ("tokenize", {"kind": "expiring", "valid_seconds": life}, "valid_seconds")
            for life in (59, 31_536_001, True, 60.0, "60")
        ),
        ("tokenize", {"secret": IBAN}, "secret"),
        ("tokenize", {IBAN: ""}, "a field with another name"),
        ("detokenize", {"token": IBAN, "user": "anna"}, "token"),
        ("detokenize", {"token": NOBODYS}, "user"),
        ("detokenize", {"token": NOBODYS, "user": IBAN}, "user"),
        ("check", {}, "token"),
        ("forget", {"person": "P-1", "value": IBAN}, "value"),
        ("forget", [IBAN], "request"),
    ],
)
def test_invalid_requests_name_the_field_show_no_value_and_write_nothing(
    tables: Tables, handler: str, fields: Any, field: str
) -> None:
    complete = {"person": "P-1", "value": IBAN, "purpose": "payment", "kind": "reusable"}
    event = {**complete, **fields} if handler == "tokenize" else fields
    error = getattr(handlers, handler)(event, None)["error"]
    assert error["field"] == field
    assert error["message"].startswith(f"{field} is ")
    assert "4111" not in error["message"]
    assert IBAN not in error["message"]
    assert items(tables, VAULT) + items(tables, REFERENCES) == []
