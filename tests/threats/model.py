"""Threat models, as their files have them: elements, flows between them, trust boundaries and threats."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[2]
SCHEMA = Path(__file__).parent / "threats.schema.json"


class ModelError(Exception):
    """A file that is no threat model; the message names the file and each place in it."""


class State(Enum):
    """What is done about a threat."""

    ANSWERED = "answer"
    ACCEPTED = "accepted"
    OPEN = "open"


@dataclass(frozen=True, kw_only=True)
class Boundary:
    """Where trust changes: what is inside believes what comes from inside.

    Attributes:
        id: As elements name it.
        name: In the diagram.
        inside: Id of the boundary around it; empty for an outermost one.
        constructs: Paths of what makes it, below the stack.
    """

    id: str
    name: str
    inside: str = ""
    constructs: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Element:
    """An external entity, a process or a data store.

    Attributes:
        id: As flows and threats name it.
        name: In the diagram.
        kind: `external`, `process` or `store`.
        boundary: Id of the boundary around it.
        about: What it does or holds.
        constructs: Paths of its constructs below the stack.
    """

    id: str
    name: str
    kind: str
    boundary: str
    about: str
    constructs: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Data on their way from one element to another, answers included."""

    id: str
    start: str
    end: str
    carries: str
    by: str


@dataclass(frozen=True, kw_only=True)
class Threat:
    """What somebody could do.

    Attributes:
        kind: A letter of STRIDE.
        on: Ids of elements and flows.
        threat: What somebody does.
        state: Whether it is answered, accepted or open.
        reply: The answer, why it is accepted, or what would close it.
        rules: Ids of rules that answer it.
        requirements: Rows of the requirements that answer it.
        tests: Tests that show the answer, as pytest names them.
        docs: Pages that say more.
        sources: Pages of whoever else answers it, such as AWS.
    """

    kind: str
    on: tuple[str, ...]
    threat: str
    state: State
    reply: str
    rules: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    docs: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NotApplicable:
    """Why there is no threat of some kinds."""

    kinds: str
    on: tuple[str, ...]
    reason: str


@dataclass(frozen=True, kw_only=True)
class ThreatModel:
    """The threat model of the table or of an application.

    Attributes:
        name: Name of the application's folder, or `table`.
        title: What it is about.
        about: What an attacker is after, and what is left out.
        page: The page about the application, from the root.
        boundaries: The trust boundaries.
        elements: The elements.
        flows: The flows.
        threats: The threats.
        not_applicable: Why there are no others.
    """

    name: str
    title: str
    about: str
    page: str
    boundaries: tuple[Boundary, ...]
    elements: tuple[Element, ...]
    flows: tuple[Flow, ...]
    threats: tuple[Threat, ...]
    not_applicable: tuple[NotApplicable, ...]

    def named(self, ids: Iterable[str]) -> str:
        """Return elements by name, and flows by number."""
        wanted = set(ids)
        names = [element.name for element in self.elements if element.id in wanted]
        numbers = [str(number) for number, flow in enumerate(self.flows, start=1) if flow.id in wanted]
        flows = [f"flow{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"] if numbers else []
        return "; ".join([*names, *flows])


def read(file: Path, name: str) -> ThreatModel:
    """Return the threat model of a file.

    Raises:
        ModelError: The file does not follow the schema.
    """
    values = tomllib.loads(file.read_text(encoding="utf-8"))
    errors = [f"{error.json_path}: {error.message}" for error in _validator().iter_errors(values)]
    if errors:
        raise ModelError("\n".join([f"{name} is no threat model:", *errors]))
    return ThreatModel(
        name=name,
        title=values["title"],
        about=_text(values["about"]),
        page=values["page"],
        boundaries=tuple(Boundary(**_tuples(each)) for each in values["boundaries"]),
        elements=tuple(Element(**_tuples(each)) for each in values["elements"]),
        flows=tuple(
            Flow(start=each["from"], end=each["to"], **{key: each[key] for key in ("id", "carries", "by")})
            for each in values["flows"]
        ),
        threats=tuple(_threat(each) for each in values["threats"]),
        not_applicable=tuple(NotApplicable(**_tuples(each)) for each in values.get("not_applicable", ())),
    )


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _threat(values: dict[str, Any]) -> Threat:
    state = next(each for each in State if each.value in values)
    rest = {key: value for key, value in values.items() if key != state.value}
    return Threat(state=state, reply=_text(values[state.value]), **_tuples(rest))


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: tuple(value) if isinstance(value, list) else _text(value) if isinstance(value, str) else value
        for key, value in values.items()
    }


def _text(value: str) -> str:
    """Return a text in one line, because the file breaks long ones."""
    return " ".join(value.split())
