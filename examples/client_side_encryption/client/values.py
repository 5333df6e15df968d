"""Values of DynamoDB in one form each, so that equal values are equal texts."""

from __future__ import annotations

import base64
import json
from decimal import Decimal, DecimalException
from typing import Any

from boto3.dynamodb.types import (  # type: ignore[import-untyped]
    DYNAMODB_CONTEXT,
    Binary,
    TypeDeserializer,
    TypeSerializer,
)

from examples.client_side_encryption.client.errors import FieldError

_ALLOWED = (
    "a value of DynamoDB: text of Unicode, number of at most 38 digits (no float), bytes, True, False, None, "
    "or a list, a map with texts as names or a set that is not empty of those"
)
# DynamoDB's type to the letters of its values in JSON.
_Typed = dict[str, Any]


def typed(name: str, value: Any) -> _Typed:
    """Return a value as DynamoDB's low-level interface takes it.

    Raises:
        FieldError: DynamoDB has no such value.
    """
    try:
        made: _Typed = TypeSerializer().serialize(value)
        canonical(made)
    except (TypeError, ValueError, DecimalException):
        # The message would show the value.
        raise FieldError(name, f"of type {type(value).__name__}, or holds what cannot be stored", _ALLOWED) from None
    return made


def plain(value: _Typed) -> Any:
    """Return the Python value of a typed one; numbers as Decimal and bytes as bytes."""
    return _without_binary(TypeDeserializer().deserialize(value))


def canonical(value: _Typed) -> str:
    """Return a typed value as JSON that is the same whenever DynamoDB takes two values for equal.

    DynamoDB removes zeroes that mean nothing from numbers, and has no order in sets.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html

    Raises:
        ValueError: It has a text that is not Unicode, or an empty set.
        TypeError: It has a name in a map that is no text.
    """
    return json.dumps(_json(value), sort_keys=True, separators=(",", ":"))


def from_canonical(text: str) -> _Typed:
    """Return the typed value of a canonical text."""
    return _from_json(json.loads(text))


def _json(value: _Typed) -> _Typed:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            content.encode()
        case "N":
            content = _number(content)
        case "B":
            content = _base64(content)
        case "SS" | "NS" | "BS":
            if not content:
                raise ValueError("an empty set")
            content = sorted(_json({kind[0]: each})[kind[0]] for each in content)
        case "L":
            content = [_json(each) for each in content]
        case "M":
            if not all(isinstance(name, str) for name in content):
                raise TypeError("a name that is no text")
            content = {_json({"S": name})["S"]: _json(each) for name, each in content.items()}
    return {kind: content}


def _from_json(value: _Typed) -> _Typed:
    ((kind, content),) = value.items()
    match kind:
        case "B":
            content = base64.b64decode(content)
        case "BS":
            content = [base64.b64decode(each) for each in content]
        case "L":
            content = [_from_json(each) for each in content]
        case "M":
            content = {name: _from_json(each) for name, each in content.items()}
    return {kind: content}


def _number(text: str) -> str:
    number = DYNAMODB_CONTEXT.create_decimal(text).normalize(DYNAMODB_CONTEXT)
    return format(number or Decimal(0), "f")


def _base64(content: Any) -> str:
    return base64.b64encode(content.value if isinstance(content, Binary) else content).decode()


def _without_binary(value: Any) -> Any:
    match value:
        case Binary():
            return bytes(value.value)
        case dict():
            return {name: _without_binary(each) for name, each in value.items()}
        case list():
            return [_without_binary(each) for each in value]
        case set():
            return {_without_binary(each) for each in value}
    return value
