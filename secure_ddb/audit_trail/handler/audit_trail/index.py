"""What AWS Lambda runs: an event of the table's stream in, lines of the audit trail out.

Delivery is at least once: Lambda repeats records after a failure. Repeated lines share their `event_id`.
"""

from __future__ import annotations

import os
from functools import cache

from .batch import write_batch
from .log import Log
from .replay import read_failed
from .settings import ALIAS, read_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .change import Record
    from .settings import Settings

# arn:aws:lambda:REGION:ACCOUNT:function:NAME, and then the alias or version, if the invoker named one.
# https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
_QUALIFIER = 7


class InvocationError(Exception):
    """Stream records have to come through the function's alias, and replays without one."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's class is not at hand
    """Write the changes of a batch, up to the first that cannot be written, and name that one to Lambda.

    Lambda tries again from there on. Records behind it wait, as the stream is ordered and so is the log.
    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html

    An event `{"replay": {"key": ...}}` names an object of the failure bucket: its changes are written instead, and the
    answer says how many were and which could not be.

    A principal that could have invented records digested could guess item keys. So the function takes records only
    through its alias, which a policy can deny to everyone, and a replay takes them only from the bucket.

    Raises:
        InvocationError: The event is not of the kind that this way of invoking is for.
        ValueError: The failed record has no sequence number, so that Lambda has to repeat the whole batch.
    """
    is_replay = "replay" in event
    if is_replay is (context.invoked_function_arn.split(":")[_QUALIFIER:] == [ALIAS]):
        raise InvocationError("Send stream records through the alias, and replays without a qualifier")
    if is_replay:
        return _replay(event["replay"]["key"])
    failed = _write(event["Records"], event.get("shardId"), pass_over_failed=False)
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}


def _replay(key: str) -> dict[str, Any]:
    answer = _client("s3").get_object(Bucket=os.environ["FAILURE_BUCKET"], Key=key)
    records, shard = read_failed(answer["Body"].read())
    failed = _write(records, shard, pass_over_failed=True)
    return {"logged": len(records) - len(failed), "failed": failed}


def _write(records: list[Record], shard: object, *, pass_over_failed: bool) -> list[str]:
    """Write the changes of records of one shard; return the sequence numbers of those that cannot be written."""
    failed: list[str] = []
    place = 0
    while place < len(records) and (pass_over_failed or not failed):
        settings = _settings()
        log = _log(settings.table_of(records[place]))
        batch = write_batch(records[place:], settings, shard, log.previous, previous_lost=log.previous_lost)
        if settings.mac_of:
            batch.add_mac(settings.mac_of)
        log.write(batch.lines, batch.link)
        place += batch.taken
        failed += batch.failed
    return failed


@cache
def _settings() -> Settings:
    """Read the settings once. What fails is not remembered, so that the next invocation tries again."""
    return read_settings(os.environ, _ask_mac)


@cache
def _log(_table: str) -> Log:
    """Return the log stream of a table, so that each table's lines are linked to each other."""
    return Log(_client("logs"), os.environ["LOG_GROUP"])


def _ask_mac(key_id: str, message: bytes) -> bytes:
    answer = _keys().generate_mac(KeyId=key_id, MacAlgorithm="HMAC_SHA_256", Message=message)
    mac: bytes = answer["Mac"]
    return mac


@cache
def _keys() -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    return _client("kms")


def _client(service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """Return a client that gives up well before the function's time is over."""
    # Takes longer to load than everything else, and an environment that only fails to read an event needs none.
    import boto3  # type: ignore[import-untyped]  # noqa: PLC0415
    from botocore.config import Config  # type: ignore[import-untyped]  # noqa: PLC0415

    config = Config(
        connect_timeout=4,
        read_timeout=8,
        retries={"mode": "standard", "total_max_attempts": 3},
        # Looking at each line again would take as long as a quarter of the request.
        parameter_validation=False,
    )
    return boto3.client(service, config=config)
