"""Values that hold for everything in a scope, such as an app or a stage; the nearest one wins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar
from weakref import WeakKeyDictionary, WeakSet

from constructs import Construct

from secure_ddb.errors import reject, require_interface, require_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import IConstruct

Value = TypeVar("Value")


class ScopedValues(Generic[Value]):
    """What was applied to which scope."""

    def __init__(self) -> None:
        """Apply nothing yet."""
        self._applied: WeakKeyDictionary[IConstruct, Value] = WeakKeyDictionary()
        self._asked: WeakSet[IConstruct] = WeakSet()
        self._found: WeakKeyDictionary[IConstruct, list[Value]] = WeakKeyDictionary()

    def apply(self, scope: Construct, value: Value) -> None:
        """Let a value hold for a scope and everything in it.

        Raises:
            InvalidArgumentError: One was applied to the scope already, or a table in the scope was made before.
        """
        require_interface("scope", scope, "node", "an App, a Stage, a Stack or another construct")
        kind = type(value).__name__
        if scope in self._applied:
            reject("scope", scope.node.path or "the app", f"a scope that has no {kind} yet")
        earlier = next((each for each in self._asked if scope in each.node.scopes), None)
        if earlier is not None:
            name, inside = scope.node.path or "the app", earlier.node.path
            reject("scope", f"{name}, with {inside} in it", f"no tables yet: apply {kind} before making them")
        self._applied[scope] = value
        self._found.clear()

    def of(self, scope: IConstruct) -> list[Value]:
        """Return the values that hold in a scope, the nearest first; asks CDK once for each scope, if at all.

        Raises:
            InvalidArgumentError: It is no construct.
        """
        require_type("scope", scope, Construct, "a Stack, or a construct inside of one")
        self._asked.add(scope)
        if not self._applied:
            return []
        if scope not in self._found:
            self._found[scope] = list(self._around(scope))
        return self._found[scope]

    def _around(self, scope: IConstruct) -> Iterator[Value]:
        for each in reversed(scope.node.scopes):
            if each in self._applied:
                yield self._applied[each]
