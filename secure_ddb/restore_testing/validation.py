"""Compares a table that a restore test made with the table that was backed up. AWS Lambda runs it.

It stands by itself: nothing but boto3 is there. `DescribeTable` counts the items of the live table every six hours, and
those of a restored one hours later, so the restored ones are counted with `Scan`.
https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing-validation.html
"""

import json
import math
import os
from typing import Any

import boto3  # type: ignore[import-untyped]

NAMESPACE = "SecureDdb/RestoreTesting"
# What is left of the function's time has to be enough to report.
_REPORT_MILLISECONDS = 30_000
Table = dict[str, Any]


class Failed(Exception):  # noqa: N818 - what is wrong with the restored table
    """The restored table is not what was backed up."""


def validate(event: dict[str, Any], context: Any) -> None:  # noqa: ANN401 - the context of AWS Lambda
    """Look at the restored table of one test, and report the result to AWS Backup and CloudWatch."""
    backup = boto3.client("backup")
    job = backup.describe_restore_job(RestoreJobId=event["detail"]["restoreJobId"])
    try:
        status, message = "SUCCESSFUL", _look(job, context)
    except Failed as problem:
        status, message = "FAILED", str(problem)
    # The log names the job, for an auditor; no item is in it.
    print(json.dumps({"restoreJobId": job["RestoreJobId"], "status": status, "message": message}))  # noqa: T201 - it is the log
    _count("RestoreTests", 1)
    _count("FailedRestoreTests", int(status == "FAILED"))
    # Afterwards AWS Backup deletes the restored table.
    backup.put_restore_validation_result(
        RestoreJobId=job["RestoreJobId"], ValidationStatus=status, ValidationStatusMessage=message
    )


def _look(job: dict[str, Any], context: Any) -> str:  # noqa: ANN401 - as above
    restored = _describe(job["CreatedResourceArn"])
    if restored is None:
        raise Failed("the restored table does not exist")
    source = _describe(job["SourceResourceArn"])
    key = restored.get("SSEDescription", {}).get("KMSMasterKeyArn")
    if key != os.environ["KEY"]:
        raise Failed(f"the restored table is encrypted with {key or 'a key of AWS'}, not with {os.environ['KEY']}")
    if source is not None and _schema(source) != _schema(restored):
        raise Failed(f"the restored table has the keys {_schema(restored)}, the live one {_schema(source)}")
    most = int(os.environ["MOST_ITEMS"])
    live = source["ItemCount"] if source is not None else 0
    # Of a table that is gone nothing is known but that it was worth a backup.
    needed = 1 if source is None else min(most, math.ceil(live * float(os.environ["LEAST_SHARE"])))
    counted, is_all = _count_items(restored["TableName"], most, context)
    found = f"{counted} items counted{'' if is_all else ', and there are more'}; the live table has about {live}"
    if counted >= needed:
        return f"{found}, {needed} were needed"
    raise Failed(f"{found}, {needed} were needed{'' if is_all else ', but the time was over'}")


def _describe(arn: str) -> Table | None:
    dynamodb = boto3.client("dynamodb")
    try:
        table: Table = dynamodb.describe_table(TableName=arn.rpartition("/")[2])["Table"]
    except dynamodb.exceptions.ResourceNotFoundException:
        return None
    return table


def _schema(table: Table) -> list[str]:
    return [f"{key['AttributeName']} ({key['KeyType']})" for key in table["KeySchema"]]


def _count_items(name: str, most: int, context: Any) -> tuple[int, bool]:  # noqa: ANN401 - as above
    """Return how many items were counted, and whether these are all."""
    counted = 0
    for page in boto3.client("dynamodb").get_paginator("scan").paginate(TableName=name, Select="COUNT"):
        counted += page["Count"]
        if "LastEvaluatedKey" not in page:
            return counted, True
        if counted >= most or context.get_remaining_time_in_millis() < _REPORT_MILLISECONDS:
            break
    return counted, False


def _count(metric: str, value: int) -> None:
    plan = [{"Name": "Plan", "Value": os.environ["PLAN"]}]
    data = [{"MetricName": metric, "Dimensions": plan, "Value": value, "Unit": "Count"}]
    boto3.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=data)
