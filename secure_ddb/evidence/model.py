"""What evidence consists of. Everything that is written, for people or for programs, shows these and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class Status(Enum):
    """How a rule or a control stands; the worst comes first. Only a control can be not applicable."""

    NOT_MET = "not met"
    NOT_VERIFIABLE = "not verifiable"
    WAIVED = "waived"
    MANUAL = "manual"
    MET = "met"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, kw_only=True)
class Location:
    """A place in a source file or template.

    Attributes:
        file: Path, relative to the working directory where it is below it.
        line: Counted from 1.
    """

    file: str
    line: int = 1


@dataclass(frozen=True, kw_only=True)
class WaivedBy:
    """Why a finding is waived.

    Attributes:
        reason: Why.
        approved_by: Who agreed; empty if nobody said.
        expires: The last day on which it holds; None if it has no end.
        construct: Where it was acknowledged in CDK; empty for a `Waiver` that a SecureTable was given.
    """

    reason: str
    approved_by: str = ""
    expires: date | None = None
    construct: str = ""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a rule of a pack says about one resource.

    Attributes:
        pack: Such as `SecureDdb` or `AwsSolutions`.
        rule: Such as `SecureDdb-ENC1`.
        status: Met, not met, waived, not verifiable or manual. cdk-nag reports only what is not met or waived.
        title: The compliant state, or what the rule of another pack says.
        severity: As the pack has it: `low`, `medium`, `high`, `critical` or CDK's `error`, `warning`, `info`.
        detail: What was seen.
        key: Which of several findings of the rule on the resource, such as a replica's Region.
        template: Name of the template's file in the cloud assembly, or as it was given; empty if none is known.
        stack: Construct path of the stack, or the name of a template that stands alone.
        logical_id: Of the resource in its template; empty if none is known.
        resource_type: Such as `AWS::KMS::Key`; empty if none is known.
        property_path: The property that shows it, such as `Properties.KeyPolicy`.
        construct: Path of the construct; empty if none is known.
        tables: The `TableFacts.id` of each table that it concerns.
        requirements: Rows of the requirements that the rule serves.
        controls: Controls of other catalogues that the rule serves.
        remedy: What to do about it.
        source: The page that says so.
        waived_by: Why it is waived, if it is.
        by_design: Whether this library waives it itself, because the rule does not fit a SecureTable.
        location: Where the construct is made, as far as CDK or the construct recorded it.
    """

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
    """A control of a catalogue and how it stands.

    Attributes:
        catalogue: Name of the catalogue, such as `NIST SP 800-53 Rev. 5`.
        id: Such as `NIST.800-53.r5 SC-28`, or `ENC-1` for a row of the requirements.
        title: What it demands.
        status: The worst of its results; manual if only a person can show what remains.
        rules: The rules of all packs that serve it.
        manual: What a person must show; empty if the rules show all of it.
        results: Positions in `Evidence.results` of what was found for it.
        claims: What somebody states and nothing here verified.
        source: The page that defines it.
    """

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
    """What a part of a drawing is there for."""

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
    """What an arrow of a drawing stands for."""

    DATA = "data"
    KEY = "key"
    ALARM = "alarm"


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a drawing.

    Attributes:
        id: Unique in the drawing.
        role: What it is there for.
        label: What it is called, such as `Audit function`.
        detail: Its logical id, or how many there are.
        known: Whether it is in a template of the app.
    """

    id: str
    role: Role
    label: str
    detail: str = ""
    known: bool = True


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """An arrow of a drawing, from one part to another.

    Attributes:
        start: The `Part.id` where it begins.
        end: The `Part.id` where it points to.
        flow: What flows.
        label: In a few words, such as `changes`.
    """

    start: str
    end: str
    flow: Flow
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class TableFacts:
    """A table, what it states about itself, and what belongs to it.

    Attributes:
        id: Construct path, or `template/logical id` where none is known.
        name: Logical id.
        stack: As in `Result`.
        template: As in `Result`.
        resource_type: `AWS::DynamoDB::GlobalTable` or `AWS::DynamoDB::Table`.
        classification: Value of its tag, or `unknown`.
        regions: Of its replicas, as far as they are known.
        made_by_secure_table: Whether the template says so.
        ephemeral: Why it may go away with its stack; empty if it may not.
        waivers: Guarantee given up to why.
        settings: Argument that differs from the default to what was chosen.
        claims: Argument to what somebody states and nothing verified.
        not_verifiable: What of a resource that was given cannot be seen at synth.
        parts: What is drawn of it.
        arrows: How data, keys and alarms flow between the parts.
        location: As in `Result`.
    """

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
    parts: tuple[Part, ...] = ()
    arrows: tuple[Arrow, ...] = ()
    location: Location | None = None


@dataclass(frozen=True, kw_only=True)
class StackFacts:
    """A stack or a template that stands alone.

    Attributes:
        name: As in `Result.stack`.
        template: As in `Result.template`.
        account: Empty if only the deployment knows it.
        region: Likewise.
        resources: How many resources it has.
        sha256: Digest of the template's file as it was judged; one with another digest was not.
    """

    name: str
    template: str
    account: str
    region: str
    resources: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class PackFacts:
    """A rule pack or validator, and whether it ran.

    Attributes:
        name: Such as `AwsSolutions`.
        version: Empty if it does not say.
        succeeded: Whether it came to an end; one that broke down found nothing, which says nothing.
        ran: Whether it ran at all; False if it is known to have been switched off.
        rules: How many rules it has; 0 if that is not known.
        not_applicable: Rules with nothing to check in the templates, which is not the same as met.
    """

    name: str
    version: str = ""
    succeeded: bool = True
    ran: bool = True
    rules: int = 0
    not_applicable: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TableCostFacts:
    """What a table costs by list prices, in US dollars.

    Attributes:
        name: Path of its construct, or stack and logical id.
        monthly: Fixed, of what serves this table alone.
        monthly_after_rotations: The same once its keys were rotated twice.
        per_gb: For each GB of items and month.
        per_million_writes: For each million writes, each handed alone to the audit function.
        per_million_writes_in_full_batches: The same, with as many at once as its event source mapping allows.
        not_known: What is in none of these figures.
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
    """An estimate of what the app costs by list prices.

    Attributes:
        summary: The fixed cost in words, or why there is no estimate.
        sharing: What sharing would save, for each account and Region.
        warnings: What makes it doubtful as a whole.
        assumptions: What no template says.
        tables: What each table costs.
    """

    summary: str
    sharing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    tables: tuple[TableCostFacts, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that a synth shows.

    Attributes:
        title: Name of the app, or of what was judged.
        judged_on: The day for which waivers were judged.
        version: Of this library.
        packs: What ran, and what should have run and did not.
        stacks: What was judged.
        tables: The tables in it.
        results: What the rules said, met ones among them.
        controls: How each control stands.
        problems: What keeps the evidence from being whole, such as a missing validation report.
        cost: An estimate of what it costs; None without tables.
    """

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
