"""The parts of evidence. Every file that is written, for people or for programs, shows these and nothing else.

`evidence.schema.json` describes each attribute; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class Status(Enum):
    """The verdict on a rule or a control; the worst comes first. Only a control can be not applicable."""

    NOT_MET = "not met"
    NOT_VERIFIABLE = "not verifiable"
    WAIVED = "waived"
    MANUAL = "manual"
    MET = "met"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, kw_only=True)
class Location:
    """A place in a source file or template."""

    file: str
    line: int = 1


@dataclass(frozen=True, kw_only=True)
class WaivedBy:
    """Why a finding is waived."""

    reason: str
    approved_by: str = ""
    expires: date | None = None
    construct: str = ""


@dataclass(frozen=True, kw_only=True)
class Result:
    """The verdict of one rule on one resource."""

    pack: str
    rule: str
    status: Status
    title: str
    severity: str
    detail: str = ""
    key: str = ""
    template: str = ""
    stack: str = ""
    logical_id: str = ""
    resource_type: str = ""
    property_path: str = ""
    construct: str = ""
    tables: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    remedy: str = ""
    source: str = ""
    waived_by: WaivedBy | None = None
    by_design: bool = False
    location: Location | None = None


@dataclass(frozen=True, kw_only=True)
class ControlFacts:
    """A control of a catalogue and its status."""

    catalogue: str
    id: str
    title: str
    status: Status
    rules: tuple[str, ...] = ()
    manual: str = ""
    results: tuple[int, ...] = ()
    claims: tuple[str, ...] = ()
    source: str = ""


class Role(Enum):
    """The purpose of a part of a drawing."""

    CALLER = "caller"
    ENDPOINT = "endpoint"
    TABLE = "table"
    KEY = "key"
    STREAM = "stream"
    FUNCTION = "function"
    LOG = "log"
    BUCKET = "bucket"
    BACKUP = "backup"
    ALARM = "alarm"
    TOPIC = "topic"
    TRAIL = "trail"


class Flow(Enum):
    """The meaning of an arrow of a drawing."""

    DATA = "data"
    KEY = "key"
    ALARM = "alarm"


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a drawing."""

    id: str
    role: Role
    label: str
    detail: str = ""
    known: bool = True


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """An arrow of a drawing, from one part to another."""

    start: str
    end: str
    flow: Flow
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class TableFacts:
    """A table, its own statements in the template, and a drawing of its surroundings."""

    id: str
    name: str
    stack: str
    template: str
    resource_type: str
    classification: str
    regions: tuple[str, ...]
    made_by_secure_table: bool
    ephemeral: str
    waivers: dict[str, WaivedBy]
    settings: dict[str, str]
    claims: dict[str, str]
    not_verifiable: tuple[str, ...]
    backups: dict[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    arrows: tuple[Arrow, ...] = ()
    location: Location | None = None


@dataclass(frozen=True, kw_only=True)
class StackFacts:
    """A stack or a template that stands alone."""

    name: str
    template: str
    account: str
    region: str
    resources: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class PackFacts:
    """A rule pack or validator, and whether it ran."""

    name: str
    version: str = ""
    succeeded: bool = True
    ran: bool = True
    rules: int = 0
    not_applicable: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TableCostFacts:
    """The cost of a table by list prices, in US dollars.

    Attributes:
        name: Path of its construct, or stack and logical id.
        monthly: Fixed cost of resources that serve this table alone.
        monthly_after_rotations: The same once its keys were rotated twice.
        per_gb: For each GB of items and month.
        per_million_writes: For each million writes, each handed alone to the audit function.
        per_million_writes_in_full_batches: The same, with as many at once as its event source mapping allows.
        not_known: Costs that are in none of these figures.
    """

    name: str
    monthly: float
    monthly_after_rotations: float
    per_gb: float
    per_million_writes: float
    per_million_writes_in_full_batches: float
    not_known: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CostFacts:
    """An estimate of the app's cost by list prices.

    Attributes:
        summary: The fixed cost in words, or why there is no estimate.
        sharing: Savings by sharing, for each account and Region.
        warnings: Reasons to doubt it as a whole.
        assumptions: Values that templates do not contain.
        tables: What each table costs.
    """

    summary: str
    sharing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    tables: tuple[TableCostFacts, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that a synth shows."""

    title: str
    judged_on: date
    version: str
    packs: tuple[PackFacts, ...]
    stacks: tuple[StackFacts, ...]
    tables: tuple[TableFacts, ...]
    results: tuple[Result, ...]
    controls: tuple[ControlFacts, ...]
    problems: tuple[str, ...] = ()
    cost: CostFacts | None = None
