"""The template that a value stands in, as far as its functions and resources need it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from secure_ddb.three_valued import Truth


class Scope(Protocol):
    """The targets of references in a template. `Template` has the descriptions."""

    name: str
    file: str
    body: Mapping[str, Any]
    stack_name: str
    account: str
    region: str
    resolved: dict[bytes, Any]
    parent_resource: str

    @property
    def parent(self) -> Scope | None: ...  # noqa: D102
    @property
    def key(self) -> str: ...  # noqa: D102
    @property
    def pseudo_parameters(self) -> Mapping[str, Any]: ...  # noqa: D102
    def holds(self, condition: object) -> Truth: ...  # noqa: D102
    def unknown_conditions(self, condition: object) -> frozenset[tuple[str, str]]: ...  # noqa: D102
    def type_of(self, logical_id: str) -> str: ...  # noqa: D102
    def reference(self, name: str) -> Any: ...  # noqa: ANN401, D102
    def attribute(self, logical_id: str, name: str) -> Any: ...  # noqa: ANN401, D102
    def output(self, name: str) -> Any: ...  # noqa: ANN401, D102
    def imported(self, name: object) -> Any: ...  # noqa: ANN401, D102
    def output_of(self, argument: object) -> Any: ...  # noqa: ANN401, D102


class OtherStacks(Protocol):
    """The other templates of a synth, to which a template refers. `Templates` has the descriptions."""

    @property
    def scopes(self) -> Sequence[Scope]: ...  # noqa: D102
    @property
    def exports(self) -> Mapping[tuple[str, str, str], tuple[Scope, str]]: ...  # noqa: D102
    def from_other_region(self, name: str) -> Any: ...  # noqa: ANN401, D102
