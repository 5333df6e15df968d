"""The same behind an API, with Powertools for AWS Lambda: the reads of an invocation are logged together."""

from __future__ import annotations

import os
from typing import Any

import boto3  # type: ignore[import-untyped]
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from secure_ddb_reads import ReadLog
from secure_ddb_reads.powertools import log_reads

app = APIGatewayHttpResolver()
read_log = ReadLog.from_environment()
dynamodb = boto3.client("dynamodb")
read_log.watch(dynamodb)


@app.get("/customers/<customer>/orders/<order>")
def get_order(customer: str, order: str) -> dict[str, str]:
    """Return an order's texts."""
    key = {"pk": {"S": customer}, "sk": {"S": f"order#{order}"}}
    found = dynamodb.get_item(TableName=os.environ["TABLE"], Key=key)
    if "Item" not in found:
        raise NotFoundError
    return {name: value["S"] for name, value in found["Item"].items()}


def user_of(event: dict[str, Any]) -> str:
    """Return who has signed in."""
    user: str = event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"]
    return user


@log_reads(read_log=read_log, user_of=user_of)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer a request, once it is logged what was read for it."""
    return app.resolve(event, context)
