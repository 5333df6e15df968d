"""Where AWS Lambda enters. A refused request is an answer, so that the metric of errors counts faults only."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]

from .items import as_answer
from .orders import Orders
from .packing import STEPS, Packing
from .requests import Fields, Order, RequestError

if TYPE_CHECKING:
    from collections.abc import Callable

    Answer = dict[str, Any]
    Action = Callable[[Fields], Answer]

# Three attempts fit into the function's ten seconds.
_CONFIG = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3})


def serve(event: object, _context: object) -> Answer:
    """Place, list or cancel orders, for the shop."""
    return _answer(event, {"place": _place, "list": _list, "cancel": _cancel})


def pack(event: object, _context: object) -> Answer:
    """List the orders to pack, and take orders to their next status."""
    return _answer(event, {"waiting": _waiting, "advance": _advance})


def _answer(event: object, actions: dict[str, Action]) -> Answer:
    try:
        fields = Fields(event)
        return actions[fields.read_choice("action", actions)](fields)
    except RequestError as error:
        return {"error": {"field": error.field, "message": str(error)}}


def _place(fields: Fields) -> Answer:
    return as_answer(_orders().place(Order.read(fields)))


def _list(fields: Fields) -> Answer:
    customer, after = fields.read_id("customer"), fields.read_optional_id("after")
    fields.end()
    found, has_more = _orders().of(customer, after)
    return {"orders": [as_answer(item) for item in found], "has_more": has_more}


def _cancel(fields: Fields) -> Answer:
    customer, order = fields.read_id("customer"), fields.read_id("order")
    fields.end()
    return as_answer(_orders().cancel(customer, order))


def _waiting(fields: Fields) -> Answer:
    fields.end()
    return {"orders": [as_answer(item) for item in _packing().waiting()]}


def _advance(fields: Fields) -> Answer:
    customer, order, status = (
        fields.read_id("customer"),
        fields.read_id("order"),
        fields.read_choice("status", STEPS),
    )
    fields.end()
    return as_answer(_packing().advance(customer, order, status))


@cache
def _client() -> Any:
    return boto3.client("dynamodb", config=_CONFIG)


def _orders() -> Orders:
    return Orders(_client(), os.environ["TABLE"])


def _packing() -> Packing:
    return Packing(_client(), os.environ["TABLE"])
