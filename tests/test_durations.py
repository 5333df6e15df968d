"""Durations and retentions as plain numbers, the same ones that CDK writes into the template."""

from __future__ import annotations

import gc
from weakref import ref

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk.aws_logs import LogGroup, RetentionDays

from secure_ddb import InvalidArgumentError
from secure_ddb.audit.settings import _RETENTION_DAYS
from secure_ddb.durations import in_days, in_milliseconds


@pytest.mark.parametrize(
    ("duration", "milliseconds"),
    [
        (Duration.millis(0), 0),
        (Duration.millis(1), 1),
        (Duration.seconds(1), 1000),
        (Duration.minutes(1), 60_000),
        (Duration.hours(12), 43_200_000),
        (Duration.days(2560), 221_184_000_000),
        (Duration.parse("P1DT1S"), 86_401_000),
    ],
)
def test_milliseconds(duration: Duration, milliseconds: int) -> None:
    assert in_milliseconds(duration) == milliseconds


@pytest.mark.parametrize(
    ("duration", "days"),
    [(Duration.days(0), 0), (Duration.hours(24), 1), (Duration.days(90), 90), (Duration.parse("P7D"), 7)],
)
def test_whole_days(duration: Duration, days: int) -> None:
    assert in_days(duration, "argument") == days


@pytest.mark.parametrize("duration", [Duration.millis(1), Duration.hours(23), Duration.hours(25), Duration.days(0.5)])
def test_parts_of_days_are_refused(duration: Duration) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        in_days(duration, "backup.daily_retention")
    assert raised.value.argument == "backup.daily_retention"
    assert raised.value.value == f"{duration.to_milliseconds():.0f} ms"
    assert raised.value.allowed == "a whole number of days"


def test_cdk_is_asked_once_for_each_duration(monkeypatch: pytest.MonkeyPatch) -> None:
    duration = Duration.days(1)
    assert in_milliseconds(duration) == 86_400_000
    monkeypatch.setattr(Duration, "to_milliseconds", None)
    assert in_days(duration, "argument") == 1


def test_a_duration_that_nobody_holds_is_forgotten() -> None:
    duration = Duration.days(1)
    assert in_milliseconds(duration) == 86_400_000
    remembered = ref(duration)
    del duration
    gc.collect()
    assert remembered() is None


def test_days_of_every_retention_are_those_that_cdk_writes(stack: Stack) -> None:
    for retention in RetentionDays:
        LogGroup(stack, retention.name, retention=retention)
    app = stack.node.root
    assert isinstance(app, App)
    resources = app.synth().get_stack_by_name("Test").template["Resources"]
    # CDK writes nothing for a log group that is kept for good.
    written = {name[:-8]: group.get("Properties", {}).get("RetentionInDays", 9999) for name, group in resources.items()}
    known = {retention.name.replace("_", ""): days for retention, days in _RETENTION_DAYS.items()}
    assert written == known
