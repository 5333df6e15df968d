"""`secure-ddb check`, as somebody calls it, and a template that lacks nearly everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from secure_ddb.cli.main import main

if TYPE_CHECKING:
    from click.testing import Result

BARE = "Resources:\n  Orders:\n    Type: AWS::DynamoDB::Table\n    Properties: {}\n"


def run(*arguments: object, stdin: str = "") -> Result:
    return CliRunner().invoke(main, ["check", *map(str, arguments)], input=stdin, env={"COLUMNS": "200"})
