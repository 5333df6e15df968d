"""Which alarms have to be asked about, one by one or one for all."""

from __future__ import annotations

from typing import Any

import pytest

from secure_ddb.landscape.assembly import Assembly
from secure_ddb.rules.monitoring.topic import by_service
from tests.rules.cases.making import TOPIC_STATEMENTS
from tests.rules.handwritten import body, changed, template

ONE = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:one"
# Alarms on detection and on the network are on no table.
OTHERS = {"Rejected", "Undelivered", "Unsent"}
ALARMS = sum(
    each["Type"] == "AWS::CloudWatch::Alarm" for name, each in body()["Resources"].items() if name not in OTHERS
)


def asked(*changes: tuple[str, Any]) -> int:
    """Return how many alarms are asked about."""
    assembly = Assembly([template(changed(*changes))])
    ((topic, publishers),) = assembly.alarms.publishers.items()
    return len(by_service(publishers, assembly.policies.on(topic))["cloudwatch"])


def statement(**changes: Any) -> tuple[str, Any]:
    """Return the topic's policy with one more statement, about one source."""
    written = body()["Resources"]["TopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    added = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": "*",
        "Condition": {"ArnLike": {"aws:SourceArn": ONE}},
    }
    return TOPIC_STATEMENTS, [*written, {**added, **changes}]


def test_one_alarm_speaks_for_all_of_an_account_and_a_region() -> None:
    assert ALARMS > 1
    assert asked() == 1


@pytest.mark.parametrize(
    "principal",
    [
        {"Service": "cloudwatch.amazonaws.com"},
        {"Service": ["events.amazonaws.com", "cloudwatch.amazonaws.com"]},
        {"Service": {"Ref": "Parameter"}},
        {"AWS": "*"},
        "*",
    ],
)
def test_a_statement_that_may_be_for_some_alarms_tells_them_apart(principal: object) -> None:
    assert asked(statement(Principal=principal)) == ALARMS


def test_a_statement_for_all_but_some_services_tells_them_apart() -> None:
    services = {"Service": "events.amazonaws.com"}
    _, (*written, added) = statement(NotPrincipal=services)
    del added["Principal"]
    assert asked((TOPIC_STATEMENTS, [*written, added])) == ALARMS
