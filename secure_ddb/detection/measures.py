"""The measures of detection itself, so that its failures are noticed (DET-6), and of counted requests (DET-7).

Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html,
https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.detection.handler.watch.counted import DENIED, KEY_FAILED
from secure_ddb.monitoring.measure import Measure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.detection.handler.watch.counted import Counted

_EVENTS = "AWS/Events"
_HOUR = 60 * 60


def watch_measures(
    *, function_name: str, schedule: str, topic_name: str, denied: str, key_failed: str
) -> Iterator[Measure]:
    """Return the measures.

    Args:
        function_name: The watch function.
        schedule: Name of the rule that runs it each hour.
        topic_name: The topic.
        denied: Name of the rule on denied requests (DET-7).
        key_failed: Name of the rule on requests to keys that fail (MON-4).
    """
    yield Measure(
        name="WatchErrors",
        description=(
            "The hourly check of keys, mappings, rules and the topic failed, or the topic has no confirmed "
            "subscription. The log of the watch function shows which. See docs/detection.md."
        ),
        namespace="AWS/Lambda",
        metric="Errors",
        dimensions={"FunctionName": function_name},
        threshold=1,
        period=_HOUR,
        # One of two, so that the next run decides whether it is over, and not the minute.
        periods=2,
    )
    yield Measure(
        name="WatchMissing",
        description=(
            "The hourly check of keys, mappings, rules and the topic did not run: its rule is off or gone. Find out "
            "in CloudTrail who changed the rule, and deploy the stack again."
        ),
        namespace=_EVENTS,
        metric="Invocations",
        dimensions={"RuleName": schedule},
        threshold=1,
        comparison="LessThanThreshold",
        missing_data="breaching",
        period=_HOUR,
        periods=2,
        periods_to_alarm=2,
    )
    yield Measure(
        name="FailedInvocations",
        description=(
            "EventBridge gave up sending events of these rules, including those of other applications. The detection "
            "messages are lost. Check the rules' targets, and CloudTrail for the events."
        ),
        # CloudWatch bills a query for the metrics that it finds, which are none while nothing fails.
        query=f'SELECT SUM(FailedInvocations) FROM SCHEMA("{_EVENTS}", RuleName) GROUP BY RuleName',  # noqa: S608 - no database
        threshold=1,
        periods=5,
    )
    yield Measure(
        name="FailedNotifications",
        description=(
            "The topic could not deliver messages to a subscriber and gave up. If it is the only subscriber, this "
            "message does not arrive either. Check the state of the alarm, and the topic's subscriptions."
        ),
        namespace="AWS/SNS",
        metric="NumberOfNotificationsFailed",
        dimensions={"TopicName": topic_name},
        threshold=1,
        period=5 * 60,
    )
    yield _counted("DeniedRequests", DENIED, denied)
    yield _counted("FailedKeyRequests", KEY_FAILED, key_failed)


def _counted(name: str, kind: Counted, rule: str) -> Measure:
    return Measure(
        name=name,
        # It begins as the notice does.
        description=(
            f"{kind.happened} After the next full hour a notice lists the callers and resources. See the log of the "
            "watch function for each request."
        ),
        namespace=_EVENTS,
        metric="Invocations",
        dimensions={"RuleName": rule},
        threshold=1,
        period=5 * 60,
        # On until an hour has had none, so that many such requests are one alarm.
        periods=12,
    )
