"""The one error that this library raises, and the checks that every argument shares."""

from __future__ import annotations

from typing import NoReturn


class InvalidArgumentError(ValueError):
    """An argument that cannot be accepted.

    Attributes:
        argument: Name of the argument, as the caller wrote it.
        value: What was given.
        allowed: What is allowed instead.
    """

    def __init__(self, argument: str, value: object, allowed: str) -> None:
        """Keep the three parts apart for callers that render errors themselves."""
        self.argument = argument
        self.value = value
        self.allowed = allowed
        super().__init__(argument, value, allowed)

    def __str__(self) -> str:
        """Name the argument, what was given and what is allowed."""
        return f"{self.argument} is {_shown(self.value)}; allowed: {self.allowed}"


class NotCreatedError(AttributeError):
    """A resource was asked for that this table does not have; a waiver, its lifecycle or classification left it out."""


def reject(argument: str, value: object, allowed: str) -> NoReturn:
    """Raise `InvalidArgumentError`."""
    raise InvalidArgumentError(argument, value, allowed)


def require_type(argument: str, value: object, expected: type | tuple[type, ...], allowed: str = "") -> None:
    """Refuse a value of another type, before it reaches CDK and comes back as a stack trace.

    Raises:
        InvalidArgumentError: The value is not an instance of `expected`.
    """
    if not isinstance(value, expected):
        types = expected if isinstance(expected, tuple) else (expected,)
        reject(argument, value, allowed or " or ".join(kind.__name__ for kind in types))


def require_interface(argument: str, value: object, attribute: str, allowed: str) -> None:
    """Refuse a value that does not implement a CDK interface; those cannot be asked with `isinstance`.

    Args:
        argument: Name of the argument, as the caller wrote it.
        value: What was given.
        attribute: An attribute that only this interface has, such as `key_arn` of `IKey`.
        allowed: The interface, in words.

    Raises:
        InvalidArgumentError: The value's type lacks the attribute.
    """
    # jsii hands imported resources over as a proxy that forwards to one object per interface.
    implementations = [value, *getattr(value, "_delegates", ())]
    if not any(hasattr(type(implementation), attribute) for implementation in implementations):
        reject(argument, value, allowed)


def first_line(error: Exception) -> str:
    """Return what an error of CDK says, without its stack trace."""
    return str(error).splitlines()[0]


def _shown(value: object) -> str:
    # The repr of what was imported names a class of jsii.
    proxied = getattr(value, "_delegates", ())
    text = f"an imported {type(proxied[-1]).__name__.strip('_').removesuffix('Proxy')}" if proxied else repr(value)
    longest = 120
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text)} characters)"
