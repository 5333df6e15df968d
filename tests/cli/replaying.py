"""Runs the command that replays, for tests of what it says."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result

from secure_ddb.cli.main import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["audit", "replay", "Orders", *arguments])


def as_json(*arguments: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(run("--json", *arguments).stdout)
    return report
