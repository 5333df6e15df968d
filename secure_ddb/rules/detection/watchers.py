"""Whether failures of detection go unnoticed: topics without subscribers, and messages that do not arrive (DET-6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import as_list, is_unknown
from secure_ddb.rules.catalogues import nist, pci
from secure_ddb.rules.rule import Judgement, Rule, Severity, choose, judged
from secure_ddb.three_valued import all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secure_ddb.cloudformation.resource import Resource
    from secure_ddb.landscape.alarm import Alarm
    from secure_ddb.landscape.assembly import Assembly
    from secure_ddb.landscape.table import Table
    from secure_ddb.three_valued import Truth


@Rule(
    id="SecureDdb-DET11",
    title="The alarm topic has a subscriber",
    problem="The alarm topic has no subscriber",
    severity=Severity.MEDIUM,
    requirements=("DET-6", "MON-2"),
    controls=(*nist("SI-4(5)", "AU-5"), *pci("10.7.2")),
    rationale=(
        "A topic without subscriptions accepts messages and drops them. Templates do not show subscriptions made "
        "outside the app, such as by hand. Email subscriptions must also be confirmed."
    ),
    remedy=(
        "Subscribe the people on call, for example with topic.add_subscription(EmailSubscription(...)), and confirm. "
        "The watch function of SharedResources checks every hour that there is a confirmed subscription."
    ),
    source="https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html",
)
def topic_is_heard(assembly: Assembly) -> Iterator[Judgement]:
    """Look for subscriptions of each topic that alarms or rules on events report to."""
    topics = {topic: list(tables) for topic, tables in assembly.alarms.topics.items()}
    for topic in assembly.reporting.rules_by_topic:
        topics.setdefault(topic, _tables_near(assembly, topic))
    for topic, tables in topics.items():
        if tables:
            answer = True if any(_is_whole(each) for each in _subscriptions(assembly, topic)) else None
            detail = choose(
                answer,
                "it has a subscription; an email subscription must be confirmed",
                "",
                "no subscription of the app receives all of its messages; other subscriptions, and whether they are "
                "confirmed, cannot be checked",
            )
            yield judged(topic, "Properties", answer, detail, tables=tables)


def _subscriptions(assembly: Assembly, topic: Resource) -> Iterator[dict[str, object]]:
    yield from (each for each in as_list(topic.properties.get("Subscription")) if isinstance(each, dict))
    for resource in assembly.of_type(kinds.SUBSCRIPTION):
        if assembly.find(resource.properties.get("TopicArn"), resource, kinds.TOPIC) is topic:
            yield resource.properties


def _is_whole(subscription: dict[str, object]) -> bool:
    """Return whether it certainly gets every message: a filter may drop some."""
    return "FilterPolicy" not in subscription and not is_unknown(subscription.get("Endpoint", ""))


def _tables_near(assembly: Assembly, resource: Resource) -> list[Table]:
    place = (resource.account, resource.region)
    return [table for table, replica in assembly.tables.replicas if (table.resource.account, replica.region) == place]


@Rule(
    id="SecureDdb-DET12",
    title="Undelivered detection messages raise an alarm",
    problem="The alarm on undelivered detection messages notifies no one",
    severity=Severity.MEDIUM,
    requirements=("DET-6",),
    controls=(*nist("SI-4(5)", "AU-5"), *pci("10.7.2")),
    rationale=(
        "EventBridge gives up after 24 hours, and Amazon SNS after its retries. Both only count the failure, and a "
        "rule that cannot deliver looks like one with no events. The alarm may be part of an account baseline."
    ),
    remedy=(
        "Use SharedResources for the table, or create alarms on FailedInvocations of the rules (AWS/Events) and "
        "NumberOfNotificationsFailed of the topic (AWS/SNS) with a threshold of 1 and a topic as their action."
    ),
    source="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html",
)
def failures_raise_alarm(assembly: Assembly) -> Iterator[Judgement]:
    """Look for alarms on failed invocations of each rule that reports to a topic, and on failed deliveries of it."""
    for topic, rules in assembly.reporting.rules_by_topic.items():
        tables = _tables_near(assembly, topic)
        if not tables:
            continue
        name = str(topic.name)
        answers = {
            "NumberOfNotificationsFailed of the topic": _raised(assembly, topic, "AWS/SNS", "TopicName", [name]),
            "FailedInvocations of its rules": _raised(
                assembly, topic, "AWS/Events", "RuleName", [rule.ref for rule in rules]
            ),
        }
        answer = all_of(*answers.values())
        lacking = ", ".join(what for what, each in answers.items() if each is answer)
        detail = choose(
            answer,
            "alarms on failed invocations and deliveries report to a topic",
            f"the alarm on {lacking} never goes off or does not report to a topic",
            f"no alarm of the app is certain to go off on {lacking}; alarms elsewhere cannot be checked",
        )
        yield judged(topic, "Properties", answer, detail, tables=tables)


_METRICS = {"AWS/Events": "FailedInvocations", "AWS/SNS": "NumberOfNotificationsFailed"}


def _raised(assembly: Assembly, near: Resource, namespace: str, dimension: str, values: list[str]) -> Truth:
    """Return whether alarms fire for each value of a dimension; False if they have no action."""
    return all_of(*(_of_value(assembly, near, namespace, (dimension, value)) for value in values))


def _of_value(assembly: Assembly, near: Resource, namespace: str, dimension: tuple[str, str]) -> Truth:
    watching = assembly.alarms.watching(near, namespace, _METRICS[namespace], dimension)
    return any_of(rings_for_people(assembly, alarm) for alarm, _ in watching) if watching else None


def rings_for_people(assembly: Assembly, alarm: Alarm) -> Truth:
    """Return whether an alarm fires at the first event, and reports to a topic."""
    if alarm.is_unknown:
        return None
    return all_of(alarm.rings_at(1), tells_people(assembly, alarm))


def tells_people(assembly: Assembly, alarm: Alarm) -> Truth:
    """Return whether an alarm reports to a topic when it fires."""
    if not alarm.acts:
        return None if is_unknown(alarm.properties.get("ActionsEnabled")) and alarm.actions else False
    if any(assembly.find(arn, alarm.resource, kinds.TOPIC) for arn in alarm.actions):
        return True
    return None if any(is_unknown(arn) or ":sns:" in str(arn) for arn in alarm.actions) else False
