"""The runbooks as documents of AWS Systems Manager Automation. Plain data; nothing here talks to CDK.

https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-actions.html
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMESPACE, METRIC, DIMENSION = "SecureDdb/Containment", "Quarantined", "TableName"
_TABLE = "{{ Table }}"
_EXECUTION = "{{ automation:EXECUTION_ID }}"
_RUNTIME = "python3.11"


def quarantine_document(
    tables: Sequence[str], role_arn: str, bucket: str, *, table_policy: str, stream_policy: str
) -> dict[str, Any]:
    """Return the runbook that takes a table out of use.

    A backup that fails does not keep the denial from being made: Automation goes on, and reports the failure later.

    Args:
        tables: Names of the tables that it can be started for.
        role_arn: ARN of the role that it runs as.
        bucket: Name of the bucket for what it saves.
        table_policy: The table's policy in quarantine, as JSON.
        stream_policy: That of its stream, as JSON.
    """
    back_up = {
        "name": "BackUp",
        "action": "aws:executeAwsApi",
        "onFailure": "Continue",
        "inputs": {
            "Service": "dynamodb",
            "Api": "CreateBackup",
            "TableName": _TABLE,
            "BackupName": f"quarantine-{_EXECUTION}",
        },
        "outputs": [{"Name": "BackupArn", "Selector": "$.BackupDetails.BackupArn", "Type": "String"}],
    }
    payload = {"tablePolicy": table_policy, "streamPolicy": stream_policy}
    steps = [back_up, _script("Deny", "quarantine", bucket, payload), _publish("RaiseAlarm", 1)]
    description = "Backs up a table, saves its policies, and denies it to everyone but the responders."
    return _document(description, tables, role_arn, steps)


def release_document(tables: Sequence[str], role_arn: str, bucket: str) -> dict[str, Any]:
    """Return the runbook that gives a table back as it was; arguments as of `quarantine_document`.

    It waits first. DynamoDB takes no second change of a policy within 15 seconds, and the alarm ends only if its metric
    is zero for a whole minute.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html
    """
    wait = {"name": "Wait", "action": "aws:sleep", "inputs": {"Duration": "PT1M"}}
    steps = [wait, _script("Restore", "release", bucket, {}), _publish("EndAlarm", 0)]
    description = "Gives a table and its stream the policies back that they had before the quarantine."
    return _document(description, tables, role_arn, steps)


def _document(description: str, tables: Sequence[str], role_arn: str, steps: list[dict[str, Any]]) -> dict[str, Any]:
    parameter = {"type": "String", "description": "Name of the table.", "allowedValues": list(tables)}
    return {
        "schemaVersion": "0.3",
        "description": description,
        "assumeRole": role_arn,
        "parameters": {"Table": parameter},
        "mainSteps": steps,
    }


def _script(name: str, handler: str, bucket: str, payload: dict[str, str]) -> dict[str, Any]:
    """Return a step that runs the script.

    Not `aws:executeAwsApi`: it cannot get objects from S3, and cannot tell a table without a policy from a failure.
    https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeAwsApi.html
    """
    return {
        "name": name,
        "action": "aws:executeScript",
        "inputs": {
            "Runtime": _RUNTIME,
            "Handler": handler,
            "Script": _text_of_script(),
            "InputPayload": {"table": _TABLE, "bucket": bucket, "execution": _EXECUTION, **payload},
        },
    }


def _publish(name: str, value: int) -> dict[str, Any]:
    data = {"MetricName": METRIC, "Dimensions": [{"Name": DIMENSION, "Value": _TABLE}], "Value": value}
    return {
        "name": name,
        "action": "aws:executeAwsApi",
        "inputs": {"Service": "cloudwatch", "Api": "PutMetricData", "Namespace": NAMESPACE, "MetricData": [data]},
    }


@cache
def _text_of_script() -> str:
    return (Path(__file__).parent / "script.py").read_text(encoding="utf-8")
