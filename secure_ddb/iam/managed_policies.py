"""AWS's own policies that audit and backup roles often have: name to the services whose actions it allows.

A permission for any other service does not come from there, so its absence is certain. A test compares this with AWS's
documents. https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

from __future__ import annotations

SERVICES = {
    "AWSLambdaBasicExecutionRole": {"logs"},
    "AWSLambdaDynamoDBExecutionRole": {"dynamodb", "logs"},
    "AWSLambdaKinesisExecutionRole": {"kinesis", "logs"},
    "AWSLambdaSQSQueueExecutionRole": {"logs", "sqs"},
    "AWSLambdaVPCAccessExecutionRole": {"ec2", "logs"},
    "AWSXRayDaemonWriteAccess": {"xray"},
    "CloudWatchLambdaInsightsExecutionRolePolicy": {"logs"},
}
