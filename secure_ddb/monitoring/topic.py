"""The topic that carries the alarms: CloudWatch and EventBridge publish to it, over TLS, with its key (MON-2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_sns import CfnTopic, CfnTopicPolicy, ITopic, Topic

from secure_ddb.access.tls import deny_without_tls
from secure_ddb.waivers.accepted_findings import SUBSCRIPTION_FINDINGS
from secure_ddb.waivers.waiver import acknowledge

if TYPE_CHECKING:
    from aws_cdk.aws_kms import IKey

    from secure_ddb.context import StackEnvironment, TableContext

_CLOUDWATCH, _EVENTS = {"Service": "cloudwatch.amazonaws.com"}, {"Service": "events.amazonaws.com"}


@dataclass(frozen=True, kw_only=True)
class AlarmTopic:
    """A topic that carries alarms.

    Attributes:
        resource: The topic that was made or given.
        arn: Its ARN.
        key_arn: ARN of its key, where it was made.
    """

    resource: CfnTopic | ITopic
    arn: str
    key_arn: str = ""

    @cached_property
    def topic(self) -> ITopic:
        """The topic; one that was made is shown as imported, so that no target added later replaces its policy."""
        if not isinstance(self.resource, CfnTopic):
            return self.resource
        topic = Topic.from_topic_attributes(self.resource, "Topic", topic_arn=self.arn, key_arn=self.key_arn)
        # On subscriptions, which become children of the topic.
        acknowledge(topic, SUBSCRIPTION_FINDINGS)
        return topic


def make_topic(context: TableContext, key_arn: str) -> AlarmTopic:
    """Make a topic with its policy."""
    topic = CfnTopic(context.scope, "AlarmTopic", kms_master_key_id=key_arn)
    topic_arn = topic.ref
    CfnTopicPolicy(
        context.scope,
        "AlarmTopicPolicy",
        topics=[topic_arn],
        policy_document=topic_policy(context.environment, topic_arn),
    )
    return AlarmTopic(resource=topic, arn=topic_arn, key_arn=key_arn)


def adopt_topic(context: TableContext, topic: ITopic) -> AlarmTopic:
    """Let the publishers use an existing topic and its key.

    A topic of the same app gets the statements, because CDK's `enforce_ssl` replaces the policy that a topic has by
    default, after which alarms cannot publish. Of an imported one neither policy is visible, and the summary says so.
    https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
    """
    topic_arn = topic.topic_arn
    for statement in publish_statements(context.environment, topic_arn):
        added = topic.add_to_resource_policy(_of_stack(statement, context.environment)).statement_added
        if not added:
            context.evidence.not_verifiable.append(
                "that the existing topic is encrypted and its policy and key let CloudWatch publish"
            )
            return AlarmTopic(resource=topic, arn=topic_arn)
    if topic.master_key is not None:
        _let_use_key(context, topic.master_key)
    return AlarmTopic(resource=topic, arn=topic_arn)


def _let_use_key(context: TableContext, key: IKey) -> None:
    for statement in topic_key_statements(context.environment):
        added = key.add_to_resource_policy(_of_stack(statement, context.environment)).statement_added
        if not added:
            context.evidence.not_verifiable.append(
                f"that the key of the existing topic allows {statement['Sid']} (see docs/existing-key.md)"
            )


def _of_stack(statement: dict[str, Any], environment: StackEnvironment) -> PolicyStatement:
    return PolicyStatement.from_json({**statement, "Sid": f"{statement['Sid']}{environment.sid_suffix}"})


def topic_policy(environment: StackEnvironment, topic_arn: str) -> dict[str, Any]:
    """Return the policy of the alarm topic: this account's alarms, and rules, publish over TLS.

    https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
    """
    return {
        "Version": "2012-10-17",
        "Statement": [deny_without_tls("sns:Publish", topic_arn), *publish_statements(environment, topic_arn)],
    }


def publish_statements(environment: StackEnvironment, topic_arn: str) -> list[dict[str, Any]]:
    """Return the statements of a topic's policy for its publishers.

    EventBridge does not support conditions in a topic's policy.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    """
    publish = {"Effect": "Allow", "Action": "sns:Publish", "Resource": topic_arn}
    return [
        {"Sid": "PublishAlarms", "Principal": _CLOUDWATCH, **publish, "Condition": _alarms_of(environment)},
        {"Sid": "PublishEvents", "Principal": _EVENTS, **publish},
    ]


def topic_key_statements(environment: StackEnvironment) -> list[dict[str, Any]]:
    """Return the key policy's statements for publishers to an encrypted topic; without it, alarms notify nobody.

    SNS does not support the source keys for EventBridge, but names the topic that it encrypts for.
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
    """
    use = {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*"}
    topics = {"ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": environment.arn("sns", "*")}}
    return [
        {"Sid": "PublishAlarms", "Principal": _CLOUDWATCH, **use, "Condition": _alarms_of(environment)},
        {"Sid": "PublishEvents", "Principal": _EVENTS, **use, "Condition": topics},
    ]


def _alarms_of(environment: StackEnvironment) -> dict[str, Any]:
    return {
        "StringEquals": {"aws:SourceAccount": environment.account},
        "ArnLike": {"aws:SourceArn": environment.arn("cloudwatch", "alarm:*")},
    }
