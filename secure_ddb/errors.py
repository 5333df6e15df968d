"""The one error that this library raises, and the checks that every argument shares."""

from __future__ import annotations

import re
from typing import NoReturn, TypeVar

Made = TypeVar("Made")


class InvalidArgumentError(ValueError):
    """An argument that cannot be accepted.

    Attributes:
        argument: Name of the argument, as the caller wrote it.
        value: The given value.
        allowed: The allowed values.
    """

    def __init__(self, argument: str, value: object, allowed: str) -> None:
        """Keep the three parts apart for callers that render errors themselves."""
        self.argument = argument
        self.value = value
        self.allowed = allowed
        super().__init__(argument, value, allowed)

    def __str__(self) -> str:
        """Name the argument, the given value and the allowed ones."""
        return f"{self.argument} is {shown(self.value)}; allowed: {self.allowed}"


class NotCreatedError(AttributeError):
    """A resource was asked for that a table does not have; a waiver, its lifecycle or classification left it out."""


def require_made(part: Made | None, name: str) -> Made:
    """Return a part of a table or of shared resources, unless it was left out.

    Raises:
        NotCreatedError: It was; the error names the possible cause.
    """
    if part is None:
        raise NotCreatedError(f"{name} does not exist: a waiver or the classification or lifecycle left it out")
    return part


def reject(argument: str, value: object, allowed: str) -> NoReturn:
    """Raise `InvalidArgumentError`."""
    raise InvalidArgumentError(argument, value, allowed)


def require_type(argument: str, value: object, expected: type | tuple[type, ...], allowed: str = "") -> None:
    """Reject a value of another type, before it reaches CDK and comes back as a stack trace."""
    if not isinstance(value, expected):
        types = expected if isinstance(expected, tuple) else (expected,)
        reject(argument, value, allowed or " or ".join(kind.__name__ for kind in types))


def require_interface(argument: str, value: object, attribute: str, allowed: str) -> None:
    """Reject a value that does not implement a CDK interface, which `isinstance` cannot check.

    Args:
        argument: Name of the argument, as the caller wrote it.
        value: The given value.
        attribute: An attribute that only this interface has, such as `key_arn` of `IKey`.
        allowed: The interface, in words.
    """
    # jsii hands imported resources over as a proxy that forwards to one object per interface.
    implementations = [value, *getattr(value, "_delegates", ())]
    if not any(hasattr(type(implementation), attribute) for implementation in implementations):
        reject(argument, value, allowed)


def first_line(error: Exception) -> str:
    """Return the message of an error of CDK, without its stack trace."""
    return str(error).splitlines()[0]


_LONGEST = 120
# The repr of a function or object, with an address that is of no use to a reader.
_WITH_ADDRESS = re.compile(r"<((?:[^<>]|<\w+>)+?)(?: object)? at 0x[0-9A-Fa-f]+>")


def shown(value: object) -> str:
    """Return a value as an error shows it: constructs by type and path, and no object by its address."""
    text = repr(value) if isinstance(value, str) else _WITH_ADDRESS.sub(_named, _text(value))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def _text(value: object) -> str:
    # Nothing of CDK is imported here, because the command `secure-ddb` raises these errors as well.
    if isinstance(value, type):
        return repr(value)
    # jsii hands imported resources over as a proxy, which has a class of jsii.
    proxied = getattr(value, "_delegates", ())
    name = f"an imported {_type_name(type(proxied[-1]).__name__)}" if proxied else type(value).__name__
    path = getattr(getattr(value, "node", None), "path", None)
    if isinstance(path, str):
        return f"{name} {path!r}" if path else name
    if proxied:
        return name
    # A Duration of CDK, such as Duration.days(35).
    return str(value.to_string()) if hasattr(value, "to_human_string") and hasattr(value, "to_string") else repr(value)


def _named(found: re.Match[str]) -> str:
    kind, _, name = found[1].rpartition(" ")
    return f"{kind} {_type_name(name.rpartition('.')[2])}".strip()


def _type_name(name: str) -> str:
    if name == "InterfaceDynamicProxy":
        # jsii's class for an imported resource.
        return "an imported resource"
    return name.strip("_").removesuffix("Proxy")
