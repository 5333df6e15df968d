"""Reported events of the audit trail: calls that change its mapping, function or log group (DET-6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from secure_ddb.detection.api_calls import API_CALL, BY, WHO
from secure_ddb.detection.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Mapping

# The names that CloudTrail gives the calls.
# https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
_MAPPING_CALLS = ["DeleteEventSourceMapping20150331", "UpdateEventSourceMapping20150331"]
_FUNCTION_CALLS = [
    "AddPermission20150331v2",
    "DeleteAlias20150331",
    "DeleteFunction20150331",
    "PutFunctionConcurrency20171031",
    "UpdateAlias20150331",
    "UpdateFunctionCode20150331v2",
    "UpdateFunctionConfiguration20150331v2",
]
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/logging_cw_api_calls_cwl.html
_LOG_CALLS = [
    "DeleteLogGroup",
    "DeleteLogStream",
    "DeleteRetentionPolicy",
    "DeleteSubscriptionFilter",
    "DisassociateKmsKey",
    "PutDataProtectionPolicy",
    "PutLogGroupDeletionProtection",
    "PutRetentionPolicy",
    "PutSubscriptionFilter",
]
_STEPS = (
    "Find out whether this was a planned deployment.",
    "If not, deploy the stack again. DynamoDB keeps changes for 24 hours; after that they can no longer be logged.",
)


@dataclass(frozen=True, kw_only=True)
class AuditNames:
    """The names of the audit function and its log.

    Attributes:
        function: Name of the function.
        log_group: Name of the log group.
    """

    function: str
    log_group: str


def audit_changed(names: AuditNames) -> Subject:
    """Return the reported events of mappings that read tables, and of one function with its log group.

    Every mapping that reads a stream of DynamoDB counts: those of tables are made in other stacks. So does every call
    on a mapping that failed: the request names no stream, and a call that failed has no response.
    """
    of_dynamodb: list[Any] = [{"prefix": "arn:aws:dynamodb:"}, {"exists": False}]
    streams: Mapping[str, Any] = {"responseElements": {"eventSourceArn": of_dynamodb}}
    # A function is named by its name or its ARN, with or without a version or alias.
    function = [names.function, {"prefix": f"{names.function}:"}, {"wildcard": f"*:function:{names.function}*"}]
    # Newer calls take an identifier: the name or the ARN.
    identifier = [names.log_group, {"wildcard": f"*:log-group:{names.log_group}*"}]
    group = {"$or": [{"logGroupName": [names.log_group]}, {"logGroupIdentifier": identifier}]}
    return Subject(
        name="AuditChanged",
        happened="The audit trail of tables was changed, disabled or removed, or someone tried to.",
        pattern={
            "source": ["aws.lambda", "aws.logs"],
            "detail-type": [API_CALL],
            "detail": {
                "$or": [
                    {"eventName": _MAPPING_CALLS, **streams},
                    {"eventName": _FUNCTION_CALLS, "requestParameters": {"functionName": function}},
                    {"eventName": _LOG_CALLS, "requestParameters": group},
                ]
            },
        },
        fields={"What": "<event> of <stream> <mapping> <function> <group> <identifier>", **BY},
        paths={
            **WHO,
            "stream": "$.detail.responseElements.eventSourceArn",
            "mapping": "$.detail.requestParameters.uUID",
            "function": "$.detail.requestParameters.functionName",
            "group": "$.detail.requestParameters.logGroupName",
            "identifier": "$.detail.requestParameters.logGroupIdentifier",
        },
        steps=_STEPS,
    )
