"""The command `secure-ddb backups`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from secure_ddb.cli.terminal import CannotRunError

if TYPE_CHECKING:
    from secure_ddb.cli.backups_account import TableBackups

_SECONDS_OF_DAY = 24 * 60 * 60


@click.command("backups")
@click.argument("tables", metavar="TABLE...", nargs=-1, required=True)
@click.option(
    "--max-age", metavar="DAYS", type=click.FloatRange(min=0), help=("Maximum age of the newest recovery point.")
)
@click.option("--region", metavar="REGION", help="The tables' Region, such as eu-central-1.")
@click.option("--profile", metavar="NAME", help="The AWS credentials profile to use.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Output format.",
)
@click.pass_context
def backups_command(
    context: click.Context,
    tables: tuple[str, ...],
    *,
    max_age: float | None,
    region: str | None,
    profile: str | None,
    format_: str,
) -> None:
    """Show the age of the newest recovery point of each TABLE, and the result of its last restore test.

    The credentials need dynamodb:DescribeTable, backup:ListRecoveryPointsByResource and
    backup:ListRestoreJobsByProtectedResource. Copies in other Regions and accounts are not included.

    The exit status is 0 if each table has a recovery point not older than --max-age and no failed restore test, 1
    otherwise, 2 if a call to AWS fails.
    """
    # Here, because boto3 would hold up the other commands too.
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped] # noqa: PLC0415

    from secure_ddb.cli.aws import in_one_sentence  # noqa: PLC0415
    from secure_ddb.cli.backups_account import read_backups  # noqa: PLC0415

    try:
        found = read_backups(tables, region, profile)
    except (BotoCoreError, ClientError) as error:
        raise CannotRunError(in_one_sentence(error)) from error
    now = datetime.now(UTC)
    problems = {each.table: _problems(each, now, max_age) for each in found}
    if format_ == "json":
        click.echo(json.dumps([_as_json(each, now, problems[each.table]) for each in found], indent=2))
    else:
        for each in found:
            _print(each, now, problems[each.table])
    context.exit(1 if any(problems.values()) else 0)


def _problems(backups: TableBackups, now: datetime, max_age: float | None) -> list[str]:
    problems = []
    if not backups.newest:
        problems.append("there is no recovery point")
    elif max_age is not None and _age(max(backups.newest.values()), now) > max_age:
        problems.append(f"the newest recovery point is older than {max_age:g} days")
    test = backups.test
    if test is not None and (test.status in ("ABORTED", "FAILED") or test.validation in ("FAILED", "TIMED_OUT")):
        problems.append("the last restore test failed")
    return problems


def _age(created: datetime, now: datetime) -> float:
    return (now - created).total_seconds() / _SECONDS_OF_DAY


def _print(backups: TableBackups, now: datetime, problems: list[str]) -> None:
    click.echo(f"{backups.table}: {backups.points} recovery points")
    for vault, created in sorted(backups.newest.items()):
        click.echo(f"  newest in {vault}: {_moment(created)}, {_age(created, now):.1f} days old")
    test = backups.test
    if test is None:
        click.echo("  no restore test is on record")
    else:
        result = ", ".join(filter(None, (test.status, test.validation, test.message)))
        click.echo(f"  last restore test: {_moment(test.completed) if test.completed else 'not completed'}, {result}")
    for problem in problems:
        click.echo(f"  problem: {problem}")


def _as_json(backups: TableBackups, now: datetime, problems: list[str]) -> dict[str, Any]:
    test = backups.test
    return {
        "table": backups.table,
        "region": backups.region,
        "asked": _moment(now),
        "recovery_points": backups.points,
        "newest": {
            vault: {"created": _moment(created), "age_days": round(_age(created, now), 2)}
            for vault, created in sorted(backups.newest.items())
        },
        "restore_test": None
        if test is None
        else {
            "completed": _moment(test.completed) if test.completed else None,
            "status": test.status,
            "validation": test.validation,
            "message": test.message,
        },
        "problems": problems,
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
