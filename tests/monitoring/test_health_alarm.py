"""One composite alarm says whether a table is healthy, if it is asked for."""

from __future__ import annotations

import pytest
from aws_cdk import App, Stack

from secure_ddb import AlarmSettings, NotCreatedError
from secure_ddb.cloudformation.template import Template as Read
from secure_ddb.landscape.assembly import Assembly
from tests.monitoring.making import ENVIRONMENT, alone, sharing
from tests.orders import orders
from tests.template import text

COMPOSITE = "AWS::CloudWatch::CompositeAlarm"


def test_there_is_none_unless_asked() -> None:
    assert not alone().of_type(COMPOSITE)
    table = orders(Stack(App(), "Test", env=ENVIRONMENT))
    with pytest.raises(NotCreatedError):
        table.health_alarm  # noqa: B018 - raises


def test_it_is_in_alarm_while_any_other_is_but_for_notices_of_cost() -> None:
    template = alone(alarms=AlarmSettings(health=True, unused_days=7))
    rule = text(template.properties(COMPOSITE)["AlarmRule"])
    named = {name for name in template.of_type("AWS::CloudWatch::Alarm") if f'ALARM("<{name}>")' in rule}
    assert len(named) == rule.count(" OR ") + 1
    left_out = set(template.of_type("AWS::CloudWatch::Alarm")) - named
    assert [name[:-8] for name in left_out] == ["OrdersUnused"]


def test_it_sends_nothing_because_the_others_do() -> None:
    assert "AlarmActions" not in alone(alarms=AlarmSettings(health=True)).properties(COMPOSITE)


def test_table_that_shares_counts_the_shared_alarms_too() -> None:
    template = sharing({"alarms": AlarmSettings(health=True)})
    composites = template.of_type(COMPOSITE)
    shared, table = (next(name for name in composites if name.startswith(each)) for each in ("Shared", "Carts"))
    rule = text(composites[table]["Properties"]["AlarmRule"])
    assert f'ALARM("<{shared}>")' in rule
    assert rule.count("ALARM(") == 4


def test_rules_read_it_as_reporting_for_each_alarm() -> None:
    body = alone(alarms=AlarmSettings(health=True)).body
    assembly = Assembly([Read(name="Test", body=body, account="111122223333", region="eu-central-1")])
    for alarm, reporting in assembly.alarms.reporting.items():
        assert [answer for _, answer in reporting] == [True, True], alarm.resource.logical_id
