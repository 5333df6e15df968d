"""The parts of an adoption: code, differences, templates for the stages, and steps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from secure_ddb.adoption.existing import ExistingTable


class Direction(Enum):
    """What happens to a setting, what needs a decision first."""

    UNKNOWN = "unknown"
    LOST = "lost"
    CHANGED = "changed"
    GAINED = "gained"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Something that the table has otherwise as a `SecureTable`.

    Attributes:
        direction: What happens.
        requirement: The requirement that it is about, such as `ENC-1`.
        what: The difference, in a sentence.
        effect: Its effect on users of the table, and how to deal with it.
        properties: The properties of `AWS::DynamoDB::GlobalTable` that differ; those of a replica as `Replicas.Tags`.
        source: The page of AWS that says so; empty where it is a matter of this library.
    """

    direction: Direction
    requirement: str
    what: str
    effect: str
    properties: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something to do, in order.

    Attributes:
        do: The action, in a sentence.
        commands: Commands that carry it out, if they are the same for every table.
        risk: The possible failure, and what stays unchanged.
        source: The page that documents it, or empty.
    """

    do: str
    commands: tuple[str, ...] = ()
    risk: str
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A template of the new stack between its import and the first deployment by CDK.

    Attributes:
        file: Name of its file.
        template: The template.
    """

    file: str
    template: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Adoption:
    """How an existing table becomes a `SecureTable`.

    Attributes:
        table: The table.
        stack: The name of the new stack.
        logical_id: The table's logical id there.
        code: A Python file with the stack.
        differences: The differences, first those that need a decision.
        stages: The templates to deploy before the code: the first imports the table as it is.
        steps: The steps, in order.
    """

    table: ExistingTable
    stack: str
    logical_id: str
    code: str
    differences: tuple[Difference, ...]
    stages: tuple[Stage, ...]
    steps: tuple[Step, ...]

    @property
    def keeps_everything(self) -> bool:
        """Whether nothing is lost, changed or unknown."""
        return all(each.direction is Direction.GAINED for each in self.differences)


def listed(names: Sequence[str]) -> str:
    """Return names as they stand in a sentence."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
