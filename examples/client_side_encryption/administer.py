"""The command `python -m examples.client_side_encryption.administer`: makes or rotates a company's branch key."""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]

from examples.client_side_encryption.application import open_keys
from examples.client_side_encryption.client.errors import KeyUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


_COMPANY = re.compile(r"\S(.*\S)?")
_TABLE = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_KEY = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[0-9a-z-]+")


def matching(form: re.Pattern[str], allowed: str) -> Callable[[str], str]:
    """Return what takes an argument that has a form; the library says of others nothing that helps."""

    def checked(value: str) -> str:
        if not form.fullmatch(value):
            raise argparse.ArgumentTypeError(f"{value!r} is not allowed; allowed: {allowed}")
        return value

    return checked


def main(arguments: Sequence[str], connect: Callable[[str, str], Any]) -> int:
    """Run the command, and return 1 if nothing was made.

    Args:
        arguments: Of the command.
        connect: Returns a client of boto3 for a service and Region.
    """
    parser = argparse.ArgumentParser(prog="administer", description=__doc__)
    parser.add_argument("action", choices=["create", "rotate"])
    company = matching(_COMPANY, "a text that neither begins nor ends with a space")
    parser.add_argument("company", type=company, help="partition key of the items that it is for")
    table = matching(_TABLE, "the name of a table")
    parser.add_argument("--keys", required=True, type=table, help="the stack's output KeysName")
    key = matching(_KEY, "the ARN of a key, arn:aws:kms:REGION:ACCOUNT:key/ID")
    parser.add_argument("--root-key", required=True, type=key, help="the stack's output RootKeyArn")
    given = parser.parse_args(arguments)
    # The table is where its root key is.
    region = given.root_key.split(":")[3]
    clients = (connect(service, region) for service in ("dynamodb", "kms"))
    keys = open_keys(*clients, table=given.keys, root_key_arn=given.root_key)
    act, done = (keys.create, "made") if given.action == "create" else (keys.rotate, "rotated")
    try:
        act(given.company)
    except KeyUnavailableError as error:
        sys.stderr.write(f"The branch key of {given.company!r} was not {done}: {error}\n")
        return 1
    sys.stdout.write(f"The branch key of {given.company!r} was {done}.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:], lambda service, region: boto3.client(service, region_name=region)))
