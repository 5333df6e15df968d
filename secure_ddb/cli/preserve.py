"""The command `secure-ddb preserve`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import click

from secure_ddb.cli.extra import HINT, is_missing
from secure_ddb.cli.moment import MOMENT, in_utc
from secure_ddb.cli.terminal import CannotRunError

_DAYS = 30


@click.command("preserve")
@click.argument("table")
@click.option("--bucket", metavar="NAME", required=True, help="The evidence bucket.")
@click.option(
    "--log-group",
    "log_groups",
    metavar="NAME",
    multiple=True,
    help=("A log group to copy, such as that of the audit log."),
)
@click.option(
    "--since",
    type=MOMENT,
    callback=in_utc,
    metavar="TIME",
    help=(f"Start of the logs to copy; {_DAYS} days ago by default."),
)
@click.option("--region", metavar="NAME", help="The table's Region, if not that of the environment or profile.")
@click.option("--profile", metavar="NAME", help="The AWS configuration profile whose credentials to use.")
@click.option("--json", "as_json", is_flag=True, help="Print the result of each step as JSON.")
@click.pass_context
def preserve_command(
    context: click.Context,
    table: str,
    *,
    bucket: str,
    log_groups: tuple[str, ...],
    since: datetime | None,
    region: str | None,
    profile: str | None,
    as_json: bool,
) -> None:
    """Preserve the evidence of an incident with TABLE before containing it.

    It backs up the table, copies its settings and policies, exports its items and log groups to the evidence bucket,
    and writes a manifest with the SHA-256 of every object. Record the SHA-256 of the manifest, which is printed: it
    lets you check the contents of the bucket at any time. docs/evidence-first.md lists the requirements.

    If a step fails, it is reported and the other steps still run. If the table is being emptied, do not wait for all
    steps: contain it once the step "backup" is done.

    The exit status is 0 if every step succeeded, 1 if one failed, 2 if no step could be tried.
    """
    try:
        from boto3 import Session  # type: ignore[import-untyped]  # noqa: PLC0415 - loads boto3
        from botocore.exceptions import BotoCoreError  # type: ignore[import-untyped]  # noqa: PLC0415

        from secure_ddb.cli.aws import in_one_sentence  # noqa: PLC0415
        from secure_ddb.incident.preserve import Preserver, Request  # noqa: PLC0415
    except ImportError as error:
        if not is_missing(error):
            raise
        raise CannotRunError(HINT) from error
    now = datetime.now(UTC)
    request = Request(
        table=table,
        bucket=bucket,
        log_groups=log_groups,
        since=since or now - timedelta(days=_DAYS),
        prefix=f"{table}/{now:%Y-%m-%dT%H-%M-%SZ}",
    )
    try:
        session = Session(region_name=region, profile_name=profile)
        clients = {name: session.client(name) for name in ("dynamodb", "kms", "logs", "s3")}
    except BotoCoreError as error:
        raise CannotRunError(f"nothing was preserved: {in_one_sentence(error)}") from error
    outcomes = []
    for outcome in Preserver(clients.__getitem__, in_one_sentence).run(request):
        outcomes.append(outcome)
        if not as_json:
            click.echo(f"{outcome.step}: {f'FAILED: {outcome.error}' if outcome.error else outcome.result}")
    if as_json:
        click.echo(json.dumps({"table": table, "steps": [asdict(each) for each in outcomes]}, indent=2))
    context.exit(1 if any(outcome.error for outcome in outcomes) else 0)
