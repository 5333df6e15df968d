"""Whether what reports is still there: mappings, rules and the topic (DET-6)."""

from __future__ import annotations

from datetime import timedelta

from .countdown import hours_left, is_due
from .notice import Notice, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from typing import Any

# DynamoDB keeps the records of a stream for 24 hours.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
KEPT = timedelta(hours=24)
_STOPPED = {"Disabled", "Disabling"}
# While a rule is off, a notice at these hours: nothing says since when it is.
_HOURS_BETWEEN = 6


def stopped_mappings(client: Any, function: str, now: datetime) -> Iterator[Notice]:  # noqa: ANN401 - boto3 makes its clients at run time
    """Yield a notice for each disabled mapping of the audit function, with the hours until changes are lost."""
    for page in client.get_paginator("list_event_source_mappings").paginate(FunctionName=function):
        for mapping in page["EventSourceMappings"]:
            since = mapping["LastModified"]
            if mapping["State"] in _STOPPED and is_due(since, KEPT, now):
                left = max(hours_left(since, KEPT, now), 0)
                yield Notice(
                    subject=f"{left} hours left: changes of a DynamoDB table are not logged",
                    happened="The event source mapping that reads the changes of a table is disabled.",
                    fields={
                        "What": f"mapping {mapping['UUID']} of {mapping['EventSourceArn']} has been {mapping['State']} "
                        f"since {written(since)}. Its first changes are lost in {left} hours",
                        "Who": "CloudTrail's events UpdateEventSourceMapping20150331 show who disabled it",
                    },
                    steps="Deploy the stack of the table again, or enable the mapping.",
                    anchor="audit-stopped",
                )


def silent_rules(client: Any, rules: Iterable[str], targets: Iterable[str], now: datetime) -> Iterator[Notice]:  # noqa: ANN401 - boto3 makes its clients at run time
    """Yield a notice if rules are off, gone, or report to none of the targets any more."""
    if now.hour % _HOURS_BETWEEN:
        return
    problems = [f"{name} {problem}" for name in rules if (problem := _problem(client, name, set(targets)))]
    if problems:
        yield Notice(
            subject="Detection of DynamoDB tables is partly off",
            happened="EventBridge rules that report events of tables no longer work.",
            fields={
                "What": "; ".join(problems),
                "Who": "CloudTrail's events DisableRule, DeleteRule and RemoveTargets show who changed them",
            },
            steps="Deploy the stack of the shared resources again. If there is nothing to deploy, enable the rule.",
            anchor="detection-off",
        )


def _problem(client: Any, name: str, targets: set[str]) -> str:  # noqa: ANN401 - boto3 makes its clients at run time
    try:
        state = client.describe_rule(Name=name)["State"]
        found = client.list_targets_by_rule(Rule=name)["Targets"]
    except client.exceptions.ResourceNotFoundException:
        return "was deleted"
    if state == "DISABLED":
        return "is disabled"
    return "" if any(target["Arn"] in targets for target in found) else "has lost its target"


class UnheardError(Exception):
    """The topic has no confirmed subscription."""


def require_heard(client: Any, topic_arn: str) -> Iterable[Notice]:  # noqa: ANN401 - boto3 makes its clients at run time
    """Return no notice if somebody gets them.

    Raises:
        UnheardError: The topic has no confirmed subscription.
    """
    found = client.get_topic_attributes(TopicArn=topic_arn)["Attributes"]
    if not int(found.get("SubscriptionsConfirmed", 0)):
        pending = int(found.get("SubscriptionsPending", 0))
        raise UnheardError(
            f"{topic_arn} has no confirmed subscription ({pending} pending): no one receives its messages"
        )
    return ()
