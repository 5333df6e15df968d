"""The findings of a plan. `plan.schema.json` describes each attribute."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from secure_ddb.cloudformation.resource import Resource


class Effect(Enum):
    """The effect of an update on a resource, the worst first."""

    LOST = "lost"
    REFUSED = "refused"
    REPLACED = "replaced"
    LEFT_BEHIND = "left behind"
    OTHER_KEY = "other key"


class Cause(Enum):
    """The reason of an effect: stable names, for programs and for lists of accepted effects."""

    REPLACED = "create-only property"
    NAMED = "create-only property of a named resource"
    TYPE = "resource type"
    REMOVED = "removed resource"
    NAME_TAKEN = "name taken"
    INDEXES = "index changes"
    REPLICAS = "replica changes"
    REPLICA_POLICY = "replica with its policy"
    CONSISTENCY = "consistency of a table with replicas"
    STREAM = "stream of a table with replicas"
    IMMUTABLE = "immutable property"
    KEY = "key of a table"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A resource that an update would replace, refuse or lose, or that gets another key."""

    effect: Effect
    certain: bool
    cause: Cause
    stack: str
    logical_id: str
    resource_type: str
    what: str
    why: str
    steps: tuple[str, ...]
    source: str

    @property
    def label(self) -> str:
        """The effect, and whether it is certain."""
        return self.effect.value if self.certain else f"may be {self.effect.value}"


def place_of(resource: Resource) -> dict[str, str]:
    """Return the attributes of a finding that say where a resource is."""
    return {"stack": resource.template.name, "logical_id": resource.logical_id, "resource_type": resource.type}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The known effects of an update before its deployment."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    compared: int
