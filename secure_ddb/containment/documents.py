"""The runbooks as documents of AWS Systems Manager Automation. Plain data; nothing here loads CDK.

https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-actions.html
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMESPACE, METRIC, DIMENSION = "SecureDdb/Containment", "Quarantined", "TableName"
TABLE = "{{ Table }}"
EXECUTION = "{{ automation:EXECUTION_ID }}"
# The first part of every script. The other parts import it while they are part of this package.
_STATE = "saved_state.py"
_IMPORT_OF_STATE = "from secure_ddb.containment.saved_state import load, save\n"
_RUNTIME = "python3.11"
# The alarm ends only if its metric is zero for a whole minute.
WAIT = {"name": "Wait", "action": "aws:sleep", "inputs": {"Duration": "PT1M"}}


def quarantine_document(
    tables: Sequence[str], role_arn: str, bucket: str, *, table_policy: str, stream_policy: str
) -> dict[str, Any]:
    """Return the runbook that takes a table out of use.

    A backup that fails does not keep the denial from being made: Automation goes on, and reports the failure later.

    Args:
        tables: Names of the tables that it can be started for.
        role_arn: ARN of the role that it runs as.
        bucket: Name of the bucket for saved state.
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
            "TableName": TABLE,
            "BackupName": f"quarantine-{EXECUTION}",
        },
        "outputs": [{"Name": "BackupArn", "Selector": "$.BackupDetails.BackupArn", "Type": "String"}],
    }
    payload = {"tablePolicy": table_policy, "streamPolicy": stream_policy}
    deny = script_step("Deny", "script.py", "quarantine", {"table": TABLE, "bucket": bucket, **payload})
    steps = [back_up, deny, publish_step("RaiseAlarm", METRIC, {DIMENSION: TABLE}, 1)]
    description = "Backs up a table, saves its policies, and denies access to everyone except the responders."
    return document(description, {"Table": table_parameter(tables)}, role_arn, steps)


def release_document(tables: Sequence[str], role_arn: str, bucket: str) -> dict[str, Any]:
    """Return the runbook that gives a table back as it was; arguments as of `quarantine_document`.

    It waits first. DynamoDB takes no second change of a policy within 15 seconds, and the alarm ends only if its metric
    is zero for a whole minute.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html
    """
    restore = script_step("Restore", "script.py", "release", {"table": TABLE, "bucket": bucket})
    steps = [WAIT, restore, publish_step("EndAlarm", METRIC, {DIMENSION: TABLE}, 0)]
    description = "Restores the policies that a table and its stream had before the quarantine."
    return document(description, {"Table": table_parameter(tables)}, role_arn, steps)


def document(
    description: str, parameters: dict[str, Any], role_arn: str, steps: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return a runbook with its steps."""
    return {
        "schemaVersion": "0.3",
        "description": description,
        "assumeRole": role_arn,
        "parameters": parameters,
        "mainSteps": steps,
    }


def table_parameter(tables: Sequence[str]) -> dict[str, Any]:
    """Return the parameter that names a table."""
    return {"type": "String", "description": "Name of the table.", "allowedValues": list(tables)}


def script_step(name: str, file: str, handler: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Return a step that runs a script of this package.

    Not `aws:executeAwsApi`: it cannot get objects from S3, and cannot tell a table without a policy from a failure.
    https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeAwsApi.html
    """
    return {
        "name": name,
        "action": "aws:executeScript",
        "inputs": {
            "Runtime": _RUNTIME,
            "Handler": handler,
            "Script": _text_of_script(file),
            "InputPayload": {"execution": EXECUTION, **payload},
        },
    }


def publish_step(name: str, metric: str, dimensions: dict[str, str], value: int) -> dict[str, Any]:
    """Return a step that switches an alarm by its metric."""
    named = [{"Name": dimension, "Value": of} for dimension, of in dimensions.items()]
    data = {"MetricName": metric, "Dimensions": named, "Value": value}
    return {
        "name": name,
        "action": "aws:executeAwsApi",
        "inputs": {"Service": "cloudwatch", "Api": "PutMetricData", "Namespace": NAMESPACE, "MetricData": [data]},
    }


@cache
def _text_of_script(file: str) -> str:
    state, script = ((Path(__file__).parent / name).read_text(encoding="utf-8") for name in (_STATE, file))
    return f"{state}\n\n{script.replace(_IMPORT_OF_STATE, '')}"
