"""The permissions of the watch function: read the state of resources, and publish to one topic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from secure_ddb.context import StackEnvironment
    from secure_ddb.encryption.table_key import KeyPolicy

# All of the account and Region, as the rules of detection are for all.
TABLES, KEYS = "table/*", "key/*"
_PUBLISH = ["kms:Decrypt", "kms:GenerateDataKey"]


def watch_key_statement(policy: KeyPolicy) -> dict[str, Any]:
    """Return the key policy's statements for publishers to the topic: they encrypt through SNS.

    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    """
    return policy.use_through("sns", "PublishThroughSns", _PUBLISH)


def watch_statements(
    environment: StackEnvironment, *, log_group_arn: str, topic_arn: str, topic_key_arn: str, rule_arns: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the permissions of its role, which neither reads items nor changes anything.

    Listing tables and mappings knows no resources.
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
    """

    def allow(sid: str, actions: list[str], resources: object, **more: object) -> dict[str, Any]:
        return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources, **more}

    # An existing topic's key is not always known; the topic that SNS encrypts for is.
    for_topic = {
        "StringEquals": {
            "kms:EncryptionContext:aws:sns:topicArn": topic_arn,
            "kms:ViaService": f"sns.{environment.region}.amazonaws.com",
        }
    }
    keys = environment.arn("kms", KEYS)
    return [
        allow("KeepLog", ["logs:CreateLogStream", "logs:FilterLogEvents", "logs:PutLogEvents"], log_group_arn),
        allow("ListTablesAndMappings", ["dynamodb:ListTables", "lambda:ListEventSourceMappings"], "*"),
        allow("LookAtTables", ["dynamodb:DescribeTable"], environment.arn("dynamodb", TABLES)),
        allow("LookAtKeys", ["kms:DescribeKey"], keys),
        allow("LookAtRules", ["events:DescribeRule", "events:ListTargetsByRule"], list(rule_arns)),
        allow("LookAtTopicAndPublish", ["sns:GetTopicAttributes", "sns:Publish"], topic_arn),
        allow("EncryptMessages", list(_PUBLISH), topic_key_arn or keys, Condition=for_topic),
    ]
