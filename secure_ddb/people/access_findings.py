"""Findings of IAM Access Analyzer reach the alarm topic (IAM-7)."""

from __future__ import annotations

import json
from enum import Enum
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_accessanalyzer import CfnAnalyzer
from aws_cdk.aws_events import CfnRule
from constructs import Construct

from secure_ddb.errors import reject, require_interface, require_type
from secure_ddb.library_construct import state_construct
from secure_ddb.waivers.accepted_findings import ACCESS_RULE_FINDINGS
from secure_ddb.waivers.waiver import acknowledge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.aws_sns import ITopic

# What a table and what belongs to it are made of, of the types that an analyzer looks at.
# https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_FindingSummaryV2.html
WATCHED_TYPES = (
    "AWS::DynamoDB::Stream",
    "AWS::DynamoDB::Table",
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::Lambda::Function",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
)
_SOURCE = "aws.access-analyzer"
# Archived findings are accepted ones; resolved findings are gone.
_OPEN = {"status": ["ACTIVE"]}


class AccessAnalyzer(Enum):
    """An analyzer of the account. Create it once: an account and Region can have only a few of each type."""

    EXTERNAL_ACCESS = "ACCOUNT"
    """External access: resources that principals outside the account can use. Free."""

    UNUSED_ACCESS = "ACCOUNT_UNUSED_ACCESS"
    """Unused access: roles, users and permissions not used for 90 days. Charged for each role and user per month."""


class AccessFindings(Construct):
    """Sends findings of IAM Access Analyzer to the alarm topic, for the whole account and Region.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html
    """

    def __init__(self, scope: Construct, id: str, *, topic: ITopic, analyzers: Sequence[AccessAnalyzer] = ()) -> None:
        """Make the rules, and analyzers if there are none yet.

        Args:
            scope: Where to make them; once for an account and Region.
            id: Construct id.
            topic: The topic, such as `SharedResources.alarm_topic`. Its policy and key have to let EventBridge publish.
            analyzers: Analyzers to create; if empty, existing analyzers are used.

        Raises:
            InvalidArgumentError: The topic or an analyzer is none, or an analyzer stands twice.
        """
        require_interface("topic", topic, "topic_arn", "an aws_sns.ITopic")
        _check_analyzers(analyzers)
        super().__init__(scope, id)
        state_construct(self)
        topic_arn = topic.topic_arn
        findings_rule(self, "ExternalAccess", external_access_pattern(), EXTERNAL_ACCESS_MESSAGE, topic_arn)
        findings_rule(self, "UnusedAccess", unused_access_pattern(), UNUSED_ACCESS_MESSAGE, topic_arn)
        for analyzer in analyzers:
            CfnAnalyzer(self, f"{analyzer.name.title().replace('_', '')}Analyzer", type=analyzer.value)


def findings_rule(
    scope: Construct, id: str, pattern: dict[str, Any], message: tuple[str, dict[str, str]], topic_arn: str
) -> CfnRule:
    """Send each event that a pattern matches to a topic, as a message of one line.

    Args:
        scope: Where to make the rule.
        id: Construct id.
        pattern: The events.
        message: Its text with `<name>` for each name, and name to path in the event.
        topic_arn: The topic.
    """
    text, paths = message
    rule = CfnRule(
        scope,
        id,
        description=f"{id} findings of IAM Access Analyzer to the alarm topic",
        event_pattern=pattern,
        targets=[
            CfnRule.TargetProperty(
                arn=topic_arn,
                id="AlarmTopic",
                input_transformer=CfnRule.InputTransformerProperty(
                    input_paths_map=paths,
                    # EventBridge takes a text in quotes.
                    input_template=json.dumps(text),
                ),
            )
        ],
    )
    acknowledge(rule, ACCESS_RULE_FINDINGS)
    return rule


def external_access_pattern() -> dict[str, Any]:
    """Return the pattern of findings of external access through a resource's policy."""
    return {
        "source": [_SOURCE],
        "detail-type": ["Access Analyzer Finding"],
        "detail": {**_OPEN, "resourceType": list(WATCHED_TYPES)},
    }


def unused_access_pattern() -> dict[str, Any]:
    """Return the pattern of findings of unused roles, users or permissions."""
    return {"source": [_SOURCE], "detail-type": ["Unused Access Finding for IAM entities"], "detail": dict(_OPEN)}


# Only texts, numbers and truth values: how EventBridge writes an object into a text is not documented.
_COMMON = {"resource": "$.detail.resource", "account": "$.account", "region": "$.region", "time": "$.time"}
_RUNBOOK = "Runbook: docs/people.md of secure_ddb, #findings-of-iam-access-analyzer"
_EXTERNAL = (
    "<time>: The policy of <resource> allows access from outside account <account> (everyone: <public>). IAM Access "
    "Analyzer in <region> shows the principal: finding <finding>. Correct the policy, or archive the finding if the "
    f"access is intended. {_RUNBOOK}"
)
_UNUSED = (
    "<time>: <type> of <resource> in account <account>: finding <finding> of IAM Access Analyzer in <region>. Remove "
    f"what is not used, or archive the finding if it is intended. {_RUNBOOK}"
)
# The two kinds name the id of a finding differently.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html
EXTERNAL_ACCESS_MESSAGE = (_EXTERNAL, {**_COMMON, "finding": "$.detail.id", "public": "$.detail.isPublic"})
UNUSED_ACCESS_MESSAGE = (_UNUSED, {**_COMMON, "finding": "$.detail.findingId", "type": "$.detail.findingType"})


def _check_analyzers(analyzers: Sequence[AccessAnalyzer]) -> None:
    require_type("analyzers", analyzers, (list, tuple), "a list of AccessAnalyzer")
    for position, analyzer in enumerate(analyzers):
        require_type(f"analyzers[{position}]", analyzer, AccessAnalyzer)
        if analyzer in analyzers[:position]:
            reject(f"analyzers[{position}]", analyzer, "each analyzer once")
