"""How the key of an item is logged."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secure_ddb.audit_trail.handler.audit_trail.keys import digest_per_table, key_digest, plain_keys
from tests.audit.checks import digest
from tests.audit.strategies import PROPERTY, keys

if TYPE_CHECKING:
    from tests.audit.checks import Item

SECRET = bytes(range(32))
write = key_digest(SECRET)


def test_the_digest_of_a_key_is_this_one() -> None:
    # By OpenSSL, from {"Gr\u00f6\u00dfe":{"S":"a\"\n"},"visit":{"N":"-1.5"}}. It may change only together with every
    # digest in every log there is.
    key = {"visit": {"N": "-1.5"}, "Größe": {"S": 'a"\n'}}
    assert write(key) == '"key":"DCsh7w4ND8HdJvGLOLSbZBtE78-MZeDyicxrHR-E8aQ"'


@PROPERTY
@given(keys, st.binary(min_size=1, max_size=64))
def test_it_is_an_hmac_of_the_key(key: Item, secret: bytes) -> None:
    assert key_digest(secret)(key) == f'"key":"{digest(secret, key)}"'


@PROPERTY
@given(keys)
def test_it_does_not_depend_on_the_order_of_attributes_or_on_keys_before(key: Item) -> None:
    again = key_digest(SECRET)
    again({"another": {"S": "key"}})
    assert again(dict(reversed(key.items()))) == write(key)


TABLES = "arn:aws:dynamodb:eu-central-1:111122223333:table"


@PROPERTY
@given(keys)
def test_tables_that_share_a_function_have_digests_of_their_own(key: Item) -> None:
    write_key_of = digest_per_table(SECRET)
    orders, recreated, carts = (
        write_key_of(f"{TABLES}/{stream}")(key)
        for stream in ("orders/stream/2026-01-01", "orders/stream/2026-02-02", "carts/stream/2026-01-01")
    )
    assert orders == recreated
    assert len({orders, carts, write(key)}) == 3
    own = hmac.digest(SECRET, f"{TABLES}/orders".encode(), "sha256")
    assert orders == f'"key":"{digest(own, key)}"'


@PROPERTY
@given(st.lists(keys, min_size=2, max_size=2, unique_by=repr))
def test_it_differs_for_different_keys(different: list[Item]) -> None:
    one, other = different
    assert (write(one) == write(other)) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": {"S": "1"}}, {"a": {"N": "1"}}),
        ({"a": {"S": "MQ=="}}, {"a": {"B": "MQ=="}}),
        ({"a": {"S": "bc"}}, {"ab": {"S": "c"}}),
        ({"a": {"S": ""}, "b": {"S": "c"}}, {"a": {"S": '"},"b":{"S":"c'}}),
        ({"a": {"S": "x"}, "b": {"S": "y"}}, {"a": {"S": "y"}, "b": {"S": "x"}}),
        ({"a": {"S": "x"}, "b": {"S": "y"}}, {"b": {"S": "x"}, "a": {"S": "y"}}),
        ({"a": {"S": "\\u00e9"}}, {"a": {"S": "\u00e9"}}),
        ({"a": {"S": "e\u0301"}}, {"a": {"S": "\u00e9"}}),
        ({"a": {"S": "\ud800"}}, {"a": {"S": "\\ud800"}}),
        ({"a": {"S": "x"}}, {"A": {"S": "x"}}),
        ({"a": {"S": "x"}}, {"a": {"S": "x "}}),
        ({"a": {"N": "1"}}, {"a": {"N": "-1"}}),
    ],
)
def test_it_differs_for_keys_that_are_nearly_the_same(one: Item, other: Item) -> None:
    assert write(one) != write(other)
    assert plain_keys(one) != plain_keys(other)


def test_it_differs_for_different_secrets() -> None:
    key: Item = {"id": {"S": "1"}}
    assert len({key_digest(secret)(key) for secret in (b"1", b"2", SECRET, SECRET + b"\0x")}) == 4


@pytest.mark.parametrize("secret", [b"", bytes(65)])
def test_a_secret_that_hmac_would_take_otherwise_is_refused(secret: bytes) -> None:
    with pytest.raises(ValueError, match=r"^The secret does not have 1 to 64 bytes$"):
        key_digest(secret)


@pytest.mark.parametrize("write_key", [write, plain_keys])
@pytest.mark.parametrize(
    ("key", "error"),
    [
        ({}, ValueError),
        ({"id": {}}, ValueError),
        ({"id": {"S": "1", "N": "1"}}, ValueError),
        ({"id": {"BOOL": True}}, ValueError),
        ({"id": {"M": {}}}, ValueError),
        ({"id": {"S": 1}}, TypeError),
        ({"id": {"S": None}}, TypeError),
        ({"id": {"S": ["1"]}}, TypeError),
        ({"id": "S"}, TypeError),
        ([], ValueError),
        (["S"], TypeError),
    ],
)
def test_what_is_no_key_is_an_error(write_key: Any, key: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        write_key(key)
