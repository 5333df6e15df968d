"""What reports is looked at itself: mappings, rules, and the topic."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from secure_ddb.detection.handler.watch.index import WatchError
from tests.detection.watching import FUNCTION, LATER, NOON, account

if TYPE_CHECKING:
    from datetime import datetime

    from tests.detection.watching import Account

STREAM = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders/stream/2026-01-01T00:00:00.000"


def mapping(state: str, since: datetime) -> dict[str, Any]:
    found = {"UUID": "a1b2", "EventSourceArn": STREAM, "State": state, "LastModified": since}
    return {"EventSourceMappings": [found]}


def rule(aws: Account, name: str, target: str) -> str:
    events = aws.client("events")
    events.put_rule(Name=name, EventPattern='{"source": ["aws.kms"]}')
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": target}])
    return name


def test_disabled_mapping_is_told_with_the_hours_until_changes_are_lost(aws: Account) -> None:
    aws.answers["ListEventSourceMappings"] = mapping("Disabled", NOON - timedelta(minutes=50))
    (notice,) = aws.run(NOON)
    assert notice["Subject"].startswith("23 hours left")
    assert STREAM in notice["Message"]
    assert "Disabled since 2026-03-02T11:10:00Z" in notice["Message"]
    told = [bool(aws.run(NOON + timedelta(hours=number))) for number in range(1, 25)]
    assert sum(told) == 12


@pytest.mark.parametrize("state", ["Enabled", "Enabling", "Creating", "Updating"])
def test_other_mappings_tell_nothing(aws: Account, state: str) -> None:
    aws.answers["ListEventSourceMappings"] = mapping(state, NOON)
    assert not aws.run(NOON)


def test_only_mappings_of_the_audit_function_are_asked_for(aws: Account) -> None:
    asked: list[dict[str, Any]] = []
    answer = aws._answer

    def remember(operation: str, given: dict[str, Any], really: Any) -> Any:
        asked.extend([given] if operation == "ListEventSourceMappings" else [])
        return answer(operation, given, really)

    aws._answer = remember  # type: ignore[assignment, method-assign]
    aws.run(NOON)
    assert [each["FunctionName"] for each in asked] == ["audit"]


def test_rules_that_report_tell_nothing(aws: Account) -> None:
    assert not aws.run(NOON, [rule(aws, "KeyChanged", aws.topic), rule(aws, "AccessDenied", FUNCTION)])


def test_rule_that_is_off_gone_or_has_lost_its_target_is_told(aws: Account) -> None:
    names = [rule(aws, name, aws.topic) for name in ("Off", "Gone", "Lost", "Elsewhere")]
    events = aws.client("events")
    events.disable_rule(Name="Off")
    events.remove_targets(Rule="Lost", Ids=["1"])
    for name, change in (("Gone", events.delete_rule),):
        events.remove_targets(Rule=name, Ids=["1"])
        change(Name=name)
    rule(aws, "Elsewhere", "arn:aws:sns:eu-central-1:111122223333:other")
    (notice,) = aws.run(NOON, names)
    assert "What: Off is disabled; Gone was deleted; Lost has lost its target; Elsewhere has lost" in notice["Message"]
    assert "#detection-off" in notice["Message"]
    assert not aws.run(LATER, names)


def test_topic_without_a_confirmed_subscription_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with account(monkeypatch) as aws:
        with pytest.raises(WatchError, match=r"alarms has no confirmed subscription \(0 pending\)"):
            aws.run(NOON)
        aws.subscribe()
        aws.run(NOON)


def test_pending_subscription_is_not_enough(aws: Account) -> None:
    aws.answers["GetTopicAttributes"] = {"Attributes": {"SubscriptionsConfirmed": "0", "SubscriptionsPending": "2"}}
    with pytest.raises(WatchError, match=r"no confirmed subscription \(2 pending\)"):
        aws.run(NOON)


def test_failure_to_look_is_an_error(aws: Account) -> None:
    aws.denied["ListEventSourceMappings"] = "AccessDeniedException"
    with pytest.raises(WatchError, match="AccessDeniedException"):
        aws.run(NOON)
