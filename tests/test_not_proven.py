"""docs/not-proven.md names a command for each claim, which the AWS CLI has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from botocore import xform_name  # type: ignore[import-untyped]
from botocore.session import Session  # type: ignore[import-untyped]

PAGE = (Path(__file__).parents[1] / "docs" / "not-proven.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"`(aws [^`]+)`", PAGE)))
# Written for the AWS CLI itself, which botocore does not describe.
CLI_ONLY = ("aws s3 ls", "aws s3 cp")
GLOBAL_OPTIONS = {"endpoint_url", "no_paginate"}


def rows() -> list[list[str]]:
    section = PAGE.partition("## Shown by other commands")[2].partition("\n## ")[0]
    cells = [line.strip("| ").split(" | ") for line in section.splitlines() if re.match(r"\| [A-Z\[]", line)]
    return [each for each in cells if each[1] != "Command"]


def test_each_claim_has_a_command() -> None:
    assert len(rows()) > 20
    assert [claim for claim, command in rows() if "`" not in command] == []


@pytest.mark.parametrize("command", [each for each in COMMANDS if not each.startswith(CLI_ONLY)])
def test_the_aws_cli_has_the_command_and_its_options(command: str) -> None:
    _, service, operation, *rest = command.split()
    # The AWS CLI calls the interface of S3 so, beside its own commands `aws s3`.
    model = Session().get_service_model(service.replace("s3api", "s3"))
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    shape = model.operation_model(operations[operation]).input_shape
    options = {word.removeprefix("--").replace("-", "_") for word in rest if word.startswith("--")}
    assert options - GLOBAL_OPTIONS <= {xform_name(member) for member in shape.members}


def test_the_page_stays_short() -> None:
    assert len(PAGE.splitlines()) <= 140
