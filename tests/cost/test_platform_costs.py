"""What a platform team makes beside tables is in the estimate, or named as what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Environment

from examples.account_baseline import AccountBaselineStack
from examples.config_rules import ConfigRulesStack
from examples.containment import ContainmentStack
from examples.drift import DriftStack
from examples.remediation import RemediationStack
from secure_ddb.cost.estimate import estimate
from secure_ddb.cost.prices import load_prices
from tests.cost.costing import app, of

if TYPE_CHECKING:
    from aws_cdk import Stack

    from secure_ddb.cost.model import Estimate


def of_example(stack: type[Stack]) -> Estimate:
    cdk = App()
    stack(cdk, "Test", env=Environment(account="111122223333", region="eu-central-1"))
    return estimate(app(cdk.synth().get_stack_by_name("Test").template["Resources"]), load_prices())


@pytest.mark.parametrize(
    ("stack", "not_estimated"),
    [
        # Of the logs of functions, how much they write is not known.
        (DriftStack, {"AWS::Logs::LogGroup": 1}),
        (RemediationStack, {"AWS::Lambda::Function": 1, "AWS::Logs::LogGroup": 1}),
        (ContainmentStack, {}),
        (ConfigRulesStack, {"AWS::Logs::LogGroup": 1}),
        (AccountBaselineStack, {"AWS::GuardDuty::Detector": 1}),
    ],
)
def test_what_is_not_estimated_is_named(stack: type[Stack], not_estimated: dict[str, int]) -> None:
    assert of_example(stack).not_estimated == not_estimated


def test_runs_of_drift_detection_are_counted_and_not_how_long_they_take() -> None:
    lines = {line.what: line for line in of_example(DriftStack).other}
    runs, seconds = lines["runs of functions on a schedule"], lines["GB-seconds of functions on a schedule"]
    assert runs.quantity == pytest.approx(365 / 12)
    assert seconds.cost is None
    # 15 minutes with 128 MB.
    assert "at most 3,422 for Drift" in seconds.detail


def test_a_schedule_that_is_off_or_not_known_is_not_counted() -> None:
    def resources(state: str, schedule: object) -> dict[str, object]:
        return {
            "Watch": of("AWS::Lambda::Function", Timeout=10),
            "Hourly": of(
                "AWS::Events::Rule",
                State=state,
                ScheduleExpression=schedule,
                Targets=[{"Id": "1", "Arn": {"Fn::GetAtt": "Watch.Arn"}}],
            ),
        }

    assert estimate(app(resources("DISABLED", "rate(1 hour)")), load_prices()).not_estimated == {
        "AWS::Lambda::Function": 1
    }
    (runs, _) = estimate(app(resources("ENABLED", {"Fn::ImportValue": "When"})), load_prices()).other
    assert runs.quantity is None


@pytest.mark.parametrize(
    ("mode", "name"), [({"RecordingFrequency": "DAILY"}, "configuration_item_daily"), (None, "configuration_item")]
)
def test_configuration_items_are_of_unknown_number(mode: object, name: str) -> None:
    properties = {"RecordingMode": mode} if mode else {}
    (line,) = estimate(app({"Recorder": of("AWS::Config::ConfigurationRecorder", **properties)}), load_prices()).other
    assert (line.price_name, line.quantity) == (name, None)
    assert line.price in (0.003, 0.012)


def test_analyzers_of_unused_access_are_not_estimated() -> None:
    resources = {name: of("AWS::AccessAnalyzer::Analyzer", Type=name) for name in ("ACCOUNT", "ACCOUNT_UNUSED_ACCESS")}
    body = {name.title().replace("_", ""): each for name, each in resources.items()}
    assert estimate(app(body), load_prices()).not_estimated == {"AWS::AccessAnalyzer::Analyzer": 1}
