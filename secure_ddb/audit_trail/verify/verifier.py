"""Reads a trail line by line and reports errors."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from secure_ddb.audit_trail.verify.batches import Batches
from secure_ddb.audit_trail.verify.chains import Chains
from secure_ddb.audit_trail.verify.entry import shown
from secure_ddb.audit_trail.verify.events import Events, Seen
from secure_ddb.audit_trail.verify.line import Damaged, Failure, Line, Other
from secure_ddb.audit_trail.verify.origin import Origin
from secure_ddb.audit_trail.verify.regions import RegionComparison
from secure_ddb.audit_trail.verify.report import BucketReport, Kind, Report
from secure_ddb.audit_trail.verify.usual_line import read_quickly

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secure_ddb.audit_trail.verify.entry import Entry
    from secure_ddb.audit_trail.verify.failure_bucket import FailureBucket
    from secure_ddb.audit_trail.verify.line import AnyLine
    from secure_ddb.audit_trail.verify.origin import VerifyMac

_MOST_EXAMPLES = 3

_TWICE = "this batch continues a line that another batch already continues, or that is not the last of its batch"
_NO_STREAM = (
    " (or its execution environment wrote nothing since before the exported period: "
    "files exported by CloudWatch Logs name the log streams, which shows it)"
)
_LOST = (
    ": CloudWatch Logs told the audit function that the log stream was gone, so it was deleted, or the log group was. "
    "More log streams may have been deleted with it. The archive, if there is one, has their lines"
)

_IN_THE_BUCKET = "not in the log. The failure bucket keeps it, perhaps with others of its batch that came after it"
_NEITHER = (
    "neither in the log nor among the objects of the failure bucket that were read: Lambda may still be trying, or the "
    "change is lost"
)
_NOT_READ = "how many changes it holds, and whether they are logged, is unknown until it is read"


def verify(
    entries: Iterable[Entry],
    *,
    table: str | None = None,
    from_beginning: bool = False,
    bucket: FailureBucket | None = None,
    verify_mac: VerifyMac | None = None,
    compare_regions: bool = False,
) -> Report:
    """Verify lines in the order of an export.

    Batches of several execution environments, and the lines of such batches, may come in turns.

    Args:
        entries: The lines; they are read once and not kept.
        table: Look only at lines about this table.
        from_beginning: The first lines of the trail are among them, so no chain may continue from before.
        bucket: The content of the failure bucket, if it is to be checked.
        verify_mac: Says whether a link has a MAC, if the origin is to be verified. Its exceptions are passed on.
        compare_regions: Compare the logs that the Regions of a table keep with each other.

    Raises:
        InputError: The lines or the failure bucket's files cannot be read.
    """
    lines = ((read_quickly(entry.text), entry) for entry in entries)
    return verify_lines(
        lines,
        table=table,
        from_beginning=from_beginning,
        bucket=bucket,
        verify_mac=verify_mac,
        compare_regions=compare_regions,
    )


def verify_lines(
    lines: Iterable[tuple[AnyLine, Entry]],
    *,
    table: str | None = None,
    from_beginning: bool = False,
    bucket: FailureBucket | None = None,
    verify_mac: VerifyMac | None = None,
    compare_regions: bool = False,
) -> Report:
    """Verify lines that have been read already, like `verify`."""
    with ExitStack() as stack:
        events = stack.enter_context(closing(Events()))
        comparison = stack.enter_context(closing(RegionComparison())) if compare_regions else None
        verifier = _Verifier(events, table, verify_mac, comparison)
        if bucket:
            verifier.read_bucket(bucket)
        for line, entry in lines:
            verifier.take(line, entry)
        return verifier.finish(from_beginning=from_beginning)


class _Verifier:
    def __init__(
        self, events: Events, table: str | None, verify_mac: VerifyMac | None, comparison: RegionComparison | None
    ) -> None:
        self._events = events
        self._table = table
        self._comparison = comparison
        self._report = Report()
        self._chains = Chains()
        self._origin = Origin(self._report, verify_mac)
        self._batches = Batches(self._report, self._chains, self._origin)

    def read_bucket(self, bucket: FailureBucket) -> None:
        kept = sum(self._events.keep(change) for change in bucket.changes(self._table))
        self._report.bucket = BucketReport(
            names=sorted(bucket.names),
            objects=bucket.objects,
            objects_of_other_tables=len(bucket.other_tables),
            not_read=len(bucket.not_read),
            changes=kept,
            unchecked=bucket.unchecked(self._table),
        )
        for listed in bucket.not_read:
            self._report.add(Kind.NOT_READ, shown(listed.key), f"{listed.description}: {_NOT_READ}")

    def take(self, line: AnyLine, entry: Entry) -> None:
        if isinstance(line, Line):
            self._read_line(line, entry)
        elif isinstance(line, Failure):
            self._report.failures += self._events.fail(line, entry.where)
        elif isinstance(line, Other):
            self._report.other_lines += 1
            if self._report.other_lines <= _MOST_EXAMPLES:
                self._report.other_examples.append(f"{entry.where}: {shown(entry.text)}")
        elif isinstance(line, Damaged):
            self._report.damaged_lines += line.has_marks
            self._report.add(Kind.ALTERATION, entry.where, f"{line.reason}: {shown(entry.text)}")

    def finish(self, *, from_beginning: bool) -> Report:
        self._batches.finish()
        self._report_beginnings(from_beginning=from_beginning)
        self._origin.finish()
        self._report.chains_started = self._chains.started
        self._report.chains_ended = self._chains.ended
        self._report_not_logged()
        if self._comparison:
            self._comparison.finish(self._report)
        return self._report

    def _read_line(self, line: Line, entry: Entry) -> None:
        if line.fault:
            self._report.add(Kind.ALTERATION, entry.where, f"not as the format has it: {line.fault}")
        elif self._table not in (None, line.table):
            self._report.other_tables += 1
            return
        seen = self._events.see(line)
        if seen is Seen.COPY:
            self._report.copies += 1
            return
        if seen is Seen.CONTRADICTION:
            what = "read" if line.is_read else "change"
            text = f"another line says something else about the {what} {shown(line.event_id)}"
            self._report.add(Kind.ALTERATION, entry.where, text)
        if self._comparison and seen is Seen.NEW and not line.fault:
            self._comparison.take(line, entry.where)
        self._count(line, seen)
        self._batches.add(line, entry)

    def _count(self, line: Line, seen: Seen) -> None:
        report = self._report
        if seen is Seen.NEW and line.is_read:
            report.reads += 1
        elif seen is Seen.NEW:
            report.records += 1
        else:
            report.duplicates += 1
        if line.fault:
            return
        report.tables[line.table] += 1
        report.table_regions.add((line.table, line.region))
        if report.first_created is None or line.created < report.first_created:
            report.first_created = line.created
        if report.last_created is None or line.created > report.last_created:
            report.last_created = line.created

    def _report_not_logged(self) -> None:
        report = self._report
        report.failures_logged = report.failures
        for change, error in self._events.kept_only():
            report.failures_logged -= error is not None
            report.bucket.not_logged += 1  # type: ignore[union-attr]  # without a bucket there are none
            text = f"the change {shown(change.event_id or 'without an id')}, sequence number "
            text += f"{shown(change.sequence_number)} of shard {shown(change.shard)}, is not in the log"
            text += f" ({shown(error)})" if error else ""
            report.add(Kind.NOT_LOGGED, change.where, text)
        for number, error, place in self._events.not_logged():
            report.failures_logged -= 1
            text = f"the change with sequence number {shown(number)} ({shown(error)}) is "
            report.add(Kind.NOT_LOGGED, place, text + (_NEITHER if report.bucket else _IN_THE_BUCKET))

    def _report_beginnings(self, *, from_beginning: bool) -> None:
        beginnings = list(self._chains.unresolved())
        copied = self._events.copied(beginning.link for beginning in beginnings)
        for beginning in beginnings:
            if beginning.link in copied:
                # Two new environments that were given the same batch write the same lines, and both go on from there.
                if not copied[beginning.link]:
                    self._report.add(Kind.INSERTION, beginning.where, _TWICE)
            elif beginning.lost:
                text = f"the line that this batch continues, with the link {beginning.link}, is missing{_LOST}"
                self._report.add(Kind.GAP, beginning.where, text)
            elif beginning.after_an_end or from_beginning:
                text = f"the line that this batch continues, with the link {beginning.link}, is missing"
                text += "" if beginning.stream or from_beginning else _NO_STREAM
                self._report.add(Kind.GAP, beginning.where, text)
            else:
                self._report.chains_before += 1
