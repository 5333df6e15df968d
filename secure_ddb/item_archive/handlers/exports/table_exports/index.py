"""The entry for AWS Lambda: goes through all tables, and fails at the end if anything is not as it should be."""

from __future__ import annotations

import json
import os
import time
from functools import cache
from typing import Any

import boto3  # type: ignore[import-untyped]

from .exporter import Exporter, Settings


def handler(_event: object, _context: object) -> dict[str, int]:
    """Do what is due for each table.

    Raises:
        RuntimeError: Something is due and not exported. An alarm tells of it; the log has each problem on a line.
    """
    tables: dict[str, str] = json.loads(os.environ["TABLES"])
    problems = [problem for name, arn in tables.items() for problem in _problems_of(name, arn)]
    for problem in problems:
        print(json.dumps({"problem": problem}))  # noqa: T201 - to the function's log
    if problems:
        raise RuntimeError(f"{len(problems)} problems, the first: {problems[0]}")
    return {"tables": len(tables)}


def _problems_of(name: str, arn: str) -> list[str]:
    exporter = Exporter(_client("dynamodb"), _client("s3"), _settings(), name, arn, time.time())
    try:
        exporter.run()
    except Exception as error:  # noqa: BLE001 - the other tables are exported all the same
        exporter.problems.append(f"{name}: {type(error).__name__}: {error}")
    return exporter.problems


@cache
def _client(service: str) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
    return boto3.client(service)


def _settings() -> Settings:
    return Settings(
        bucket=os.environ["BUCKET"],
        key_arn=os.environ["KEY_ARN"],
        full_every=int(os.environ["FULL_EVERY"]),
        incremental_every=int(os.environ["INCREMENTAL_EVERY"]),
    )
