"""The command `python -m examples.erasure.erase`: erases one person's items."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click
from boto3 import Session  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from examples.erasure.erasing import REQUEST, Erasing, ErasureError, Place, Schema
from secure_ddb.cli.aws import in_one_sentence
from secure_ddb.cli.terminal import CannotRunError


def request_id(_context: object, _option: object, value: str) -> str:
    """Reject a request's id that could say something else."""
    if not REQUEST.fullmatch(value):
        raise click.BadParameter(f"{value!r} is none; allowed: 1 to 64 letters, digits and -")
    return value


@click.command("erase")
@click.argument("places", nargs=-1, required=True, metavar="TABLE[/INDEX]...")
@click.option(
    "--request",
    required=True,
    callback=request_id,
    metavar="ID",
    help="Id of the person's request. It stays in the audit trail, so it must not say who the person is.",
)
# A prompt, so that the person is in no shell's history and no list of processes.
@click.option("--person", prompt=True, hide_input=True, help="Value of the partition key; asked for, unless given.")
@click.option("--region", metavar="NAME", help="The Region, if not the one of the environment or profile.")
@click.option("--profile", metavar="NAME", help="The profile of AWS's configuration whose credentials to use.")
def main(*, places: tuple[str, ...], request: str, person: str, region: str | None, profile: str | None) -> None:
    """Erase all items of a person from each TABLE, or from the table of each INDEX whose partition key is the person.

    Each item is marked with the request's id, and then deleted; nothing but its key is read. Prints, as JSON, how many
    items this run has deleted. Run it again after an interruption. The application must not write items of the person
    any more.

    The exit status is 0 if no item is left, and 2 if some may be.
    """
    done = []
    try:
        client = Session(region_name=region, profile_name=profile).client("dynamodb")
        # All of them before the first deletion, so that a misspelt one leaves nothing half done.
        known = {place: Schema.of(client, place) for place in map(_place, places)}
        for place, schema in known.items():
            erasing = Erasing(client, place, schema, person, request)
            erasing.run()
            done.append({"place": str(place), "erased": erasing.erased})
    except (ErasureError, BotoCoreError, ClientError, KeyboardInterrupt) as error:
        raise CannotRunError(f"{_said(error)}. Items may be left: run the command again") from error
    finished = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    click.echo(json.dumps({"request": request, "finished": finished, "places": done}, indent=2))


def _place(text: str) -> Place:
    table, _, index = text.partition("/")
    return Place(table, index)


def _said(error: BaseException) -> str:
    if isinstance(error, BotoCoreError | ClientError):
        return in_one_sentence(error)
    return str(error) or "interrupted"


if __name__ == "__main__":
    main()
