"""CloudWatch alarms and EventBridge rules, which publish to the encrypted topic."""

from __future__ import annotations

from typing import NamedTuple

from tests.acceptance.requirement import Context, Moment, Requirement
from tests.policies.requests.keys import ALARM, CLOUDWATCH, EVENTS, HERE, TOPIC_ARN

_ENCRYPTED = "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"
_TOPIC_POLICY = "https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html"
_USE = ("kms:Decrypt", "kms:GenerateDataKey")


class _Place(NamedTuple):
    """A topic and its key, by the names that `deployments.py` knows, and the topic's own name."""

    configuration: str
    topic: str
    key: str
    name: str


# The topic that the table makes; a topic of the same app with TLS enforced and a key of its own.
_PLACES = (
    _Place("minimal", "topic", "key", "Test-OrdersAlarmTopic"),
    _Place("everything", "topic", "key", "Test-OrdersAlarmTopic"),
    _Place("own_topic", "own topic", "own topic's key", "Test-Alarms"),
)


def _publishing(service: str, who: str, context: Context, place: _Place) -> tuple[Requirement, ...]:
    encrypting: Context = {**context, TOPIC_ARN: f"arn:aws:sns:{HERE}:{place.name}"}
    return tuple(
        Requirement(
            service=service,
            moment=Moment.RUN_TIME,
            who=who,
            actions=actions,
            on=on,
            context=with_context,
            source=source,
            configurations=(place.configuration,),
        )
        for actions, on, with_context, source in (
            (("sns:Publish",), place.topic, context, _TOPIC_POLICY),
            (_USE, place.key, encrypting, _ENCRYPTED),
        )
    )


TOPIC = tuple(
    requirement
    for place in _PLACES
    for service, who, context in (
        ("Amazon CloudWatch alarms", CLOUDWATCH, ALARM),
        ("Amazon EventBridge", EVENTS, {}),
    )
    for requirement in _publishing(service, who, dict(context), place)
)
