"""The command `secure-ddb audit verify`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.progress import DownloadColumn

from secure_ddb.audit_trail.verify import STDIN, FailureBucket, InputError, find_files, open_lines, verify_lines
from secure_ddb.cli.audit_report import print_report
from secure_ddb.cli.extra import HINT, is_missing
from secure_ddb.cli.terminal import CannotRunError, progress
from secure_ddb.counted import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.audit_trail.verify import Report
    from secure_ddb.cli.audit_origin import MacVerifier


@click.command("verify")
@click.argument(
    "paths",
    metavar="PATH...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, readable=True, allow_dash=True, path_type=Path),
)
@click.option("--table", metavar="NAME", help="Check only lines about this table.")
@click.option(
    "--from-beginning", is_flag=True, help=("The input includes the trail's first lines: no chain may start before it.")
)
@click.option(
    "--failure-bucket",
    "bucket_paths",
    metavar="PATH",
    multiple=True,
    type=click.Path(exists=True, readable=True, path_type=Path),
    help="A file or folder with the failure bucket's objects or a listing of its versions; can be repeated.",
)
@click.option(
    "--origin-key",
    "origin_keys",
    metavar="ARN",
    multiple=True,
    help="Verify the origin: have AWS KMS verify MACs with this HMAC key of the table; can be repeated.",
)
@click.option("--compare-regions", is_flag=True, help="Find changes that only the log of one of the Regions has.")
@click.option("--region", metavar="NAME", help="The Region of --origin-key, if not that of its ARN.")
@click.option("--profile", metavar="NAME", help="The AWS configuration profile whose credentials to use.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def verify_command(
    context: click.Context,
    paths: tuple[Path, ...],
    table: str | None,
    *,
    from_beginning: bool,
    bucket_paths: tuple[Path, ...],
    origin_keys: tuple[str, ...],
    compare_regions: bool,
    region: str | None,
    profile: str | None,
    as_json: bool,
) -> None:
    """Verify that exported lines of an audit trail are complete and unaltered.

    PATHs are files, folders (read recursively, in the order of names) or - for standard input. They can contain plain
    lines, exports of CloudWatch Logs to S3, objects that a subscription delivered through Firehose, or the output of
    `aws logs filter-log-events` or `aws logs tail`; lines of several tables, compressed or not, also concatenated.

    Changes that could not be logged are in the table's failure bucket, and none of them may be missing from the log.
    Download the objects with `aws s3 sync s3://BUCKET DIRECTORY` and pass --failure-bucket DIRECTORY: the report then
    counts and lists the missing changes. Only ids and sequence numbers of the objects are used, but the objects contain
    items. Also pass the output of `aws s3api list-object-versions --bucket BUCKET --no-paginate`: it shows that there
    are no other objects, and is enough if the bucket is empty.

    Links alone do not show who wrote the lines. For that, pass the table's HMAC key with --origin-key, and its
    predecessors if it was replaced. The credentials need kms:VerifyMac, which is called once per chain. Take the key
    from the table's stack, never from the log.

    For a table in several Regions, pass the logs of all of them and --compare-regions: each log is verified, and then
    compared with the others. This requires a common digest key in the Regions, or keys in clear.

    The exit status is 0 if the trail is intact, 1 if there are findings, 2 if an input cannot be read or is incomplete,
    or if there is nothing to verify. Without --failure-bucket, 0 does not cover the changes in that bucket; with
    objects but no listing, it does not cover other objects; without --origin-key, it does not cover who wrote the
    lines.
    """
    verify_mac = _mac_verifier(origin_keys, region, profile) if origin_keys else None
    bucket = FailureBucket(bucket_paths) if bucket_paths else None
    try:
        size = input_size(paths)
        with progress("verifying", DownloadColumn()) as bar:
            task = bar.add_task("", total=size)
            with open_lines(paths, lambda count: bar.advance(task, count), size) as lines:
                report = verify_lines(
                    lines,
                    table=table,
                    from_beginning=from_beginning,
                    bucket=bucket,
                    verify_mac=verify_mac,
                    compare_regions=compare_regions,
                )
    except (InputError, OSError) as error:
        raise CannotRunError(f"the trail cannot be verified, because the input cannot be read: {error}") from error
    except KeyboardInterrupt as error:
        raise CannotRunError("interrupted, the trail is not verified") from error
    if report.is_empty:
        raise CannotRunError(_nothing(report, table))
    if compare_regions and not report.several_regions:
        raise CannotRunError("there are lines of one Region only, so there is nothing to compare them with")
    if as_json:
        click.echo(json.dumps(report.to_dict(), indent=2))
    else:
        print_report(report)
    context.exit(0 if report.intact else 1)


def _mac_verifier(keys: tuple[str, ...], region: str | None, profile: str | None) -> MacVerifier:
    try:
        from secure_ddb.cli.audit_origin import MacVerifier  # noqa: PLC0415 - loads boto3
    except ImportError as error:
        if not is_missing(error):
            raise
        raise CannotRunError(HINT) from error
    return MacVerifier(keys, region, profile)


def _nothing(report: Report, table: str | None) -> str:
    about = f" about table {table}" if table else ""
    text = f"the input has no lines of an audit trail{about}"
    if not report.findings:
        return text
    first = report.findings[0]
    others = counted(report.counts.total(), "line")
    return f"{text}, only {others} of something else; the first, {first.where}: {first.text}"


def input_size(paths: Sequence[Path]) -> int | None:
    """Return the number of bytes; it is unknown for standard input."""
    files = find_files(paths)
    return None if STDIN in files else sum(file.stat().st_size for file in files)
