"""The findings of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Effect(Enum):
    """What an update does to a resource, the worst first."""

    LOST = "lost"
    REFUSED = "refused"
    REPLACED = "replaced"
    LEFT_BEHIND = "left behind"


class Cause(Enum):
    """Why it does so: stable names, for programs and for lists of what is accepted."""

    REPLACED = "create-only property"
    NAMED = "create-only property of a named resource"
    TYPE = "resource type"
    REMOVED = "removed resource"
    NAME_TAKEN = "name taken"
    INDEXES = "index changes"
    REPLICAS = "replica changes"
    REPLICA_POLICY = "replica with its policy"
    STREAM = "stream of a table with replicas"
    IMMUTABLE = "immutable property"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that an update would replace, refuse or lose.

    Attributes:
        effect: What happens to the resource.
        certain: Whether it surely happens. Otherwise only the deployment knows.
        cause: Why it happens, as a stable name.
        stack: The stack's construct path, or the template's file.
        logical_id: The resource's name in the template.
        resource_type: Such as `AWS::DynamoDB::GlobalTable`.
        what: What happens, in a sentence.
        why: Why it happens, in a sentence or two.
        steps: How to get there without it, one deployment after another.
        source: The page of AWS that says so.
    """

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


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is known of an update before its deployment.

    Attributes:
        findings: What would be replaced, refused or lost, the worst first.
        notes: What to know besides, such as what was not compared.
        compared: How many stacks were compared.
    """

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    compared: int
