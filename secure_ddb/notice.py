"""Messages of EventBridge to the alarm topic."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aws_cdk.aws_events import CfnRule

from secure_ddb.waivers.accepted_findings import NOTICE_RULE_FINDINGS
from secure_ddb.waivers.waiver import acknowledge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct

    from secure_ddb.context import StackEnvironment

# Of events that functions of this library send.
SOURCE = "secure-ddb"
_PATHS = {"time": "$.time", "account": "$.account", "region": "$.region"}
_WHEN = "When: <time>, account <account>, Region <region>"
_VARIABLE = re.compile(r"<([a-z-]+)>")


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Events that are reported, and the message.

    Attributes:
        happened: The event, in a sentence that begins the message.
        pattern: The pattern of the events.
        lines: Further lines, with variables such as `<table>`.
        paths: Name of a variable to its JSON path in the event.
    """

    happened: str
    pattern: Mapping[str, Any]
    lines: Sequence[str]
    paths: Mapping[str, str] = field(default_factory=dict)

    @property
    def template(self) -> str:
        """The message as EventBridge takes it: each line is a text in quotes.

        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
        """
        return "\n".join(json.dumps(line) for line in (self.happened, *self.lines, _WHEN))

    @property
    def variables(self) -> dict[str, str]:
        """The variables of the message, with their JSON paths."""
        paths = {**_PATHS, **self.paths}
        return {name: paths[name] for name in sorted(set(_VARIABLE.findall(" ".join((*self.lines, _WHEN)))))}


def make_notice_rule(
    scope: Construct, id: str, notice: Notice, topic_arn: str, *, accepted: Mapping[str, str] = NOTICE_RULE_FINDINGS
) -> CfnRule:
    """Send a message to the topic for each event. The topic's policy and key must allow EventBridge to publish.

    Args:
        scope: Where to create the rule.
        id: Its construct id.
        notice: The events and the message.
        topic_arn: The topic's.
        accepted: The findings of cdk-nag that it does not count, with reasons.
    """
    message = CfnRule.InputTransformerProperty(input_template=notice.template, input_paths_map=notice.variables)
    rule = CfnRule(
        scope,
        id,
        description=notice.happened,
        event_pattern=dict(notice.pattern),
        targets=[CfnRule.TargetProperty(arn=topic_arn, id="AlarmTopic", input_transformer=message)],
    )
    acknowledge(rule, accepted)
    return rule


def send_events(environment: StackEnvironment) -> dict[str, Any]:
    """Return the statements that let a function of this library send only its own events.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
    """
    return {
        "Sid": "SendEvents",
        "Effect": "Allow",
        "Action": "events:PutEvents",
        "Resource": environment.arn("events", "event-bus/default"),
        # One request can have events of several sources.
        "Condition": {
            "ForAllValues:StringEquals": {"events:source": SOURCE},
            "Null": {"events:source": "false"},
        },
    }
