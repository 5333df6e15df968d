"""The command `python -m examples.client_side_encryption.administer`: makes or rotates a company's branch key."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

import boto3  # type: ignore[import-untyped]

from examples.client_side_encryption.application import open_keys
from examples.client_side_encryption.client.errors import KeyUnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str], dynamodb: Any, kms: Any) -> int:
    """Run the command, and return 1 if nothing was made."""
    parser = argparse.ArgumentParser(prog="administer", description=__doc__)
    parser.add_argument("action", choices=["create", "rotate"])
    parser.add_argument("company", help="partition key of the items that it is for")
    parser.add_argument("--keys", required=True, help="the stack's output KeysName")
    parser.add_argument("--root-key", required=True, help="the stack's output RootKeyArn")
    given = parser.parse_args(arguments)
    keys = open_keys(dynamodb, kms, table=given.keys, root_key_arn=given.root_key)
    act, done = (keys.create, "made") if given.action == "create" else (keys.rotate, "rotated")
    try:
        act(given.company)
    except KeyUnavailableError as error:
        sys.stderr.write(f"The branch key of {given.company!r} was not {done}: {error}\n")
        return 1
    sys.stdout.write(f"The branch key of {given.company!r} was {done}.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:], boto3.client("dynamodb"), boto3.client("kms")))
