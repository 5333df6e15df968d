"""The report of a verification, to read."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.rule import Rule

from secure_ddb.audit_trail.verify.report import MOST_SHOWN, Kind, moment
from secure_ddb.cli.terminal import report_console
from secure_ddb.counted import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from secure_ddb.audit_trail.verify.region_report import RegionReport
    from secure_ddb.audit_trail.verify.report import BucketReport, Report

_NOTHING_WRONG = "in the checked input, no line is missing or altered"


def print_report(report: Report, console: Console | None = None) -> None:
    """Print the input, the errors, the notes and the verdict."""
    console = console or report_console()
    console.print(Rule("read", align="left"))
    for line in _read_lines(report):
        console.print(line, soft_wrap=True)
    if report.findings:
        console.print(Rule("findings", align="left"))
    for line in _finding_lines(report):
        console.print(line, soft_wrap=True)
    console.print(Rule("notes", align="left"))
    for note in report.notes():
        console.print(f"- {escape(note)}", soft_wrap=True)
    console.print(Rule("result", align="left"))
    for line in _verdict(report):
        console.print(line, soft_wrap=True)


def _read_lines(report: Report) -> Iterator[str]:
    for table, lines in sorted(report.tables.items()):
        yield f"table [bold]{escape(table)}[/], {counted(lines, 'line')}"
    reads = f" and {counted(report.reads, 'read')}" if report.reads else ""
    yield f"{counted(report.records, 'change')}{reads} in {counted(report.batches, 'batch', 'batches')}"
    if report.first_created is not None:
        yield f"made between {moment(report.first_created)} and {moment(report.last_created)}"
    yield (
        f"{counted(report.chains_started, 'chain')} started in the input, {report.chains_before:,} continued from "
        "before it"
    )
    if report.duplicates:
        yield (
            f"{counted(report.duplicates, 'duplicate')}: further lines about the same change (delivery is at least "
            "once)"
        )
    if report.copies:
        yield f"{counted(report.copies, 'copy', 'copies')}: identical lines (overlapping exports)"
    if report.failures:
        yield (
            f"{counted(report.failures, 'change')} could not be written at first; {report.failures_logged:,} of them "
            "were written later"
        )
    yield from _compared_lines(report)
    if report.other_tables:
        yield f"{counted(report.other_tables, 'line')} about other tables, not checked"
    if report.other_lines:
        yield f"{counted(report.other_lines, 'line')} of Lambda itself, not audit records; the first:"
        yield from (f"  [dim]{escape(example)}[/]" for example in report.other_examples)


def _compared_lines(report: Report) -> Iterator[str]:
    if report.bucket:
        yield _bucket_line(report.bucket)
    if report.origin:
        yield (
            f"origin: {counted(report.origin.verified, 'MAC')} verified by AWS KMS, {report.origin.right:,} of them "
            "written by the audit function"
        )
    if report.regions:
        yield from _region_lines(report.regions)


def _region_lines(found: RegionReport) -> Iterator[str]:
    for table, regions in found.regions.items():
        yield f"Regions of table {escape(table)}: {', '.join(regions)}"
    yield (
        f"Regions compared: {counted(found.items, 'item')}; {counted(found.combined, 'change')} that replication may "
        f"have combined, {found.before:,} from before the other log begins, {found.recent:,} of the last 15 minutes "
        "not in the other log yet"
    )


def _bucket_line(bucket: BucketReport) -> str:
    line = f"{_name(bucket)}: {counted(bucket.objects, 'object')}"
    if bucket.not_read:
        line += f", {bucket.not_read:,} of them not read"
    if bucket.objects > bucket.not_read:
        line += f"; {counted(bucket.changes, 'change')}, {bucket.not_logged:,} of them not logged"
    if bucket.objects_of_other_tables:
        line += f"; {counted(bucket.objects_of_other_tables, 'object')} of other tables, not checked"
    return line


def _name(bucket: BucketReport) -> str:
    return f"failure bucket {escape(' and '.join(bucket.names))}".strip()


def _finding_lines(report: Report) -> Iterator[str]:
    shown: Counter[Kind] = Counter()
    for finding in report.findings:
        shown[finding.kind] += 1
        if shown[finding.kind] > MOST_SHOWN:
            continue
        yield f"[red]{finding.kind.value}:[/] {escape(finding.where)}"
        yield f"  {escape(finding.text)}"
    for kind, number in report.counts.items():
        if number > MOST_SHOWN:
            yield f"[red]{kind.value}:[/] {number - MOST_SHOWN:,} more"


def _verdict(report: Report) -> Iterator[str]:
    if not report.origin:
        yield "[bold yellow]not verified:[/] origin; lines not written by the audit function can have valid links too"
    elif report.origin_verified:
        yield "[bold green]origin verified:[/] the audit function wrote every line of a change"
    if report.origin and report.reads:
        yield "[bold yellow]not verified:[/] origin of reads, which have no MACs"
    if report.is_of_reads:
        pass
    elif not report.bucket:
        yield "[bold yellow]not checked:[/] failure bucket; changes in it may be missing from the log"
    elif report.bucket.unchecked:
        yield f"[bold yellow]not checked:[/] {_name(report.bucket)}; {escape(report.bucket.unchecked)}"
    if not report.intact:
        counts = (f"{kind.value} {report.counts[kind]:,}" for kind in Kind if report.counts[kind])
        yield f"[bold red]{counted(report.counts.total(), 'finding')}[/]: {', '.join(counts)}"
    elif report.is_of_reads or not report.bucket or report.bucket.unchecked:
        yield f"[bold green]intact as far as checked:[/] {_NOTHING_WRONG}"
    else:
        unnamed = "" if report.bucket.names else " (the listing does not name it)"
        bucket = f"{_name(report.bucket)}{unnamed}"
        yield f"[bold green]intact:[/] {_NOTHING_WRONG}, and no change in the {bucket} is missing"
