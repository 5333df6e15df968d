"""The result of a verification, and its limits."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from secure_ddb.audit_trail.verify.region_report import RegionReport

# Of each kind; an auditor who has seen a hundred alterations looks at the archive, and all are counted.
MOST_SHOWN = 100
# Which changes are missing has to be known of all, or of as many as a batch has at most.
_MOST_KEPT = 10_000


class Kind(StrEnum):
    """The kinds of findings on a trail."""

    ALTERATION = "alteration"
    GAP = "gap"
    INSERTION = "insertion"
    REORDERING = "reordering"
    ORIGIN = "origin"
    NOT_LOGGED = "not logged"
    NOT_READ = "not read"
    ONE_REGION = "one Region only"


@dataclass(frozen=True)
class Finding:
    """Something wrong.

    Attributes:
        kind: Its kind.
        where: The place in the input.
        text: A description.
    """

    kind: Kind
    where: str
    text: str


@dataclass
class BucketReport:
    """The failure bucket's content.

    Attributes:
        names: The buckets that the listings name.
        objects: Objects that were read or listed, without those of other tables.
        objects_of_other_tables: Objects that were read and belong to other tables.
        not_read: Those of them that were only listed.
        changes: Changes in the objects that were read, each counted once.
        not_logged: Those of them that no line is about.
        unchecked: Why the files do not show that no change is missing; empty if they do.
    """

    names: list[str]
    objects: int
    objects_of_other_tables: int
    not_read: int
    changes: int
    not_logged: int = 0
    unchecked: str = ""


@dataclass
class OriginReport:
    """The results of AWS KMS for MACs.

    Attributes:
        verified: MACs that it was asked about: that of each chain's end, which covers all lines before it, and those
            before it as long as they are wrong.
        right: Those of them that are MACs under a key that was given.
    """

    verified: int = 0
    right: int = 0


@dataclass
class Report:
    """The result of a verification.

    Attributes:
        records: Changes in the trail, each counted once.
        reads: Lines about reads.
        duplicates: Further lines about a change that a line before is about.
        copies: Further copies of a line, word for word.
        batches: Batches of which a line is there.
        chains_started: Chains whose beginning is there.
        chains_before: Chains that continue from lines before the input.
        chains_ended: Chains that end in the input, as each does somewhere.
        failures: Changes that the handler could not write at first.
        failures_logged: Those of them that a later line is about.
        damaged_lines: Lines of the trail that have lost their link or their place in a batch.
        bucket: The failure bucket's content; `None` if it was not read.
        origin: What AWS KMS said of MACs; `None` where it was not asked.
        regions: What a comparison of Regions found; `None` where they were not compared.
        table_regions: Tables with the Regions that lines are of.
        batches_without_mac: Whole batches whose last line has no MAC.
        first_mac: When the oldest change was made that is the last of a batch with a MAC, in seconds since 1970.
        other_lines: Lines that Lambda wrote of itself.
        other_examples: The first of them.
        other_tables: Lines about tables that were not asked for.
        tables: Table to the number of its lines.
        counts: Kind of finding to number.
        findings: The first of each kind.
        first_created: When the oldest change was made, in seconds since 1970.
        last_created: When the newest change was made.
    """

    records: int = 0
    reads: int = 0
    duplicates: int = 0
    copies: int = 0
    batches: int = 0
    chains_started: int = 0
    chains_before: int = 0
    chains_ended: int = 0
    failures: int = 0
    failures_logged: int = 0
    damaged_lines: int = 0
    bucket: BucketReport | None = None
    origin: OriginReport | None = None
    regions: RegionReport | None = None
    table_regions: set[tuple[str, str]] = field(default_factory=set)
    batches_without_mac: int = 0
    first_mac: float | None = None
    other_lines: int = 0
    other_examples: list[str] = field(default_factory=list)
    other_tables: int = 0
    tables: Counter[str] = field(default_factory=Counter)
    counts: Counter[Kind] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    first_created: float | None = None
    last_created: float | None = None

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong. A report without any line is not intact."""
        return not self.counts and not self.is_empty

    @property
    def origin_verified(self) -> bool:
        """Whether AWS KMS confirmed the MAC of every chain, and nothing else is wrong either."""
        return self.intact and self.origin is not None and self.origin.right > 0

    @property
    def is_empty(self) -> bool:
        """Whether there was no line of a trail, so nothing to verify."""
        is_missing = self.bucket is not None and self.bucket.not_logged
        return not self.records and not self.reads and not self.failures and not self.damaged_lines and not is_missing

    @property
    def is_of_reads(self) -> bool:
        """Whether the input is a log of reads only, so that there are no changes to report."""
        return bool(self.reads) and not self.records and not self.failures

    def add(self, kind: Kind, where: str, text: str) -> None:
        """Add a finding."""
        self.counts[kind] += 1
        if self.counts[kind] <= (_MOST_KEPT if kind is Kind.NOT_LOGGED else MOST_SHOWN):
            self.findings.append(Finding(kind, where, text))

    @property
    def several_regions(self) -> bool:
        """Whether lines about one table come from several Regions."""
        return len(self.table_regions) > len({table for table, _ in self.table_regions})

    def saw_mac(self, created: float) -> None:
        """Take a batch with a MAC, and when its last change was made."""
        if self.first_mac is None or created < self.first_mac:
            self.first_mac = created

    def notes(self) -> list[str]:
        """Return the notes for readers of the report."""
        return [
            text.format(report=self, first_mac=moment(self.first_mac))
            for applies, text in (
                (self.chains_before, _BEFORE),
                (self.counts[Kind.GAP], _EDGES),
                (self.counts[Kind.REORDERING], _ORDER),
                (self.failures, _FAILURES),
                (self.reads, _READS),
                (self.bucket is None and not self.is_of_reads, _NOT_CHECKED),
                (self.bucket, _CHECKED),
                (self.first_mac is not None and self.batches_without_mac, _WITHOUT_MAC),
                (self.several_regions and self.regions is None, _REGIONS),
                (self.regions, _COMPARED),
                (True, _END),
                (self.origin is None, _REWRITTEN),
                (self.origin, _WRITTEN),
            )
            if applies
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as it goes into JSON."""
        return {
            "intact": self.intact,
            "records": self.records,
            "reads": self.reads,
            "tables": dict(sorted(self.tables.items())),
            "first_created": moment(self.first_created),
            "last_created": moment(self.last_created),
            "batches": self.batches,
            "chains": {
                "started": self.chains_started,
                "continued_from_before": self.chains_before,
                "ended": self.chains_ended,
            },
            "duplicates": self.duplicates,
            "copies": self.copies,
            "failures": {"all": self.failures, "logged_later": self.failures_logged},
            "failure_bucket": asdict(self.bucket) if self.bucket else "not checked",
            "origin": self._origin(),
            "regions": asdict(self.regions) if self.regions else "not compared",
            "other_lines": {"count": self.other_lines, "first": self.other_examples},
            "lines_of_other_tables": self.other_tables,
            "finding_counts": {kind.value: self.counts[kind] for kind in Kind},
            "findings": [
                {"kind": finding.kind.value, "where": finding.where, "text": finding.text} for finding in self.findings
            ],
            "notes": self.notes(),
        }

    def _origin(self) -> dict[str, Any]:
        macs = {"batches_without": self.batches_without_mac, "first": moment(self.first_mac)}
        if self.origin:
            macs |= {"verified": self.origin.verified, "right": self.origin.right}
        return {"verified": self.origin_verified, "macs": macs}


def moment(seconds: float | None) -> str | None:
    """Return a time as it is written in the log's timestamps."""
    return None if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


_BEFORE = (
    "Chains that continue from a line outside the input: {report.chains_before:,}. That line was written before the "
    "exported period, or all earlier lines of its execution environment are missing. To find out, verify together "
    "with earlier lines; if there are none, verify with --from-beginning."
)
_EDGES = (
    "A batch cut by the edge of the exported period looks like a gap. Export a wider period to find out. A missing "
    "batch shows as one gap, however many lines it had, and so do several in a row."
)
_ORDER = (
    "Reordered lines have valid links, unless there is another finding about them. CloudWatch Logs does not guarantee "
    "the order of exported lines, and sorting by timestamp moves lines of the same millisecond. Lines very far from "
    "their place look like gaps, too."
)
_FAILURES = (
    "Lines about changes that could not be written have no link, so a missing one goes unnoticed. The failure bucket, "
    "which keeps those changes, is authoritative."
)
_NOT_CHECKED = (
    "The failure bucket was not checked, so changes may be missing. If the audit function failed as a whole, or one "
    "failed change took others of its batch along, no line reports them: those changes are only in the bucket. Pass "
    "its objects and a listing of its versions with --failure-bucket."
)
_CHECKED = (
    "Objects stay in the failure bucket after a replay, so a change in it counts as logged if the input has a line "
    "about it. If the input is only part of the trail, that line may be in another part. Changes that Lambda is still "
    "retrying, for up to twelve hours, are neither in the log nor in the bucket."
)
_READS = (
    "Lines about reads: {report.reads:,}. The application writes them, so they show the reads that it reported, with "
    "the principal that it names. They have no MAC: a principal that may write to the log can recompute their links. "
    "Reads through other programs, or through unlogged clients, have no line."
)
_END = (
    "Chains that end in the input: {report.chains_ended:,}. The input does not show whether their execution "
    "environments wrote more: the last batches of one, or all batches of one, can be missing unnoticed."
)
_REWRITTEN = (
    "The origin was not verified. Links have no secret: a principal that may write to the log can recompute them, or "
    "add its own chain. Pass the table's HMAC key with --origin-key to verify the MACs of the links, which AWS KMS "
    "computes for the audit function only."
)
_WRITTEN = (
    "A valid MAC shows that the audit function wrote a line and all lines before it in the chain, not that the change "
    "was made: a principal that may invoke the function can pass it forged changes. MACs of batches that others "
    "continue are not checked, because the last one covers them. Lines with findings, and lines about changes that "
    "could not be written, are not covered."
)
_WITHOUT_MAC = (
    "Batches without a MAC: {report.batches_without_mac:,}. The oldest with one has a change of {first_mac}. An audit "
    "function deployed before lines had MACs wrote none: to distinguish its lines from forged ones, verify the lines "
    "up to its replacement separately. If keys are logged in clear, there is no HMAC key, and so no MAC."
)
_REGIONS = (
    "The input has lines of several Regions about one table. Each log was verified separately; pass --compare-regions "
    "to find changes that only one of them has."
)
_COMPARED = (
    "Logs of Regions were compared by items, and by types and sizes of attributes, which lines contain. Replication "
    "may combine changes to an item within a short time, so changes within a minute that have the same effect count "
    "as one. After a delay of replication (see the metric ReplicationLatency), more changes are combined and "
    "concurrent writes are lost: then findings do not prove that a line is missing."
)
