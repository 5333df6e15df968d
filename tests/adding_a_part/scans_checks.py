"""Unusual requests raise an alarm, for tables that ask for it."""

from __future__ import annotations

import pytest
from aws_cdk import App, Environment, Stack

from secure_ddb import InvalidArgumentError, ScanSettings
from tests.orders import orders
from tests.template import Template


def template(settings: ScanSettings | None) -> Template:
    app = App()
    orders(Stack(app, "Test", env=Environment(account="111122223333", region="eu-central-1")), scans=settings)
    return Template(app.synth().get_stack_by_name("Test").template)


def test_scans_raise_an_alarm() -> None:
    watching = template(ScanSettings(per_hour=5))
    assert watching.alarms()["OrdersUnusualScans"]["Threshold"] == 5
    assert watching.only("AWS::DynamoDB::GlobalTable")["Metadata"]["SecureTable"]["settings"] == {"scans.per_hour": "5"}


def test_a_table_that_does_not_ask_for_it_has_none() -> None:
    assert "OrdersUnusualScans" not in template(None).alarms()


def test_other_settings_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="allowed: 1 or more"):
        ScanSettings(per_hour=0)
